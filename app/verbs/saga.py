"""`yikatong saga draw NAME`: a saga's table as a Mermaid flow chart."""

from __future__ import annotations

import argparse

from app.verbs.entry import Subparsers
from app.verbs.printing import print_json, print_refusal


def add_parser(subparsers: Subparsers) -> None:
    """Declare the verb."""
    actions = subparsers.add_parser("saga", help="steps in the world, as tables define them")
    draw = actions.add_subparsers(required=True).add_parser("draw", help="print a definition as Mermaid")
    draw.add_argument("name", metavar="NAME")
    draw.add_argument("--version", type=int, metavar="N", help="an older version; without it the current one")
    draw.add_argument("--json", action="store_true")
    draw.set_defaults(run=_draw)


def _draw(namespace: argparse.Namespace) -> int:
    from app.catalogue import sagas
    from app.catalogue.saga_drawing import mermaid
    from app.domain.refusal import Refusal

    known = sagas.load()
    versions = sorted(version for name, version in known.entries if name == namespace.name)
    wanted = namespace.version or max(versions, default=0)
    definition = known.version(namespace.name, wanted)
    if definition is None:
        print_refusal(Refusal.of("SAGA-UNKNOWN", name=namespace.name, known=", ".join(sorted(known.names))))
        return 2
    drawing = mermaid(definition)
    if namespace.json:
        print_json({"name": definition.name, "version": definition.version, "mermaid": drawing})
    else:
        print(drawing, end="")
    return 0
