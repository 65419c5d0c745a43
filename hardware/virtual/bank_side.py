"""The bank's half of a card: its directory and one application, enough to be selected and told (JR/T 0025)."""

from __future__ import annotations

from collections.abc import Mapping

from hardware.card.file_map import Access, Right, Structure
from hardware.virtual.card_memory import VirtualFile

PSE = "PSE"
ADF = "ADF"
"""The debit application, A000000333010101."""
_DEBIT = bytes.fromhex("A000000333010101")
_FREE, _NEVER = Right(Access.FREE), Right(Access.NEVER)
_FICTIONAL_ACCOUNT = "6217000000000000000"


def bank_files(account: str | None) -> Mapping[tuple[str, int], VirtualFile]:
    """Return the directory, and a record with the account number (tag 5A, F-filled)."""
    digits = account or _FICTIONAL_ACCOUNT
    pan = bytes.fromhex(digits + "F" * (len(digits) % 2))
    return {
        (PSE, 0x01): _file(_tlv(0x70, _tlv(0x61, _tlv(0x4F, _DEBIT)))),
        (ADF, 0x01): _file(_tlv(0x70, _tlv(0x5A, pan))),
    }


def _file(record: bytes) -> VirtualFile:
    return VirtualFile(Structure.RECORD, _FREE, _NEVER, len(record), records=[record])


def _tlv(tag: int, value: bytes) -> bytes:
    return bytes([tag, len(value)]) + value
