"""The commands of an SDT reader, and its answers' codes (card.md 6.1)."""

from __future__ import annotations

from enum import Enum, IntEnum


class Command(Enum):
    """Command and parameter byte."""

    SAM_STATUS = (0x11, 0xFF)
    SAM_ID = (0x12, 0xFF)
    FIND = (0x20, 0x01)
    SELECT = (0x20, 0x02)
    READ = (0x30, 0x01)
    READ_NEWEST_ADDRESS = (0x30, 0x03)
    READ_WITH_FINGERPRINT = (0x30, 0x10)


class Sw3(IntEnum):
    """The third status byte."""

    GOOD = 0x90
    FOUND = 0x9F
    CHECKSUM = 0x10
    LENGTH = 0x11
    COMMAND = 0x21
    UNKNOWN = 0x24
    AUTHENTICATION_1 = 0x31
    AUTHENTICATION_2 = 0x32
    AUTHENTICATION_3 = 0x33
    WRONG_CARD = 0x40
    READ_FAILED = 0x41
    RANDOM = 0x47
    SELF_TEST = 0x60
    NOT_AUTHORISED = 0x66
    FIND_FAILED = 0x80
    SELECT_FAILED = 0x81
    NO_CONTENT = 0x91
