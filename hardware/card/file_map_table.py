"""Reads file_map.toml and key_ids.toml, and refuses a table that contradicts itself."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeVar

from hardware.card.elements import Generation
from hardware.card.file_map import (
    Access,
    CardFile,
    DataElement,
    Directory,
    FileClass,
    FileMap,
    KeyIds,
    Kind,
    Meaning,
    Part,
    Right,
    Structure,
)

FILE_MAP = Path(__file__).with_name("file_map.toml")
KEY_IDS = Path(__file__).with_name("key_ids.toml")

_MEANT = {Kind.CN: Meaning.DIGITS, Kind.AN: Meaning.TEXT, Kind.B: Meaning.HEX, Kind.NESTED: Meaning.PARTS}
_DATE_LENGTH = 4
_HEAD = 2
"""Tag and length of a nested part."""

Row = Mapping[str, object]
Word = TypeVar("Word", bound=StrEnum)


class FileMapError(Exception):
    """A table that contradicts itself; names the file and what is wrong."""


@cache
def load_file_map() -> FileMap:
    """Return the map that comes with the program, read once; raises FileMapError."""
    return read_file_map(FILE_MAP)


@cache
def load_key_ids() -> KeyIds:
    """Return the key ids that come with the program, read once; raises FileMapError."""
    return read_key_ids(KEY_IDS)


def read_file_map(path: Path) -> FileMap:
    """Read the directories with their files; raises FileMapError."""
    table = _toml(path)
    files = [_file(row) for row in _rows(table, "file", "file_map")]
    names = [file.name for file in files]
    _demand(len(set(names)) == len(names), "a file is given twice")
    directories = []
    for name, row in _table(table, "directory", "file_map").items():
        cells = _narrow(row, name)
        aid = bytes.fromhex(_text(cells, "aid", name))
        held = tuple(file for file in files if file.directory == name)
        directories.append(Directory(name, aid, _text(cells, "title", name), held))
    strays = set(names) - {file.name for directory in directories for file in directory.files}
    _demand(not strays, f"no directory holds {sorted(strays)}")
    return FileMap(tuple(directories))


def read_key_ids(path: Path) -> KeyIds:
    """Read the key ids; raises FileMapError."""
    table = _toml(path)
    ssse, directory = ({key: _whole(row, key, name) for key in row} for name, row in _key_tables(table))
    _demand(all(number < 0x80 for number in ssse.values()), "a key of SSSE has bit 7")
    _demand(all(0x80 <= number < 0x100 for number in directory.values()), "a key of a directory has no bit 7")
    return KeyIds(ssse, directory)


def _key_tables(table: Row) -> Sequence[tuple[str, Row]]:
    return [(name, _table(table, name, "key_ids")) for name in ("SSSE", "directory")]


def _file(row: Row) -> CardFile:
    name = _text(row, "name", "file")
    structure = _word(Structure, row, "structure", name)
    file = CardFile(
        name=name,
        title=_text(row, "title", name),
        sfi=_whole(row, "sfi", name),
        structure=structure,
        file_class=_word(FileClass, row, "class", name),
        since=_since(row, name),
        read=_read(row, name),
        write=_right(row, "write", "write_key", name),
        elements=tuple(_element(cells, name) for cells in _rows(row, "elements", name)),
        record=tuple(_part(cells, name, tagged=False) for cells in _rows(row, "record", name)),
        least_records=_whole(row, "least_records", name, 0),
        length=_whole(row, "length", name, 0),
    )
    _demand(name[-2:] == f"{file.sfi:02X}" and 0 < file.sfi < 0x1F, f"{name}: sfi")
    tags = [element.tag for element in file.elements]
    _demand(len(set(tags)) == len(tags), f"{name}: a tag is given twice")
    _demand(bool(tags) == (structure is Structure.RECORD), f"{name}: elements")
    _demand(bool(file.record and file.least_records) == (structure is Structure.CYCLIC), f"{name}: records")
    _demand(bool(file.length) == (structure is Structure.TRANSPARENT), f"{name}: length")
    for element in file.elements:
        judge = element.judged_by if element.judged_by is not None else element.tag
        _demand(judge in tags, f"{name}: {element.tag:02X} is judged by an absent tag")
        _demand(element.continued_by in (None, *tags), f"{name}: {element.tag:02X} goes on in an absent tag")
    return file


def _read(row: Row, name: str) -> Mapping[Generation, Right]:
    usual = _right(row, "read", "read_key", name)
    third = _right(row, "read_third", "read_key", name) if "read_third" in row else usual
    return {Generation.FIRST: usual, Generation.SECOND: usual, Generation.THIRD: third}


def _right(row: Row, right: str, key: str, where: str) -> Right:
    access = _word(Access, row, right, where)
    return Right(access, _text(row, key, where) if access.needs_key else None)


def _element(row: Row, where: str) -> DataElement:
    tag = _whole(row, "tag", where)
    where = f"{where} {tag:02X}"
    own = _part(row, where, tagged=True)
    parts = tuple(_part(cells, where, tagged=True) for cells in _rows(row, "template", where))
    _demand(bool(parts) == (own.kind is Kind.NESTED), f"{where}: template")
    inner = sum(_HEAD + part.length for part in parts)
    _demand(not parts or inner == own.length, f"{where}: {inner} bytes in {own.length}")
    return DataElement(
        tag=tag,
        name=own.name,
        kind=own.kind,
        length=own.length,
        meaning=own.meaning,
        times=_whole(row, "times", where, 1),
        since=_since(row, where),
        parts=parts,
        continued_by=_optional(row, "continued_by", where),
        remeant=row.get("remeant", False) is True,
        judged_by=_optional(row, "judged_by", where),
    )


def _part(row: Row, where: str, *, tagged: bool) -> Part:
    tag = _whole(row, "tag", where) if tagged else None
    kind = _word(Kind, row, "type", where)
    meaning = _word(Meaning, row, "value", where) if "value" in row else _MEANT[kind]
    part = Part(tag, _text(row, "name", where), kind, _whole(row, "length", where), meaning)
    _demand(0 < part.length <= 0xFD and tag != 0, f"{where}: length or tag")
    _demand(meaning is not Meaning.DATE or (kind is Kind.CN and part.length == _DATE_LENGTH), f"{where}: date")
    _demand(meaning is not Meaning.NUMBER or kind is Kind.B, f"{where}: number")
    return part


def _since(row: Row, where: str) -> Generation:
    number = _whole(row, "since", where, Generation.FIRST.value)
    _demand(number in {generation.value for generation in Generation}, f"{where}: since")
    return Generation(number)


def _toml(path: Path) -> Row:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FileMapError(path.name) from error


def _narrow(value: object, where: str) -> Row:
    if not isinstance(value, dict):
        raise FileMapError(f"{where} is not a table")
    return value


def _table(row: Row, key: str, where: str) -> Row:
    return _narrow(row.get(key), f"{where}: {key}")


def _rows(row: Row, key: str, where: str) -> tuple[Row, ...]:
    value = row.get(key, [])
    if not isinstance(value, list):
        raise FileMapError(f"{where}: {key} is not an array")
    return tuple(_narrow(cells, f"{where}: {key}") for cells in value)


def _text(row: Row, key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value:
        raise FileMapError(f"{where}: {key}")
    return value


def _whole(row: Row, key: str, where: str, default: int | None = None) -> int:
    value = row.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise FileMapError(f"{where}: {key}")
    return value


def _optional(row: Row, key: str, where: str) -> int | None:
    return _whole(row, key, where) if key in row else None


def _word(words: type[Word], row: Row, key: str, where: str) -> Word:
    try:
        return words(_text(row, key, where))
    except ValueError as error:
        raise FileMapError(f"{where}: {key}") from error


def _demand(held: bool, what: str) -> None:
    if not held:
        raise FileMapError(what)
