"""Bank account numbers of cards (AAE010): the check digit."""

from __future__ import annotations


def account_check_digit(digits: str) -> str:
    """Return the check digit of an account (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
