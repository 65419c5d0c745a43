"""`yikatong staff add`: registers a member of staff of this hall; the password is asked for, never an argument."""

from __future__ import annotations

import argparse
import getpass
import sys

from app.verbs.data_option import add_data_option, folder_of
from app.verbs.entry import Subparsers
from app.verbs.printing import print_json, print_refusal


def add_parser(subparsers: Subparsers) -> None:
    """Declare the verb."""
    actions = subparsers.add_parser("staff", help="who may sign in").add_subparsers(required=True)
    add = actions.add_parser("add", help="register a member of staff")
    add_data_option(add)
    add.add_argument("staff_no")
    add.add_argument("--name", required=True)
    add.add_argument("--person", required=True, metavar="NUMBER", help="citizen number of the natural person")
    add.add_argument("--role", action="append", required=True, metavar="ROLE")
    add.add_argument("--hall", metavar="URL", help="hall database")
    add.set_defaults(run=_add)


def _add(namespace: argparse.Namespace) -> int:
    from app.catalogue import services, texts
    from app.domain.refusal import Refusal
    from app.services.offline_folder import add_staff

    words = texts.load()
    unknown = [role for role in namespace.role if role not in services.load().roles]
    if unknown:
        print_refusal(Refusal.of("INPUT-WRONG", detail=", ".join(unknown)))
        return 2
    prompt = words("verbs.staff.password")
    password = getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    roles = tuple(namespace.role)
    refusal = add_staff(
        folder_of(namespace), namespace.hall, namespace.staff_no, namespace.name, namespace.person, roles, password
    )
    if refusal is not None:
        print_refusal(refusal)
        return 2
    if namespace.json:
        print_json({"staff_no": namespace.staff_no, "roles": roles})
    else:
        print(words("verbs.staff.added", staff_no=namespace.staff_no))
    return 0
