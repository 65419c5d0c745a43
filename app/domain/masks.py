"""What of a personal value may be seen where no proof or purpose opens it."""

from __future__ import annotations


def mask_number(number: str) -> str:
    """Mask a citizen number: first six, last four (business.md 1.6)."""
    return number[:6] + "*" * (len(number) - 10) + number[-4:] if len(number) > 10 else "*" * len(number)


def mask_name(name: str) -> str:
    """Mask a name: the first code point stays."""
    return name[:1] + "*" * max(len(name) - 1, 1) if name else ""


def mask_card_number(card_number: str) -> str:
    """Mask a card number: first and last three stay (business.md 8)."""
    if len(card_number) <= 6:
        return "*" * len(card_number)
    return card_number[:1] + "*" * (len(card_number) - 4) + card_number[-3:]


def mask_account(account: str) -> str:
    """Mask a bank account: last four."""
    return "*" * max(len(account) - 4, 0) + account[-4:] if account else ""


def mask_card_id(card_id: str) -> str:
    """Mask a 卡识别码: the issuing region stays, the rest does not."""
    return card_id[:6] + "*" * max(len(card_id) - 6, 0)
