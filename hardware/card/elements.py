"""The elements of EF05 and EF06 as data: tag, file, record by generation, type, length, meaning (card.md 1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

SSSE_NAME = bytes.fromhex("7378312E73682EC9E7BBE1B1A3D5CF")
"""`sx1.sh.社会保障` in GBK, the name under which every social security card is selected."""

EF05 = 0x05
EF06 = 0x06
READ_KEY = 0x0A
"""Key id of RKSSSE, the P2 of EXTERNAL AUTHENTICATE that opens EF06 of a 3.0 card (card.md 2.3)."""


class Generation(Enum):
    """Generations whose files are laid out differently."""

    FIRST = 1
    SECOND = 2
    THIRD = 3


class Encoding(Enum):
    """How a value is written (card.md 1.2)."""

    HEX = auto()
    """cn whose digits may be hexadecimal."""
    DIGITS = auto()
    """cn: BCD, left aligned, filled with F."""
    DATE = auto()
    """cn 04: YYYYMMDD."""
    TEXT = auto()
    """an: GBK, left aligned, filled with 00 or 20."""


class ElementName(StrEnum):
    """Names as `card read` prints them."""

    CARD_ID = "card_id"
    VERSION = "version"
    ISSUED = "issued"
    EXPIRES = "expires"
    CARD_NUMBER = "card_number"
    CITIZEN_NUMBER = "citizen_number"
    NAME = "name"
    NAME_EXTENSION = "name_extension"
    SEX = "sex"
    NATION = "nation"
    BIRTHPLACE = "birthplace"
    BIRTH_DATE = "birth_date"


@dataclass(frozen=True)
class Element:
    """One element; `length` in bytes, `records` the record number in each generation that has it."""

    name: ElementName
    tag: int
    sfi: int
    records: Mapping[Generation, int]
    encoding: Encoding
    length: int
    meaning: str


def _every(number: int) -> Mapping[Generation, int]:
    return dict.fromkeys(Generation, number)


def _moved(first: int, later: int) -> Mapping[Generation, int]:
    return {Generation.FIRST: first, Generation.SECOND: later, Generation.THIRD: later}


CARD_ID = Element(ElementName.CARD_ID, 0x01, EF05, _every(1), Encoding.HEX, 0x10, "卡的识别码")
VERSION = Element(ElementName.VERSION, 0x03, EF05, _every(3), Encoding.TEXT, 0x04, "规范版本")

ELEMENTS: tuple[Element, ...] = (
    VERSION,
    CARD_ID,
    Element(ElementName.ISSUED, 0x05, EF05, _every(5), Encoding.DATE, 0x04, "发卡日期"),
    Element(ElementName.EXPIRES, 0x06, EF05, _every(6), Encoding.DATE, 0x04, "卡有效期"),
    Element(ElementName.CARD_NUMBER, 0x07, EF05, _every(7), Encoding.TEXT, 0x09, "卡号"),
    Element(ElementName.CITIZEN_NUMBER, 0x08, EF06, _every(1), Encoding.TEXT, 0x12, "社会保障号码"),
    Element(ElementName.NAME, 0x09, EF06, _every(2), Encoding.TEXT, 0x1E, "姓名"),
    Element(
        ElementName.NAME_EXTENSION,
        0x4E,
        EF06,
        {Generation.SECOND: 3, Generation.THIRD: 3},
        Encoding.TEXT,
        0x14,
        "姓名扩展",
    ),
    Element(ElementName.SEX, 0x0A, EF06, _moved(3, 4), Encoding.TEXT, 0x01, "性别, GB/T 2261.1"),
    Element(ElementName.NATION, 0x0B, EF06, _moved(4, 5), Encoding.DIGITS, 0x01, "民族, GB/T 3304"),
    Element(ElementName.BIRTHPLACE, 0x0C, EF06, _moved(5, 6), Encoding.DIGITS, 0x03, "出生地, GB/T 2260"),
    Element(ElementName.BIRTH_DATE, 0x0D, EF06, _moved(6, 7), Encoding.DATE, 0x04, "出生日期"),
)

PROTECTED: tuple[str, ...] = (
    ElementName.CITIZEN_NUMBER,
    ElementName.NAME,
    ElementName.SEX,
    ElementName.NATION,
    ElementName.BIRTHPLACE,
    ElementName.BIRTH_DATE,
)
"""What a 3.0 card gives only after external authentication, by the names of `card read`."""

_GENERATIONS: Mapping[str, Generation] = {
    "": Generation.FIRST,
    "1": Generation.FIRST,
    "2": Generation.SECOND,
    "3": Generation.THIRD,
}


def generation_of(version: str) -> Generation | None:
    """Return the generation of a 规范版本 such as `2.00`; blank is 1.0 (seen in the field), None is unknown."""
    return _GENERATIONS.get(version[:1])


def elements_of(generation: Generation, sfi: int) -> tuple[Element, ...]:
    """Return the elements that a file of a generation holds, in the order they are read."""
    return tuple(element for element in ELEMENTS if element.sfi == sfi and generation in element.records)
