"""`yikatong VERB …`: finds the verb's module, and only that one is imported."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NoReturn, Protocol, cast

from app.domain.refusal import Refusal
from app.verbs.number_option import folder

VERBS: Mapping[str, str] = {
    "province": "app.verbs.province",
    "card": "app.verbs.card",
    "readers": "app.verbs.readers",
    "scan": "app.verbs.scan",
    "outbox": "app.verbs.outbox",
    "journal": "app.verbs.journal",
    "saga": "app.verbs.saga",
    "staff": "app.verbs.staff",
    "roles": "app.verbs.roles",
    "visit": "app.verbs.visit",
    "doctor": "app.verbs.doctor",
}
CHILDREN: Mapping[str, str] = {
    "_receipt-worker": "app.services.receipt_worker",
    "_driver-host": "hardware.readers.sscard.host",
}
"""What a frozen program starts of itself, having no `python -m`: modules with a `main()`, none of them in the help."""
FACES = ("counter", "kiosk", "board", "tour")

Face = Callable[[argparse.Namespace], int]


class Subparsers(Protocol):
    """The part of argparse's sub-parser action that a verb uses."""

    def add_parser(self, name: str, *, help: str | None = None) -> argparse.ArgumentParser:  # noqa: A002 - argparse's own name
        """Add one verb."""
        ...


class _VerbModule(Protocol):
    def add_parser(self, subparsers: Subparsers) -> None: ...


class _ChildModule(Protocol):
    def main(self) -> int: ...


class _OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line with a code, and exit code 2."""

    def error(self, message: str) -> NoReturn:
        from app.verbs.printing import print_refusal

        print_refusal(Refusal.of("INPUT-WRONG", detail=message))
        raise SystemExit(2)


def program_version() -> str:
    """Return the installed distribution's version."""
    try:
        return version("yikatong-counter")
    except PackageNotFoundError:
        return "0"


def main(argv: Sequence[str] | None = None, faces: Mapping[str, Face] | None = None) -> int:
    """Run one verb; faces (counter, kiosk, board, tour) are handed to the callables given."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    first = arguments[0] if arguments else ""
    if first in {*VERBS, *CHILDREN, *FACES}:
        from app.services.logs import start_logs

        start_logs()
    if first in CHILDREN:
        return cast(_ChildModule, import_module(CHILDREN[first])).main()
    namespace = parser_of(first, faces or {}).parse_args(arguments)
    run = cast(Callable[[argparse.Namespace], int], namespace.run)
    return run(namespace)


def parser_of(first: str, faces: Mapping[str, Face]) -> argparse.ArgumentParser:
    """Return the parser that a command line's first word needs; for a word that is no verb, that of all verbs."""
    parser = _OneLineParser(prog="yikatong")
    parser.add_argument("--version", action="version", version=f"yikatong {program_version()}")
    made = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=_OneLineParser)
    subparsers = cast(Subparsers, made)
    # A face does not wait for the modules of verbs.
    for verb in [first] if first in VERBS else [] if first in FACES else list(VERBS):
        cast(_VerbModule, import_module(VERBS[verb])).add_parser(subparsers)
    if first not in VERBS:
        _add_faces(subparsers, faces)
    return parser


def _add_faces(subparsers: Subparsers, faces: Mapping[str, Face]) -> None:
    for name in FACES:
        face = subparsers.add_parser(name, help=f"open the {name}" if name != "tour" else "play one visit")
        face.set_defaults(run=faces.get(name, _no_face))
        face.add_argument("--json", action="store_true", help="print how it ended as JSON")
        if name == "tour":
            face.add_argument("--out", type=folder, required=True, metavar="DIR")
            face.add_argument("--driver", type=Path, metavar="FILE", help="read cards by the tests' reader driver")
            continue
        face.add_argument("--training", action="store_true", help="fictional province, marked on screen and paper")
        face.add_argument("--data", metavar="DIR", help="data folder of this machine")
        face.add_argument("--hall", metavar="URL", help="hall database; without it a file in the data folder")


def _no_face(_namespace: argparse.Namespace) -> int:
    from app.verbs.printing import print_refusal

    print_refusal(Refusal("FACE-NOT-YET"))
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
