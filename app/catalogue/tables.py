"""Reading TOML tables: files of a folder merged, a key given twice refused."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

import resources


class TableError(Exception):
    """A table of the program contradicts itself; names the file."""


def read_table(*parts: str) -> Mapping[str, object]:
    """Read one TOML file below `resources`."""
    with resources.path(*parts).open("rb") as file:
        return tomllib.load(file)


def read_folder(*parts: str) -> Mapping[str, object]:
    """Merge every TOML file of a folder below `resources`; raises TableError for a key given twice."""
    merged: dict[str, object] = {}
    for file in sorted(resources.path(*parts).glob("*.toml")):
        with file.open("rb") as stream:
            _merge(merged, tomllib.load(stream), file)
    return merged


def _merge(into: dict[str, object], new: Mapping[str, object], file: Path) -> None:
    for key, value in new.items():
        present = into.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            _merge(present, value, file)
        elif key in into:
            raise TableError(f"{file.name}: {key} is given twice")
        else:
            into[key] = value


def table(value: object, where: str) -> Mapping[str, object]:
    """Narrow a value of a table to a sub-table."""
    if not isinstance(value, dict):
        raise TableError(f"{where} is not a table")
    return value


def string(value: object, where: str) -> str:
    """Narrow a value of a table to a string."""
    if not isinstance(value, str):
        raise TableError(f"{where} is not a string")
    return value


def number(value: object, where: str) -> int:
    """Narrow a value of a table to a whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TableError(f"{where} is not a whole number")
    return value


def strings(value: object, where: str) -> tuple[str, ...]:
    """Narrow a value of a table to a list of strings."""
    if not isinstance(value, list):
        raise TableError(f"{where} is not a list")
    return tuple(string(item, where) for item in value)


def rows(value: object, where: str) -> tuple[Mapping[str, object], ...]:
    """Narrow a value of a table to an array of tables."""
    if not isinstance(value, list):
        raise TableError(f"{where} is not an array of tables")
    return tuple(table(item, where) for item in value)
