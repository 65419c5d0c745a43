"""The files of a virtual card, written from its profile by the same table that the reader reads by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from hardware.card.elements import EF05, EF06, Element, ElementName, Encoding, Generation, elements_of, generation_of
from hardware.virtual.profiles import CardProfile, CardTrait, Holder, ProfileError

_CLASS_RECORD = bytes([0x02, 0x01]) + b"3"
_AGENCY_PREFIX = "9156000002"
_NAME_LENGTH = 0x1E
_BAD_NAME = bytes.fromhex("D6FFD6A0")


@dataclass(frozen=True)
class CardFiles:
    """Records by file and number, whole: tag, length, value."""

    generation: Generation
    records: Mapping[int, Mapping[int, bytes]]


def write_files(profile: CardProfile, holder: Holder) -> CardFiles:
    """Lay out EF05 and EF06 of a holder's card; raises ProfileError."""
    generation = generation_of(holder.version)
    if generation is None:
        raise ProfileError(f"{profile.name}: version")
    values = _values(profile, holder)
    basic = {element.records[generation]: _record(element, values) for element in elements_of(generation, EF05)}
    basic[2] = _CLASS_RECORD
    basic[4] = bytes([0x04, 0x0C]) + bytes.fromhex((_AGENCY_PREFIX + holder.region * 2 + "01").ljust(24, "F"))
    if CardTrait.BAD_TLV in profile.traits:
        basic[7] = basic[7][:1] + b"\x0c" + basic[7][2:]
    personal = {element.records[generation]: _record(element, values) for element in elements_of(generation, EF06)}
    return CardFiles(generation, {EF05: basic, EF06: personal})


def answer_to_reset(holder: Holder | None) -> bytes:
    """Build the ATR of a contact card: T=0, 13 historical bytes, region and serial among them (card.md 3)."""
    region, serial = (holder.region[:4], holder.card_id[16:24]) if holder is not None else ("0000", "00000001")
    return bytes.fromhex("3B6D0000" + "00814E4323" + "8697" + region + serial)


def _values(profile: CardProfile, holder: Holder) -> Mapping[ElementName, str | date | bytes]:
    name = _BAD_NAME if CardTrait.BAD_GBK in profile.traits else holder.name.encode("gb18030")
    return {
        ElementName.CARD_ID: holder.card_id,
        ElementName.VERSION: holder.version,
        ElementName.ISSUED: holder.issued,
        ElementName.EXPIRES: holder.expires,
        ElementName.CARD_NUMBER: holder.card_number,
        ElementName.CITIZEN_NUMBER: holder.citizen_number,
        ElementName.NAME: name[:_NAME_LENGTH],
        ElementName.NAME_EXTENSION: name[_NAME_LENGTH:],
        ElementName.SEX: holder.sex,
        ElementName.NATION: holder.nation,
        ElementName.BIRTHPLACE: holder.birthplace,
        ElementName.BIRTH_DATE: holder.birth_date,
    }


def _record(element: Element, values: Mapping[ElementName, str | date | bytes]) -> bytes:
    value = values[element.name]
    if isinstance(value, bytes):
        raw = value.ljust(element.length, b"\x00")
    elif isinstance(value, date):
        raw = bytes.fromhex(value.strftime("%Y%m%d"))
    elif element.encoding is Encoding.TEXT:
        raw = value.encode("gb18030").ljust(element.length, b"\x00")
    else:
        raw = bytes.fromhex(value.ljust(element.length * 2, "F"))
    if len(raw) != element.length:
        raise ProfileError(f"{element.name}: {len(raw)} bytes, {element.length} fit")
    return bytes([element.tag, element.length]) + raw
