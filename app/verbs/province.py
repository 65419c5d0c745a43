"""`yikatong province serve|contract|import|check`: the training province, its wire, a sealed file, a real province."""

from __future__ import annotations

import argparse
import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.refusal import Refusal
from app.verbs.number_option import count, port
from app.verbs.province_check import add_check
from app.verbs.province_enrol import add_enrol

if TYPE_CHECKING:
    from app.training.server import Served
    from app.verbs.entry import Subparsers


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("province", help="serve the training province")
    parts = parser.add_subparsers(dest="part", required=True, metavar="PART")
    serve = parts.add_parser("serve", help="serve until SIGTERM or Ctrl+C")
    serve.add_argument("--port", type=port, required=True, metavar="N", help="0 takes a free port")
    serve.add_argument("--host", default="127.0.0.1", help="127.0.0.1 and nothing else")
    serve.add_argument("--data", metavar="DIR", help="folder of its data; without it they are gone at the end")
    serve.add_argument(
        "--seed", type=int, metavar="N", help="makes the fictional people; a filled folder keeps its own"
    )
    serve.add_argument("--holders", type=count, metavar="N", help="how many of them")
    serve.add_argument("--database", metavar="URL", help="postgresql://… instead of a SQLite file in the folder")
    serve.add_argument("--faults", metavar="FILE", help="scripted faults, a TOML file of [[fault]] tables")
    serve.add_argument("--with-parent", action="store_true", help="end when stdin closes")
    serve.add_argument("--json", action="store_true", help='print {"url", "secure_url", "authority"} when ready')
    serve.set_defaults(run=_serve)
    importing = parts.add_parser("import", help="have a training province open a sealed file")
    importing.add_argument("file", metavar="FILE")
    importing.add_argument("--province", required=True, metavar="URL", help="a training province that runs")
    importing.add_argument("--json", action="store_true", help="print what became of the operations")
    importing.set_defaults(run=_import)
    add_enrol(parts)
    add_check(parts)
    contract = parts.add_parser("contract", help="print the OpenAPI of /v1")
    contract.add_argument("--json", action="store_true", help="nothing changes: the contract is JSON")
    contract.set_defaults(run=_contract)


def _serve(namespace: argparse.Namespace) -> int:
    from app.training.seeding import DEFAULT_HOLDERS, DEFAULT_SEED
    from app.training.server import Serving, serve
    from app.verbs.printing import print_refusal

    def ready(served: Served) -> None:
        _announce(served, namespace.json)

    with _folder(namespace.data) as folder:
        refusal = serve(
            Serving(
                data_dir=folder,
                port=namespace.port,
                host=namespace.host,
                seed=DEFAULT_SEED if namespace.seed is None else namespace.seed,
                holders=DEFAULT_HOLDERS if namespace.holders is None else namespace.holders,
                with_parent=namespace.with_parent,
                database=namespace.database,
                faults=None if namespace.faults is None else Path(namespace.faults),
            ),
            ready,
        )
    if refusal is not None:
        print_refusal(refusal)
        return 2
    return 0


def _contract(_namespace: argparse.Namespace) -> int:
    from app.training.contract import contract_text

    print(contract_text(), end="")
    return 0


def _import(namespace: argparse.Namespace) -> int:
    from app.province.sealed_import import hand_in
    from app.verbs.printing import print_json, print_refusal

    answer = hand_in(Path(namespace.file), namespace.province)
    if isinstance(answer, Refusal):
        print_refusal(answer)
        return 2
    if namespace.json:
        print_json(answer)
    else:
        from app.catalogue import texts

        print(texts.load()("province.imported", **answer))
    return 0


def _announce(served: Served, as_json: bool) -> None:
    import json

    from app.catalogue import texts

    # Flushed at once: whoever started this waits for the line, and stdout is a pipe.
    if as_json:
        told = {"url": served.url, "secure_url": served.secure_url, "authority": str(served.authority)}
        print(json.dumps(told), flush=True)
    else:
        print(texts.load()("province.serving", url=served.url), flush=True)


@contextlib.contextmanager
def _folder(given: str | None) -> Iterator[Path]:
    if given is not None:
        yield Path(given)
        return
    with tempfile.TemporaryDirectory(prefix="yikatong-province-") as made:
        yield Path(made)
