"""`yikatong card` and its actions; `card read`: what the card in the reader says."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from app.catalogue import masks, regions, texts
from app.services.card_faults import undecodable
from app.verbs import card_check, card_dump, card_pin, card_plug
from app.verbs.card_in_reader import add_reader_option, card_in_reader, print_fault
from app.verbs.entry import Subparsers
from app.verbs.printing import print_json, print_refusal, print_table
from hardware.card.social_card import SocialCard
from hardware.ports import CardFault, CardFaultKind, ReaderState, ReaderStatus

_WITHOUT_CARD = {
    CardFaultKind.NO_SERVICE: ReaderState.NO_SERVICE,
    CardFaultKind.NO_READER: ReaderState.NO_READER,
    CardFaultKind.NO_CARD: ReaderState.EMPTY,
    CardFaultKind.PULLED: ReaderState.EMPTY,
    CardFaultKind.FOREIGN: ReaderState.FOREIGN,
}
_FIELDS = (
    "version",
    "region",
    "card_id",
    "card_number",
    "issued",
    "expires",
    "citizen_number",
    "name",
    "sex",
    "nation",
    "birthplace",
    "birth_date",
)
_HIDDEN = frozenset({"sex", "nation", "birthplace", "birth_date"})


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb and its actions."""
    parser = subparsers.add_parser("card", help="plug a virtual card; read, dump or check the one in the reader")
    actions = cast(Subparsers, parser.add_subparsers(dest="action", required=True, metavar="ACTION"))
    card_plug.add_parser(actions)
    read = actions.add_parser("read", help="read the card in the reader")
    add_reader_option(read)
    read.add_argument("--reveal", action="store_true", help="show personal data in clear")
    read.add_argument("--json", action="store_true")
    read.set_defaults(run=run_read)
    card_dump.add_parser(actions)
    card_check.add_parser(actions)
    card_pin.add_parser(actions)


@dataclass(frozen=True)
class _Seen:
    """What stood in the reader, and the card or why there is none."""

    status: ReaderStatus
    card: SocialCard | CardFault


def run_read(namespace: argparse.Namespace) -> int:
    """Read once; 2 when no card could be read, or not all that is written on it."""
    seen = _look(namespace.reader)
    card = seen.card if isinstance(seen.card, SocialCard) else None
    if namespace.json:
        print_json(_as_json(seen.status, card, reveal=namespace.reveal))
    elif card is not None:
        _print_card(seen.status, card, reveal=namespace.reveal)
    if isinstance(seen.card, CardFault):
        print_fault(seen.card, namespace.reader)
        return 2
    garbled = undecodable(seen.card.undecodable, texts.load())
    if garbled is not None:
        print_refusal(garbled)
        return 2
    return 0


def _look(reader: str | None) -> _Seen:
    from hardware.card.read_card import read_card

    with card_in_reader(reader) as found:
        card = found.use(lambda channel: read_card(channel, None))
        name = found.reader
    # What stands in the reader may have changed since: the state told is the one that belongs to the outcome.
    ready_or_not = _WITHOUT_CARD.get(card.kind) if isinstance(card, CardFault) else None
    state = ready_or_not or ReaderState.READY
    return _Seen(found.told.get(state, ReaderStatus(state, name)), card)


def _as_json(status: ReaderStatus, card: SocialCard | None, *, reveal: bool) -> Mapping[str, object]:
    return {
        "reader": status.reader,
        "state": status.state.value,
        "atr": status.atr.hex().upper() if status.atr else None,
        **_values(card, reveal=reveal),
        "locked": list(card.locked) if card is not None else [],
        "undecodable": list(card.undecodable) if card is not None else [],
    }


def _print_card(status: ReaderStatus, card: SocialCard, *, reveal: bool) -> None:
    word = texts.load()
    rows = [
        (word("verbs.card.field.reader"), status.reader or ""),
        (word("verbs.card.field.state"), word(f"verbs.card.state.{status.state.value}")),
        (word("verbs.card.field.atr"), status.atr.hex().upper() if status.atr else ""),
    ]
    for key, value in _values(card, reveal=reveal).items():
        shown = word("verbs.card.locked_value") if key in card.locked else value or ""
        if key == "region":
            shown = " ".join(part for part in (regions.load().name(card.region), shown) if part)
        rows.append((word(f"verbs.card.field.{key}"), shown))
    if card.undecodable:
        names = word("verbs.card.separator").join(word(f"verbs.card.field.{name}") for name in card.undecodable)
        rows.append((word("verbs.card.field.undecodable"), names))
    print_table([word("verbs.card.item"), word("verbs.card.value")], rows)


def _values(card: SocialCard | None, *, reveal: bool) -> Mapping[str, str | None]:
    if card is None:
        return dict.fromkeys(_FIELDS)
    hide = masks.load().hide
    values: dict[str, str | None] = {}
    for key in _FIELDS:
        found: str | date | None = getattr(card, key)
        text = found.isoformat() if isinstance(found, date) else found
        if text is not None and not reveal:
            text = _hidden(text) if key in _HIDDEN else hide(key, text)
        values[key] = text
    return values


def _hidden(text: str) -> str:
    return re.sub(r"[0-9A-Za-z]", "*", text)
