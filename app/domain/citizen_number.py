"""Citizen numbers: GB 11643 check digit, grouping and masking."""

from __future__ import annotations

from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


def check_digit(first17: str) -> str:
    """Return the check character of 17 digits (GB 11643, MOD 11-2)."""
    return _CHECK[sum(w * int(d) for w, d in zip(_WEIGHTS, first17, strict=True)) % 11]


def is_valid(number: str) -> bool:
    """Tell whether length, digits, birth date and check character agree; the region is not judged."""
    if len(number) != 18 or not number.isascii() or not number[:17].isdigit():
        return False
    return birth_date(number) is not None and check_digit(number[:17]) == number[17].upper()


def birth_date(number: str) -> date | None:
    """Return the birth date inside an 18-character number, or None."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def grouped(number: str) -> str:
    """Group an 18-character number 6-8-4 for reading."""
    return f"{number[:6]} {number[6:14]} {number[14:]}" if len(number) == 18 else number
