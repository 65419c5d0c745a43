"""The files of a virtual card, written from its profile by the same map that the reader reads by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from hardware.card.elements import EF05, EF06, SSSE_NAME, Generation, generation_of
from hardware.card.file_map import SSSE, CardFile, DataElement, FileClass, Kind, Structure
from hardware.card.file_map_table import load_file_map
from hardware.virtual.bank_side import ADF, PSE, bank_files
from hardware.virtual.card_memory import VirtualFile
from hardware.virtual.chip_settings import ProfileError
from hardware.virtual.profiles import CardProfile, CardTrait, Holder

_AGENCY_PREFIX = "9156000002"
_NAME_LENGTH = 0x1E
_BAD_NAME = bytes.fromhex("D6FFD6A0")
_CARD_NUMBER_TAG = 0x07
_RAW = "hex:"


@dataclass(frozen=True)
class CardFiles:
    """A card's files by directory and short identifier; no directory of the social side without a holder."""

    generation: Generation | None
    directories: tuple[str, ...]
    files: Mapping[tuple[str, int], VirtualFile]


def write_files(profile: CardProfile) -> CardFiles:
    """Lay out every file of a card; raises ProfileError."""
    holder, chip = profile.holder, profile.chip
    if holder is None:
        return CardFiles(None, (PSE, ADF), bank_files(None))
    generation = generation_of(holder.version)
    if generation is None:
        raise ProfileError(f"{profile.name}: version")
    files: dict[tuple[str, int], VirtualFile] = {}
    basic = _basic_values(profile, holder)
    names = {file.name for file in load_file_map().files}
    strays = (chip.switched_on | set(chip.elements)) - names
    if strays:
        raise ProfileError(f"{profile.name}: {', '.join(sorted(strays))}")
    for file in load_file_map().files:
        if not _has(profile, generation, file):
            continue
        values = basic if file.directory == SSSE and file.sfi in (EF05, EF06) else {}
        written = {**values, **_own_values(profile, file)}
        files[file.directory, file.sfi] = _lay_out(profile, generation, file, written)
    directories = [directory.name for directory in load_file_map().directories]
    if generation is Generation.FIRST:
        directories.remove("DF07")
    bank = chip.bank_side if chip.bank_side is not None else generation is not Generation.FIRST
    if bank:
        files.update(bank_files(holder.province.bank_account))
        directories += [PSE, ADF]
    return CardFiles(generation, tuple(directories), files)


def answer_to_reset(holder: Holder | None) -> bytes:
    """Build the ATR of a contact card: T=0, 13 historical bytes, region and serial among them (card.md 3)."""
    region, serial = (holder.region[:4], holder.card_id[16:24]) if holder is not None else ("0000", "00000001")
    return bytes.fromhex("3B6D0000" + "00814E4323" + "8697" + region + serial)


def application_names(bank_only: bool) -> Mapping[str, bytes]:
    """Return the names by which SELECT finds each directory."""
    social = {directory.name: directory.aid for directory in load_file_map().directories}
    bank = {PSE: b"1PAY.SYS.DDF01", ADF: bytes.fromhex("A000000333010101")}
    return bank if bank_only else {**social, SSSE: SSSE_NAME, **bank}


def _has(profile: CardProfile, generation: Generation, file: CardFile) -> bool:
    old_enough = file.since.value <= generation.value
    return old_enough and (file.file_class is not FileClass.DEFINED or file.name in profile.chip.switched_on)


def _lay_out(profile: CardProfile, generation: Generation, file: CardFile, values: Mapping[int, bytes]) -> VirtualFile:
    read, write = file.read[generation], file.write
    match file.structure:
        case Structure.TRANSPARENT:
            content = next(iter(values.values()), b"").ljust(file.length, b"\xff")
            return VirtualFile(file.structure, read, write, len(content), content=content)
        case Structure.CYCLIC:
            records = [value.ljust(file.record_length, b"\x00") for value in values.values()]
            return VirtualFile(file.structure, read, write, file.least_records, file.record_length, records)
        case Structure.RECORD:
            records = []
            for element in file.elements_of(generation):
                value = values.get(element.tag, _unwritten(element))
                records += [bytes([element.tag, len(value)]) + value] * element.times
            if CardTrait.BAD_TLV in profile.traits and (file.directory, file.sfi) == (SSSE, EF05):
                records = [_wrong_length(record) if record[0] == _CARD_NUMBER_TAG else record for record in records]
            return VirtualFile(file.structure, read, write, sum(map(len, records)), records=records)


def _wrong_length(record: bytes) -> bytes:
    return record[:1] + bytes([record[1] + 3]) + record[2:]


def _unwritten(element: DataElement) -> bytes:
    if element.kind is Kind.NESTED:
        return b"".join(
            bytes([part.tag or 0, part.length]) + _filler(part.kind) * part.length for part in element.parts
        )
    return _filler(element.kind) * element.length


def _filler(kind: Kind) -> bytes:
    return b"\xff" if kind is Kind.CN else b"\x00"


def _own_values(profile: CardProfile, file: CardFile) -> Mapping[int, bytes]:
    found = {}
    for tag, value in profile.chip.elements.get(file.name, {}).items():
        if value.startswith(_RAW):
            try:
                found[tag] = bytes.fromhex(value.removeprefix(_RAW))
            except ValueError as error:
                raise ProfileError(f"{profile.name}: {file.name} {tag:02X}") from error
            continue
        element = file.element(tag)
        if element is None:
            raise ProfileError(f"{profile.name}: {file.name} {tag:02X}")
        found[tag] = _value(element, value)
    return found


def _basic_values(profile: CardProfile, holder: Holder) -> Mapping[int, bytes]:
    name = _BAD_NAME if CardTrait.BAD_GBK in profile.traits else holder.name.encode("gb18030")
    written: dict[int, str | date | bytes] = {
        0x01: holder.card_id,
        0x02: "3",
        0x03: holder.version,
        0x04: _AGENCY_PREFIX + holder.region * 2 + "01",
        0x05: holder.issued,
        0x06: holder.expires,
        0x07: holder.card_number,
        0x08: holder.citizen_number,
        0x09: name[:_NAME_LENGTH],
        0x4E: name[_NAME_LENGTH:],
        0x0A: holder.sex,
        0x0B: holder.nation,
        0x0C: holder.birthplace,
        0x0D: holder.birth_date,
    }
    elements = {
        element.tag: element for sfi in (EF05, EF06) for element in load_file_map().file(f"SSSEEF{sfi:02X}").elements
    }
    return {tag: _value(elements[tag], value) for tag, value in written.items()}


def _value(element: DataElement, value: str | date | bytes) -> bytes:
    if isinstance(value, date):
        raw = bytes.fromhex(value.strftime("%Y%m%d"))
    elif isinstance(value, bytes):
        raw = value.ljust(element.length, b"\x00")
    elif element.kind is Kind.CN:
        raw = bytes.fromhex(value.ljust(element.length * 2, "F"))
    else:
        raw = value.encode("gb18030").ljust(element.length, b"\x00")
    if len(raw) != element.length:
        raise ProfileError(f"element {element.tag:02X}: {len(raw)} bytes, {element.length} fit")
    return raw
