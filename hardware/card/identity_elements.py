"""The elements of EF05 and EF06 that say whose card it is, by the file map (card.md 1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from hardware.card.elements import EF05, EF06, ElementName, Generation
from hardware.card.file_map import SSSE, CardFile
from hardware.card.file_map_table import load_file_map

_TAGS: Mapping[int, Mapping[ElementName, int]] = {
    EF05: {
        # Where everything else stands hangs on the version.
        ElementName.VERSION: 0x03,
        ElementName.CARD_ID: 0x01,
        ElementName.ISSUED: 0x05,
        ElementName.EXPIRES: 0x06,
        ElementName.CARD_NUMBER: 0x07,
    },
    EF06: {
        ElementName.CITIZEN_NUMBER: 0x08,
        ElementName.NAME: 0x09,
        ElementName.NAME_EXTENSION: 0x4E,
        ElementName.SEX: 0x0A,
        ElementName.NATION: 0x0B,
        ElementName.BIRTHPLACE: 0x0C,
        ElementName.BIRTH_DATE: 0x0D,
    },
}


@dataclass(frozen=True)
class Element:
    """One element; `length` in bytes, `records` the record number in each generation that has it."""

    name: ElementName
    tag: int
    sfi: int
    records: Mapping[Generation, int]
    length: int


def identity_element(name: ElementName) -> Element:
    """Return an element by the name that `card read` prints."""
    return next(element for element in identity_elements() if element.name is name)


def elements_of(generation: Generation, sfi: int) -> tuple[Element, ...]:
    """Return the elements that a file of a generation holds, in the order they are read."""
    return tuple(element for element in identity_elements() if element.sfi == sfi and generation in element.records)


@cache
def identity_elements() -> tuple[Element, ...]:
    """Return all of them, in the order they are read."""
    files = load_file_map()
    return tuple(
        _element(files.file(f"{SSSE}EF{sfi:02X}"), name, tag)
        for sfi, tags in _TAGS.items()
        for name, tag in tags.items()
    )


def _element(file: CardFile, name: ElementName, tag: int) -> Element:
    described = file.element(tag)
    assert described is not None
    numbers = {generation: file.record_number(tag, generation) for generation in Generation}
    records = {generation: number for generation, number in numbers.items() if number is not None}
    return Element(name, tag, file.sfi, records, described.length)
