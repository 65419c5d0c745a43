"""`yikatong roles`: who may do what, every command and query × every role."""

from __future__ import annotations

import argparse

from app.verbs.entry import Subparsers
from app.verbs.printing import print_json, print_table


def add_parser(subparsers: Subparsers) -> None:
    """Declare the verb."""
    roles = subparsers.add_parser("roles", help="who may do what")
    roles.add_argument("--json", action="store_true")
    roles.set_defaults(run=_print)


def _print(namespace: argparse.Namespace) -> int:
    from app.catalogue import services, texts

    catalogue = services.load()
    matrix = catalogue.matrix
    if namespace.json:
        print_json({"commands": matrix.commands, "queries": matrix.queries})
        return 0
    words = texts.load()
    heads = [words("verbs.roles.what"), *(words(catalogue.roles[role].title) for role in matrix.roles)]
    marks = {True: "+", False: "-"}
    cells = {**matrix.commands, **matrix.queries}
    lines = [(name, *(marks[row[role]] for role in matrix.roles)) for name, row in cells.items()]
    print_table(heads, lines)
    return 0
