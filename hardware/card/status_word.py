"""Status words of LD/T 32.5 and what they say about the next command."""

from __future__ import annotations

from enum import IntEnum


class StatusWord(IntEnum):
    """Status words a conforming card returns (card.md 2.2); 61xx, 63Cx and 6Cxx are read by the functions below."""

    OK = 0x9000
    MEMORY_FAILURE = 0x6581
    WRONG_LENGTH = 0x6700
    WRONG_STATE = 0x6901
    WRONG_FILE_TYPE = 0x6981
    SECURITY_NOT_SATISFIED = 0x6982
    METHOD_BLOCKED = 0x6983
    REFERENCED_DATA_INVALID = 0x6984
    CONDITIONS_NOT_SATISFIED = 0x6985
    NO_CURRENT_FILE = 0x6986
    SECURE_MESSAGING_WRONG = 0x6988
    WRONG_DATA = 0x6A80
    NOT_SUPPORTED = 0x6A81
    FILE_NOT_FOUND = 0x6A82
    RECORD_NOT_FOUND = 0x6A83
    NO_SPACE = 0x6A84
    WRONG_PARAMETERS = 0x6A86
    KEY_NOT_FOUND = 0x6A88
    WRONG_OFFSET = 0x6B00
    UNKNOWN_INSTRUCTION = 0x6D00
    UNKNOWN_CLASS = 0x6E00
    UNSPECIFIED = 0x6F00
    APPLICATION_BLOCKED = 0x9303


def more_bytes(status: int) -> int | None:
    """Return how many bytes GET RESPONSE will give (61xx, 00 meaning 256), or None."""
    return ((status & 0xFF) or 256) if status >> 8 == 0x61 else None


def right_length(status: int) -> int | None:
    """Return the Le that the card wants instead (6Cxx, 00 meaning 256), or None."""
    return ((status & 0xFF) or 256) if status >> 8 == 0x6C else None


def tries_left(status: int) -> int | None:
    """Return the tries left after a wrong secret (63Cx), or None."""
    return status & 0x0F if status & 0xFFF0 == 0x63C0 else None
