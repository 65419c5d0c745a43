"""What a password of a member of staff must have: `resources/catalogue/staff_password.toml`."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalogue.tables import number, read_table
from app.domain.refusal import Refusal


@dataclass(frozen=True)
class PasswordRule:
    """How long and how mixed."""

    least: int
    """Code points."""
    kinds: int
    """How many of lower case, upper case, digits and other characters."""

    def check(self, password: str, staff_no: str) -> Refusal | None:
        """Judge a new password; one that holds the staff number is weak however long. Refuses STAFF-PASSWORD-WEAK."""
        kinds = {_kind(character) for character in password}
        if len(password) >= self.least and len(kinds) >= self.kinds and staff_no not in password:
            return None
        return Refusal.of("STAFF-PASSWORD-WEAK", least=self.least, kinds=self.kinds)


def load_password_rule() -> PasswordRule:
    """Load the rule; raises TableError."""
    rule = read_table("catalogue", "staff_password.toml")
    return PasswordRule(*(number(rule.get(key), f"staff_password.toml: {key}") for key in ("least", "kinds")))


def _kind(character: str) -> str:
    for kind, holds in (("digit", str.isdigit), ("lower", str.islower), ("upper", str.isupper)):
        if holds(character):
            return kind
    return "other"
