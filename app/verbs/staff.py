"""`yikatong staff add`: registers a member of staff of this hall.

The person's number and the password, with `--by` the administrator's own too, are asked for unseen, or are the first
lines of stdin; never arguments, which every account of the machine may read.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from app.verbs.data_option import add_data_option, folder_of
from app.verbs.entry import Subparsers
from app.verbs.printing import print_json, print_refusal

if TYPE_CHECKING:
    from app.catalogue.texts import Texts
    from app.domain.refusal import Refusal
    from app.services.staff_register import Secrets


def add_parser(subparsers: Subparsers) -> None:
    """Declare the verb."""
    actions = subparsers.add_parser("staff", help="who may sign in").add_subparsers(required=True)
    add = actions.add_parser("add", help="register a member of staff; asks for number and password, or reads two lines")
    add_data_option(add)
    add.add_argument("staff_no")
    add.add_argument("--name", required=True)
    # Known only to be refused in words.
    add.add_argument("--person", help=argparse.SUPPRESS)
    add.add_argument("--role", action="append", required=True, metavar="ROLE")
    add.add_argument("--by", default="", metavar="NO", help="the administrator who registers, asked for the password")
    add.add_argument("--hall", metavar="URL", help="hall database")
    add.set_defaults(run=_add)


def _add(namespace: argparse.Namespace) -> int:
    from app.catalogue import texts
    from app.domain.refusal import Refusal
    from app.services.folder_door import Place
    from app.services.staff_register import NewStaff, Secrets, register_staff

    words = texts.load()
    roles = tuple(dict.fromkeys(namespace.role))
    new = NewStaff(namespace.staff_no, namespace.name, roles)
    refusal = new.wrong() if namespace.person is None else Refusal("STAFF-PERSON-SEEN")
    if refusal is None:
        secrets = _ask(words, bool(namespace.by))
        place = Place(folder_of(namespace), namespace.training, namespace.hall)
        refusal = register_staff(place, new, secrets, namespace.by) if isinstance(secrets, Secrets) else secrets
    if refusal is not None:
        print_refusal(refusal)
        return 2
    if namespace.json:
        print_json({"staff_no": new.staff_no, "roles": roles})
    else:
        print(words("verbs.staff.added", staff_no=new.staff_no))
    return 0


def _ask(words: Texts, by_administrator: bool) -> Secrets | Refusal:
    """Ask at a terminal unseen, the new password twice; else read lines of stdin, the administrator's password last."""
    from app.domain.refusal import Refusal
    from app.services.staff_register import Secrets, wrong_person

    if not sys.stdin.isatty():
        return Secrets(*(sys.stdin.readline().rstrip("\n") for _ in range(3 if by_administrator else 2)))
    try:
        number = getpass.getpass(words("verbs.staff.person")).strip()
        wrong = wrong_person(number)
        if wrong is not None:
            return wrong
        password = getpass.getpass(words("verbs.staff.password"))
        same = getpass.getpass(words("verbs.staff.again")) == password
        by = getpass.getpass(words("verbs.staff.by")) if by_administrator and same else ""
    except EOFError:
        return Secrets("", "")
    return Secrets(number, password, by) if same else Refusal("STAFF-PASSWORDS-DIFFER")
