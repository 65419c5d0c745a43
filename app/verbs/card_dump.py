"""`yikatong card dump`: every file of the card in the reader, masked unless revealed.

Keys and 社保密码 are at hand for a card of the training province only; of another card what is free is read.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from app.catalogue import masks, texts
from app.verbs.card_in_reader import add_reader_option, card_in_reader, print_fault
from app.verbs.entry import Subparsers
from app.verbs.printing import print_json, print_table
from hardware.card.authentication import CardFacts
from hardware.card.decode import Undecodable
from hardware.card.dump_card import FileDump
from hardware.card.element_value import OldMeaning, PartValue, Plain, Value, decode_cyclic, decode_file
from hardware.card.file_map import CardFile
from hardware.card.read_file import Closed, FileContents
from hardware.ports import CardFault

if TYPE_CHECKING:
    from hardware.card.elements import Generation
    from hardware.ports import CardChannel

_MASKS = {"SSSEEF05": {0x01: "card_id", 0x07: "card_number"}, "SSSEEF06": {0x08: "citizen_number", 0x09: "name"}}
"""Which values a mask of the catalogue covers."""
_OPEN = {"SSSEEF05": frozenset({0x02, 0x03, 0x04, 0x05, 0x06})}
"""Which values say nothing of a person; all others are hidden whole."""
_HIDDEN = "***"


def add_parser(actions: Subparsers) -> None:
    """Add the action."""
    dump = actions.add_parser("dump", help="read every file of the card in the reader")
    add_reader_option(dump)
    dump.add_argument("--reveal", action="store_true", help="show personal data in clear")
    dump.add_argument("--by-tag", action="store_true", help="read records by identifier, not by number")
    dump.add_argument("--json", action="store_true")
    dump.set_defaults(run=run_dump)


@dataclass(frozen=True)
class _Dumped:
    """A card and its files."""

    facts: CardFacts
    files: tuple[FileDump, ...]


@dataclass(frozen=True)
class _Line:
    """One value as it may be seen; `text` None is not written."""

    tag: str
    name: str
    text: str | None


def run_dump(namespace: argparse.Namespace) -> int:
    """Dump once; 2 when there is no card to dump, or a file of it is malformed."""
    with card_in_reader(namespace.reader) as card:
        dumped = card.use(lambda channel: _dump(channel, by_tag=namespace.by_tag))
        reader = card.reader
    if isinstance(dumped, CardFault):
        print_fault(dumped, namespace.reader)
        return 2
    if namespace.json:
        print_json(_as_json(reader, dumped, reveal=namespace.reveal))
    else:
        _print(dumped, reveal=namespace.reveal)
    malformed = [dump.outcome for dump in dumped.files if isinstance(dump.outcome, CardFault)]
    for fault in malformed:
        print_fault(fault, namespace.reader)
    return 2 if malformed else 0


def _dump(channel: CardChannel, *, by_tag: bool) -> _Dumped | CardFault:
    from hardware.card.dump_card import dump_card
    from hardware.card.file_map_table import load_file_map
    from hardware.card.read_card import recognize
    from hardware.card.read_file import By
    from hardware.virtual.training_card import training_card

    facts = recognize(channel)
    if isinstance(facts, CardFault):
        return facts
    known = training_card(channel, facts)
    keys, pin = (known.keys, known.pin) if known is not None else (None, None)
    by = By.TAG if by_tag else By.NUMBER
    return _Dumped(facts, dump_card(channel, load_file_map(), facts, keys, pin, by))


def _lines(contents: FileContents, generation: Generation, *, reveal: bool) -> Sequence[_Line]:
    file = contents.file
    lines = [
        _Line(f"{tag:02X}" + (f":{nth}" if nth > 1 else ""), _name(file, tag), _shown(file, tag, value, reveal=reveal))
        for (tag, nth), value in decode_file(file, contents.elements, generation).items()
    ]
    lines += [
        _Line(str(number), file.title, _shown(file, None, decode_cyclic(file, record), reveal=reveal))
        for number, record in enumerate(contents.records, 1)
    ]
    if contents.data:
        word = texts.load()
        length = word("verbs.card.dump.bytes", count=len(contents.data))
        lines.append(_Line("", file.title, contents.data.hex().upper() if reveal else length))
    return lines


def _name(file: CardFile, tag: int) -> str:
    element = file.element(tag)
    return element.name if element is not None else ""


def _shown(file: CardFile, tag: int | None, value: Value, *, reveal: bool) -> str | None:
    text = _text(value)
    if text is None or reveal or isinstance(value, Undecodable | OldMeaning):
        return text
    if tag is not None and tag in _OPEN.get(file.name, ()):
        return text
    field = _MASKS.get(file.name, {}).get(tag) if tag is not None else None
    return masks.load().hide(field, text) if field is not None else _HIDDEN


def _text(value: Value) -> str | None:
    word = texts.load()
    if isinstance(value, OldMeaning):
        return word("verbs.card.dump.old_meaning")
    if isinstance(value, tuple):
        return word("verbs.card.separator").join(_part(part) for part in value)
    return _plain(value)


def _part(part: PartValue) -> str:
    return f"{part.name} {_plain(part.value) or ''}".rstrip()


def _plain(value: Plain) -> str | None:
    if isinstance(value, Undecodable):
        return texts.load()("verbs.card.field.undecodable")
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None else str(value)


def _why(outcome: Closed | CardFault) -> str:
    word = texts.load()
    if isinstance(outcome, CardFault):
        return word("verbs.card.dump.malformed", detail=outcome.detail)
    reason = {0x6982: "locked", 0x6A82: "absent"}.get(outcome.status, "refused")
    return word(f"verbs.card.dump.{reason}", status=f"{outcome.status:04X}")


def _as_json(reader: str | None, dumped: _Dumped, *, reveal: bool) -> Mapping[str, object]:
    generation = dumped.facts.generation
    return {
        "reader": reader,
        "generation": generation.value,
        "algorithm": dumped.facts.algorithm,
        "files": [
            {
                "file": dump.file.name,
                "title": dump.file.title,
                "status": f"{dump.outcome.status:04X}" if isinstance(dump.outcome, Closed) else "9000",
                "malformed": dump.outcome.detail if isinstance(dump.outcome, CardFault) else None,
                "values": [
                    {"tag": line.tag, "name": line.name, "value": line.text}
                    for line in (
                        _lines(dump.outcome, generation, reveal=reveal)
                        if isinstance(dump.outcome, FileContents)
                        else ()
                    )
                ],
            }
            for dump in dumped.files
        ],
    }


def _print(dumped: _Dumped, *, reveal: bool) -> None:
    word = texts.load()
    rows: list[Sequence[str]] = []
    for dump in dumped.files:
        if not isinstance(dump.outcome, FileContents):
            rows.append((dump.file.name, "", dump.file.title, _why(dump.outcome)))
            continue
        lines = _lines(dump.outcome, dumped.facts.generation, reveal=reveal)
        rows += [(dump.file.name, line.tag, line.name, line.text or "") for line in lines]
        if not lines:
            rows.append((dump.file.name, "", dump.file.title, word("verbs.card.dump.empty")))
    print_table([word(f"verbs.card.dump.{head}") for head in ("file", "tag", "name", "value")], rows)
