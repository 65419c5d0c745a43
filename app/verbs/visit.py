"""`yikatong visit`: one whole visit without a window, in training only; prints a JSON line for each step."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.verbs.data_option import folder_of
from app.verbs.entry import Subparsers
from app.verbs.number_option import seconds
from app.verbs.printing import print_json, print_refusal

if TYPE_CHECKING:
    from app.domain.refusal import Refusal
    from app.services.counter import Counter
    from app.services.views import ReceiptView
    from app.services.visit_desk import VisitDesk

SERVICE_CODES = {"loss": "20", "formal-loss": "21", "release": "22", "intake": "90"}
SEEN = {"id_document": "resident_id"}
"""What the clerk of a played visit enters where the form leaves it to the clerk."""


def add_parser(subparsers: Subparsers) -> None:
    """Declare the verb."""
    visit = subparsers.add_parser("visit", help="play one visit without a window (training)")
    visit.add_argument("--data", metavar="DIR")
    visit.add_argument("--do", choices=sorted(SERVICE_CODES), default="loss")
    visit.add_argument("--staff", default="0317")
    visit.add_argument("--field", action="append", default=[], metavar="KEY=VALUE")
    visit.add_argument("--drain", type=seconds, default=0.0, metavar="S", help="wait for the outbox to empty")
    visit.add_argument("--json", action="store_true", help="nothing changes: every line is JSON")
    visit.set_defaults(run=_visit, training=True)


def _visit(namespace: argparse.Namespace) -> int:
    """Play the steps; the training password is read from standard input."""
    from app.domain.refusal import Refusal
    from app.journal.trouble import JournalRefused
    from app.services.counter import open_counter
    from app.services.events import EventBus
    from app.services.settings import load

    settings = load(folder_of(namespace), training=True, hall_url=None)
    counter = settings if isinstance(settings, Refusal) else open_counter(settings, EventBus())
    if isinstance(counter, Refusal):
        print_refusal(counter)
        return 2
    try:
        refusal = _play(counter, namespace)
    except JournalRefused as refused:
        refusal = refused.refusal
    finally:
        counter.close()
    if refusal is not None:
        print_refusal(refusal)
        return 2
    return 0


def _play(counter: Counter, namespace: argparse.Namespace) -> Refusal | None:
    from app.domain.refusal import Refusal

    desk = counter.desk
    actor = desk.sign_in(namespace.staff, sys.stdin.readline().rstrip("\n"))
    if isinstance(actor, Refusal):
        return actor
    _say("sign_in", staff_no=actor.staff_no, window=actor.window)
    if desk.in_hand.ticket is None:
        issued = desk.issue_number("A")
        if isinstance(issued, Refusal):
            return issued
        _say(
            "issue",
            number=issued.number,
            holder=issued.masked_name,
            priority=issued.priority,
            note=_code(issued.problem),
        )
        called = desk.call_next()
        if isinstance(called, Refusal):
            return called
    _say("call", number=desk.in_hand.ticket.number if desk.in_hand.ticket is not None else None)
    refused = _serve(desk, namespace)
    # A visit that was refused ends too: its number must not stay called at a window that nobody sits at.
    finished = desk.finish()
    if refused is not None or finished is not None:
        return refused or finished
    _say("finish")
    if namespace.drain:
        _say("drain", pending=counter.drain(namespace.drain))
    return None


def _serve(desk: VisitDesk, namespace: argparse.Namespace) -> Refusal | None:
    from app.domain.refusal import Refusal

    visit = desk.identify()
    if isinstance(visit, Refusal):
        return visit
    proof = visit.identity.card_proof
    _say("identify", offline=visit.offline, authenticated=proof.authenticated, note=_code(visit.notice))
    form = desk.open_form(SERVICE_CODES[namespace.do])
    if isinstance(form, Refusal):
        return form
    values = {field.key: field.value or SEEN.get(field.key, "") for field in form.fields}
    for pair in namespace.field:
        key, is_pair, value = pair.partition("=")
        if not is_pair or key not in values:
            return Refusal.of("INPUT-WRONG", detail=f"--field {key}")
        values[key] = value
    review = desk.make_review(values)
    if isinstance(review, Refusal):
        return review
    if isinstance(review, tuple):
        return review[0][1]
    accepted = desk.submit(review.digest)
    if isinstance(accepted, Refusal):
        return accepted
    _say("submit", op_id=accepted.op_id, state=accepted.state.value, reason=accepted.reason)
    printed = _printed(desk, accepted.op_id)
    if isinstance(printed, Refusal):
        return printed
    _say("receipt", job_id=printed.job_id, bytes=len(printed.pdf), printed=printed.state)
    return None


def _printed(desk: VisitDesk, op_id: str) -> ReceiptView | Refusal:
    """Print the receipt; written anew where the province's word came between writing and printing."""
    from app.domain.refusal import Refusal

    printed: ReceiptView | Refusal = Refusal("RECEIPT-STALE")
    while printed == Refusal("RECEIPT-STALE"):
        receipt = desk.receipt(op_id)
        printed = receipt if isinstance(receipt, Refusal) else desk.print_receipt(receipt)
    return printed


def _code(note: Refusal | None) -> str | None:
    return None if note is None else note.code


def _say(step: str, **values: object) -> None:
    line: Mapping[str, object] = {"step": step, **values}
    print_json(json.loads(json.dumps(line, default=str)))
    sys.stdout.flush()
