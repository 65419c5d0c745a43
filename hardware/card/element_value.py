"""What an element's bytes mean, by its line in the map: plain, nested and cyclic values (card.md 1.2, 1.9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from hardware.card.decode import Undecodable, decode_date, decode_digits, decode_hex, decode_text, join_name
from hardware.card.elements import Generation
from hardware.card.file_map import CardFile, DataElement, Meaning, Part
from hardware.card.tlv import Malformed, parse_records

_MARK = 0xEE


@dataclass(frozen=True)
class OldMeaning:
    """A 1.0 value under a tag that 2.0 gave another meaning: it is not to be read as the new one."""


@dataclass(frozen=True)
class PartValue:
    """One part of a nested element or of a cyclic record."""

    name: str
    value: Plain


Plain = str | int | date | Undecodable | None
"""None is not written. Digits and hexadecimal are strings."""
Value = Plain | OldMeaning | tuple[PartValue, ...]

Place = tuple[int, int]
"""A tag, and which of its records, counted from 1."""


def decode_part(part: Part | DataElement, raw: bytes) -> Plain:
    """Return a plain value of any length; a number is big endian without sign, and wholly FF is not written."""
    match part.meaning:
        case Meaning.TEXT:
            return decode_text(raw)
        case Meaning.DATE:
            return decode_date(raw)
        case Meaning.DIGITS:
            return decode_digits(raw)
        case Meaning.NUMBER:
            return int.from_bytes(raw) if raw.strip(b"\xff") else None
        case Meaning.HEX:
            return decode_hex(raw)
        case Meaning.PARTS:
            raise ValueError(f"{part.name} has parts")


def decode_element(element: DataElement, raw: bytes, generation: Generation) -> Value:
    """Return the value of one record, `raw` without its tag and length."""
    written = _as_meant_now(element, raw) if generation is Generation.FIRST and element.remeant else raw
    if written is None:
        return OldMeaning()
    return _decode_nested(element, written) if element.meaning is Meaning.PARTS else decode_part(element, written)


def decode_cyclic(file: CardFile, raw: bytes) -> tuple[PartValue, ...] | Undecodable | None:
    """Return the parts of one record of a cyclic file; None for a record that was never written."""
    if not raw.strip(b"\xff"):
        return None
    if len(raw) != file.record_length:
        return Undecodable()
    values, at = [], 0
    for part in file.record:
        values.append(PartValue(part.name, decode_part(part, raw[at : at + part.length])))
        at += part.length
    return tuple(values)


def decode_file(file: CardFile, raw: Mapping[Place, bytes], generation: Generation) -> Mapping[Place, Value]:
    """Return the values of a record file.

    A text that goes on in another element is returned whole under its first tag, and the other is left out.
    """
    values: dict[Place, Value] = {}
    continued = {element.continued_by for element in file.elements}
    for place, written in raw.items():
        element = file.element(place[0])
        if element is None or element.tag in continued:
            continue
        if element.continued_by is not None:
            values[place] = decode_text(join_name(written, raw.get((element.continued_by, place[1]), b"")))
        elif generation is Generation.FIRST and not _judged_new(file, element, raw):
            values[place] = OldMeaning()
        else:
            values[place] = decode_element(element, written, generation)
    return values


def _judged_new(file: CardFile, element: DataElement, raw: Mapping[Place, bytes]) -> bool:
    judge = file.element(element.judged_by) if element.judged_by is not None else None
    if judge is None:
        return True
    verdict = raw.get((judge.tag, 1))
    return verdict is not None and _as_meant_now(judge, verdict) is not None


def _as_meant_now(element: DataElement, raw: bytes) -> bytes | None:
    """Return the part of a 1.0 record that follows the 2.0 meaning; None when it follows the old one.

    The old records were longer: a value of 2.0 stands at the left of one and nibbles E fill it up.
    """
    if len(raw) <= element.length:
        return raw
    return raw[: element.length] if raw[-1] == _MARK else None


def _decode_nested(element: DataElement, raw: bytes) -> tuple[PartValue, ...] | Undecodable | None:
    """Return every part of the template, those that are not there as None."""
    if not raw.strip(b"\xff"):
        return None
    records = parse_records(raw)
    if isinstance(records, Malformed):
        return Undecodable()
    found = {record.tag: record.value for record in records}
    return tuple(
        PartValue(part.name, decode_part(part, found[part.tag]) if part.tag in found else None)
        for part in element.parts
    )
