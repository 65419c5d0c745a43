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
    add = actions.add_parser("add", help="register a member of staff; asks for the password, or reads it from stdin")
    add_data_option(add)
    add.add_argument("staff_no")
    add.add_argument("--name", required=True)
    add.add_argument("--person", required=True, metavar="NUMBER", help="citizen number of the natural person")
    add.add_argument("--role", action="append", required=True, metavar="ROLE")
    add.add_argument("--hall", metavar="URL", help="hall database")
    add.set_defaults(run=_add)


def _add(namespace: argparse.Namespace) -> int:
    from app.catalogue import texts
    from app.domain.refusal import Refusal
    from app.services.staff_register import NewStaff, register_staff

    words = texts.load()
    roles = tuple(dict.fromkeys(namespace.role))
    new = NewStaff(namespace.staff_no, namespace.name, namespace.person, roles)
    refusal = new.wrong()
    if refusal is None:
        password = _password(words("verbs.staff.password"), words("verbs.staff.again"))
        refusal = (
            Refusal("STAFF-PASSWORDS-DIFFER")
            if password is None
            else register_staff(folder_of(namespace), namespace.training, namespace.hall, new, password)
        )
    if refusal is not None:
        print_refusal(refusal)
        return 2
    if namespace.json:
        print_json({"staff_no": new.staff_no, "roles": roles})
    else:
        print(words("verbs.staff.added", staff_no=new.staff_no))
    return 0


def _password(prompt: str, again: str) -> str | None:
    """Return the password: from a terminal unseen and twice, None when the two differ; else the first line of stdin."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    try:
        first = getpass.getpass(prompt)
        return first if getpass.getpass(again) == first else None
    except EOFError:
        return ""
