"""Acceptance numbers (办件编号): region, day, device, serial, such as 350102-20261122-K7QF2M-00317."""

from __future__ import annotations

from app.domain.digest import sm3_hex
from app.journal.book import Book, fact, next_number

# Crockford's base 32: without I, L, O and U a number can be read out and typed.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DEVICE_CHARACTERS = 6


def next_acceptance_no(book: Book, region: str, day: str) -> str:
    """Return the next number of a region (six digits) and an ISO day; the device part keeps windows apart offline."""
    serial = next_number(book, f"acceptance/{region}/{day}")
    return f"{region}-{day.replace('-', '')}-{device_part(fact(book, 'machine_id') or '')}-{serial:05d}"


def device_part(machine_id: str) -> str:
    """Return six characters (30 bits) that stand for a machine's journal."""
    number = int(sm3_hex(machine_id.encode())[:8], 16)
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in range(DEVICE_CHARACTERS))
