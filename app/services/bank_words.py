"""Where a holder rings the bank that issued the card."""

from __future__ import annotations

from app.catalogue.banks import Banks
from app.catalogue.texts import Texts
from app.domain.profile import Profile


def bank_line(profile: Profile, banks: Banks) -> str | None:
    """Return the bank's telephone line: as the province tells it, else by the bank's name; None for a bank unknown."""
    return profile.bank_line.strip() or banks.line(profile.bank_name)


def bank_words(line: str | None, texts: Texts) -> str:
    """Return words for the bank with its line, or for where its line stands."""
    return texts("services.bank_with_line", line=line) if line else texts("services.bank_on_card")
