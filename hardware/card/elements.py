"""Names of the application, its first two files, their elements and the generations of cards (card.md 1.1 to 1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum

SSSE_NAME = bytes.fromhex("7378312E73682EC9E7BBE1B1A3D5CF")
"""`sx1.sh.社会保障` in GBK, the name under which every social security card is selected."""

EF05 = 0x05
EF06 = 0x06


class Generation(Enum):
    """Generations whose files are laid out differently."""

    FIRST = 1
    SECOND = 2
    THIRD = 3


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
