"""`yikatong readers`: the card readers of this machine, and what stands in each."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.verbs.entry import Subparsers
from app.verbs.printing import print_json, print_refusal, print_table
from hardware.readers.reader_roles import ReaderRole

if TYPE_CHECKING:
    from hardware.readers.context import CardContext, Slot


@dataclass(frozen=True)
class _Reader:
    """One reader; `role` and `state` are words of `verbs.readers`."""

    name: str
    role: ReaderRole
    state: str
    atr: str


def add_parser(subparsers: Subparsers) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("readers", help="list the card readers and what stands in each")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(namespace: argparse.Namespace) -> int:
    """List once; 2 when there is no service or no reader."""
    from app.catalogue import readers, texts
    from app.domain.refusal import Refusal
    from app.services.card_faults import refusal_of
    from hardware.ports import CardGone
    from hardware.readers.reader_roles import role_of
    from hardware.readers.service import pcsc_context

    roles = readers.load()
    try:
        context = pcsc_context()
        try:
            found = [_reader(context, slot, role_of(slot.reader, roles)) for slot in context.slots()]
        finally:
            context.release()
    except CardGone as gone:
        print_refusal(refusal_of(gone.fault))
        return 2
    if namespace.json:
        print_json(
            [{"reader": one.name, "role": one.role, "state": one.state, "atr": one.atr or None} for one in found]
        )
    if not found:
        print_refusal(Refusal("READER-NONE"))
        return 2
    if not namespace.json:
        word = texts.load()
        rows = [
            (one.name, word(f"verbs.readers.role.{one.role}"), word(f"verbs.readers.{one.state}"), one.atr)
            for one in found
        ]
        heads = [word("verbs.readers.role_head"), *(word(f"verbs.card.field.{head}") for head in ("state", "atr"))]
        print_table([word("verbs.card.field.reader"), *heads], rows)
    return 0


def _reader(context: CardContext, slot: Slot, role: ReaderRole) -> _Reader:
    # What stays in, or is never ours, is not asked.
    asked = role in (ReaderRole.CONTACT, ReaderRole.CONTACTLESS)
    state = _state(context, slot) if asked else "present" if slot.present else "empty"
    return _Reader(slot.reader, role, state, slot.atr.hex().upper())


def _state(context: CardContext, slot: Slot) -> str:
    """Tell by SELECT what stands in a slot; a card that leaves meanwhile leaves it empty."""
    from hardware.card.read_card import is_social, select_ssse
    from hardware.ports import CardFaultKind, CardGone

    if not slot.present:
        return "empty"
    if slot.mute:
        return "mute"
    try:
        connection = context.connect(slot.reader)
        try:
            return "social" if is_social(select_ssse(connection)) else "other"
        finally:
            connection.close(reset=False)
    except CardGone as gone:
        match gone.fault.kind:
            case CardFaultKind.NO_SERVICE:
                raise
            case CardFaultKind.BUSY:
                return "busy"
            case CardFaultKind.MUTE | CardFaultKind.MALFORMED:
                return "mute"
            case _:
                return "empty"
