"""`yikatong province enrol`: this machine gets its certificate from the province.

The one-time code is asked for unseen, or is the first line of stdin; never an argument, which every account may read.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from app.verbs.data_option import add_data_option, folder_of

if TYPE_CHECKING:
    from app.verbs.entry import Subparsers


def add_enrol(parts: Subparsers) -> None:
    """Add the part."""
    enrol = parts.add_parser("enrol", help="get this machine's certificate with a one-time code of the province")
    add_data_option(enrol)
    enrol.set_defaults(run=_enrol)


def _enrol(namespace: argparse.Namespace) -> int:
    from app.catalogue import texts
    from app.domain.refusal import Refusal
    from app.services.folder_door import Place
    from app.services.line_enrolling import enrol_machine
    from app.verbs.printing import print_json, print_refusal

    words = texts.load()
    code = _asked(words("province.code"))
    done = enrol_machine(Place(folder_of(namespace), namespace.training), code)
    if isinstance(done, Refusal):
        print_refusal(done)
        return 2
    until = done.expires_at.date().isoformat()
    if namespace.json:
        print_json({"device": done.device, "key_id": done.key_id, "expires": until})
    else:
        print(words("province.enrolled", device=done.device, until=until))
    return 0


def _asked(prompt: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    try:
        return getpass.getpass(prompt).strip()
    except EOFError:
        return ""
