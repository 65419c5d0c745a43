"""`yikatong outbox list|show|retry|export|drain`: what waits for the province, and what to do about it."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from pathlib import Path
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
    show = actions.add_parser("show", help="one operation with its history")
    retry = actions.add_parser("retry", help="make one operation due now")
    for one, run in ((show, _show), (retry, _retry)):
        one.add_argument("number", metavar="OP_ID", help="op_id, or the number on the receipt")
        add_data_option(one)
        one.set_defaults(run=run)
    export = actions.add_parser("export", help="everything unsent in a file that only the province can open")
    export.add_argument("--out", required=True, metavar="FILE")
    add_data_option(export)
    export.set_defaults(run=_export)
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


def _show(namespace: argparse.Namespace) -> int:
    from app.catalogue import masks, sentences, texts
    from app.domain.refusal import Refusal
    from app.services.outbox_by_verb import show_operation

    found = show_operation(folder_of(namespace), namespace.number)
    if isinstance(found, Refusal):
        print_refusal(found)
        return 2
    words, told, hide = texts.load(), sentences.load(), masks.load().hide
    for row in found.deliveries:
        reason = told.code(row.reason).text if row.reason else None
        action = told.code(found.next_action or f"OUTBOX-{row.state.upper()}").remedy
        shape = {
            **_shape(row),
            "person": hide("citizen_number", row.citizen_number or ""),
            "occurred_at": found.occurred_at.isoformat(),
            "clerk": found.clerk,
            "clock_doubtful": row.clock_doubtful,
            "next_try_in_s": row.next_try_in_s,
            "reason_text": reason,
            "next_action": action,
            "history": [vars(step) for step in found.history],
        }
        if namespace.json:
            print_json(shape)
            continue
        shown = {
            "acceptance_no": row.acceptance_no,
            "kind": words(f"services.{row.kind}"),
            "person": shape["person"],
            "occurred_at": shape["occurred_at"],
            "state": words(f"verbs.delivery.{row.state}"),
            "attempts": row.attempts,
            "reason": reason or "",
            "next_action": action,
        }
        if row.clock_doubtful:
            shown["clock"] = words("verbs.outbox.clock_doubtful")
        print_table(("", ""), [(words(f"verbs.outbox.{key}"), str(value)) for key, value in shown.items()])
        heads = [words(f"verbs.outbox.{key}") for key in ("at", "event", "actor", "result")]
        print_table(heads, [(step.at, step.event, step.actor, step.result) for step in found.history])
    return 0


def _retry(namespace: argparse.Namespace) -> int:
    from app.domain.refusal import Refusal
    from app.services.outbox_by_verb import retry_operation

    answer = retry_operation(folder_of(namespace), namespace.number)
    if isinstance(answer, Refusal):
        print_refusal(answer)
        return 2
    if namespace.json:
        print_json(answer)
    else:
        from app.catalogue import texts

        print(texts.load()("verbs.outbox.due", number=namespace.number))
    return 0


def _export(namespace: argparse.Namespace) -> int:
    from app.domain.refusal import Refusal
    from app.services.outbox_by_verb import export_outbox

    done = export_outbox(folder_of(namespace), Path(namespace.out))
    if isinstance(done, Refusal):
        print_refusal(done)
        return 2
    if namespace.json:
        print_json(vars(done))
    else:
        from app.catalogue import texts

        print(texts.load()("verbs.outbox.exported", file=done.file, operations=done.operations, sm3=done.sm3))
        if done.left_out:
            print(texts.load()("verbs.outbox.left_out", left_out=done.left_out))
    return 0


def _drain(namespace: argparse.Namespace) -> int:
    from app.domain.refusal import Refusal
    from app.services.control import ask
    from app.services.data_folder import is_held
    from app.services.offline_folder import drain
    from app.services.operator import operator_name

    folder = folder_of(namespace)
    deadline = time.monotonic() + namespace.timeout
    if is_held(folder):
        answer: Mapping[str, object] | Refusal = ask(
            folder, "drain", max(namespace.timeout, _LEAST_S), {"account": operator_name()}
        )
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
