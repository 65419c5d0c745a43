"""`yikatong outbox list|drain`: what waits for the province, and sending it now."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.verbs.data_option import add_data_option, folder_of
from app.verbs.entry import Subparsers
from app.verbs.number_option import seconds
from app.verbs.printing import print_json, print_refusal, print_table

if TYPE_CHECKING:
    from app.domain.operation import OutboxRow

_LEAST_S = 1.0
"""A counter that works answers within this, in seconds."""


def add_parser(subparsers: Subparsers) -> None:
    """Declare the verb."""
    actions = subparsers.add_parser("outbox", help="what waits for the province").add_subparsers(required=True)
    listing = actions.add_parser("list", help="every delivery row")
    add_data_option(listing)
    listing.set_defaults(run=_list)
    drain = actions.add_parser("drain", help="send everything that waits")
    add_data_option(drain)
    drain.add_argument("--province", metavar="URL", help="the province's address, when no counter runs")
    drain.add_argument("--timeout", type=seconds, default=60.0, metavar="S")
    drain.set_defaults(run=_drain)


def _list(namespace: argparse.Namespace) -> int:
    from app.domain.refusal import Refusal
    from app.services.offline_folder import read_outbox

    rows = read_outbox(folder_of(namespace))
    if isinstance(rows, Refusal):
        print_refusal(rows)
        return 2
    if namespace.json:
        print_json([_shape(row) for row in rows])
        return 0
    from app.catalogue import sentences, texts

    words, told = texts.load(), sentences.load()
    heads = [words(f"verbs.outbox.{key}") for key in ("acceptance_no", "kind", "state", "attempts", "age", "reason")]
    lines = [
        (
            row.acceptance_no,
            words(f"services.{row.kind}"),
            words(f"verbs.delivery.{row.state}"),
            str(row.attempts),
            f"{row.age_s:.0f} s",
            told.code(row.reason).text if row.reason else "",
        )
        for row in rows
    ]
    print_table(heads, lines)
    return 0


def _shape(row: OutboxRow) -> Mapping[str, object]:
    return {
        "op_id": row.op_id,
        "kind": row.kind,
        "order_key": row.order_key,
        "destination": row.destination,
        "device_seq": row.device_seq,
        "state": row.state.value,
        "attempts": row.attempts,
        "age_s": round(row.age_s, 3),
        "reason": row.reason,
        "acceptance_no": row.acceptance_no,
    }


def _drain(namespace: argparse.Namespace) -> int:
    from app.domain.refusal import Refusal
    from app.services.control import ask
    from app.services.data_folder import is_held
    from app.services.offline_folder import drain

    folder = folder_of(namespace)
    deadline = time.monotonic() + namespace.timeout
    if is_held(folder):
        answer: Mapping[str, object] | Refusal = ask(folder, "drain", max(namespace.timeout, _LEAST_S))
        while not isinstance(answer, Refusal) and answer.get("pending") and time.monotonic() < deadline:
            time.sleep(0.2)
            answer = ask(folder, "outbox", max(deadline - time.monotonic(), _LEAST_S))
    else:
        answer = drain(folder, namespace.training, namespace.province, namespace.timeout)
    if isinstance(answer, Refusal):
        print_refusal(answer)
        return 2
    if namespace.json:
        print_json(answer)
    else:
        from app.catalogue import texts

        print(texts.load()("verbs.outbox.drained", pending=answer["pending"], tasks=answer["tasks"]))
    if answer["pending"]:
        print_refusal(Refusal.of("OUTBOX-LEFT", pending=answer["pending"]))
        return 2
    return 0
