"""Reads a whole elementary file of the current directory: records by number or by tag, cyclic and transparent ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from hardware.card import apdu
from hardware.card.element_value import Place
from hardware.card.elements import Generation
from hardware.card.file_map import CardFile, DataElement, Structure
from hardware.card.status_word import StatusWord
from hardware.card.tlv import Malformed, Tlv, parse_record
from hardware.ports import CardChannel, CardFault, CardFaultKind

_HEAD = 2
_BLOCK = 0xF0
"""Bytes of one READ BINARY: below 256, for Le 00 only asks for the right length (card.md 2.1)."""
_MOST_RECORDS = 254


class By(Enum):
    """How records are named; by number the generation must be known."""

    NUMBER = auto()
    TAG = auto()


@dataclass(frozen=True)
class FileContents:
    """What a file holds, as written; one of the three, by its structure. Personal data."""

    file: CardFile
    elements: Mapping[Place, bytes] = field(default_factory=dict, repr=False)
    """Values without tag and length; a record that the card does not have is left out."""
    records: tuple[bytes, ...] = field(default=(), repr=False)
    """Cyclic records, the newest first."""
    data: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Closed:
    """A file that the card does not have or does not open, and the status word it said so with."""

    file: CardFile
    status: int


def read_file(
    channel: CardChannel, file: CardFile, generation: Generation, by: By = By.NUMBER
) -> FileContents | Closed | CardFault:
    """Read every element of a file in the directory at hand; raises CardGone.

    By number, a file whose records stand in another order than the map says is read by tag instead.
    """
    match file.structure:
        case Structure.RECORD if by is By.NUMBER:
            return _by_number(channel, file, generation)
        case Structure.RECORD:
            return _by_tag(channel, file, generation)
        case Structure.CYCLIC:
            return _cyclic(channel, file)
        case Structure.TRANSPARENT:
            return _transparent(channel, file)


def _by_number(channel: CardChannel, file: CardFile, generation: Generation) -> FileContents | Closed | CardFault:
    found: dict[Place, bytes] = {}
    number = 0
    for element in file.elements_of(generation):
        for occurrence in range(1, element.times + 1):
            number += 1
            answer = apdu.exchange(channel, apdu.read_record(file.sfi, number, element.length + _HEAD))
            if answer.status == StatusWord.RECORD_NOT_FOUND:
                continue
            if not answer.ok:
                return Closed(file, answer.status)
            record = _record(file, element, answer)
            if isinstance(record, CardFault):
                return record
            if record.tag != element.tag:
                return _by_tag(channel, file, generation)
            found[element.tag, occurrence] = record.value
    return FileContents(file, elements=found)


def _by_tag(channel: CardChannel, file: CardFile, generation: Generation) -> FileContents | Closed | CardFault:
    selected = apdu.exchange(channel, apdu.select_file(file.file_id))
    if not selected.ok:
        return Closed(file, selected.status)
    found: dict[Place, bytes] = {}
    for element in file.elements_of(generation):
        for occurrence in range(1, element.times + 1):
            command = apdu.read_by_tag(element.tag, element.length + _HEAD, following=occurrence > 1)
            answer = apdu.exchange(channel, command)
            if answer.status == StatusWord.RECORD_NOT_FOUND:
                break
            if not answer.ok:
                return Closed(file, answer.status)
            record = _record(file, element, answer)
            if isinstance(record, CardFault):
                return record
            if record.tag != element.tag:
                return CardFault(CardFaultKind.MALFORMED, f"{file.name} tag {element.tag:02X}")
            found[element.tag, occurrence] = record.value
    return FileContents(file, elements=found)


def _record(file: CardFile, element: DataElement, answer: apdu.Response) -> Tlv | CardFault:
    record = parse_record(answer.data)
    if isinstance(record, Malformed):
        return CardFault(CardFaultKind.MALFORMED, f"{file.name} tag {element.tag:02X}")
    return record


def _cyclic(channel: CardChannel, file: CardFile) -> FileContents | Closed:
    records: list[bytes] = []
    for number in range(1, _MOST_RECORDS + 1):
        answer = apdu.exchange(channel, apdu.read_record(file.sfi, number, file.record_length))
        if answer.status == StatusWord.RECORD_NOT_FOUND:
            break
        if not answer.ok:
            return Closed(file, answer.status)
        records.append(answer.data)
    return FileContents(file, records=tuple(records))


def _transparent(channel: CardChannel, file: CardFile) -> FileContents | Closed:
    """Read in blocks up to the map's length; a file that is shorter ends where the card says so."""
    data = b""
    while len(data) < file.length:
        sfi = 0 if data else file.sfi
        answer = apdu.exchange(channel, apdu.read_binary(len(data), min(_BLOCK, file.length - len(data)), sfi=sfi))
        if data and answer.status in (StatusWord.WRONG_OFFSET, StatusWord.WRONG_PARAMETERS):
            break
        if not answer.ok:
            return Closed(file, answer.status)
        if not answer.data:
            break
        data += answer.data
    return FileContents(file, data=data)
