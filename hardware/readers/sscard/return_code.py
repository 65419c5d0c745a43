"""What the functions return: zero, the interface's own negatives, or minus a card's status word (card.md 4.4)."""

from __future__ import annotations

from enum import IntEnum


class ReturnCode(IntEnum):
    """The interface's own codes that a program acts upon; all of them have a sentence in the catalogue."""

    GOOD = 0
    NO_CARD = -2
    PSAM_LEVEL_TOO_LOW = -24
    OTHER_CARD = -22
    NO_PSAM = -2201
    PSAM_WITHOUT_ALGORITHM = -2202
    PSAM_WITHOUT_READ_KEY = -2203
    FILE_NEEDS_NO_HSM = -2204
    CARD_HAS_NO_SUCH_KEY = -27272


NEEDS_HSM = frozenset(
    {
        ReturnCode.NO_PSAM,
        ReturnCode.PSAM_WITHOUT_ALGORITHM,
        ReturnCode.PSAM_WITHOUT_READ_KEY,
        ReturnCode.CARD_HAS_NO_SUCH_KEY,
        ReturnCode.PSAM_LEVEL_TOO_LOW,
    }
)
"""After these, and no other negative, the HSM set does what the PSAM could not: without a card it has nothing to do."""

_FIRST_WORD, _LAST_WORD = 0x6000, 0x9FFF


def status_word(number: int) -> int | None:
    """Return the status word that a negative stands for; None for the interface's own codes."""
    word = -number
    return word if _FIRST_WORD <= word <= _LAST_WORD and word & 0xF000 in (0x6000, 0x9000) else None


def tries_left(number: int) -> int | None:
    """Return how many tries of the 社保密码 are left, where a code says that: -25538 is 63C2, two."""
    word = status_word(number)
    return word & 0x0F if word is not None and word & 0xFFF0 == 0x63C0 else None
