"""What two natural persons look at before a command that needs both, and the second one's word for it."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.digest import sm3_hex
from app.domain.operation import canonical_json


@dataclass(frozen=True)
class Shown:
    """Exactly what both see: the command, what it is about, and every line as it stands on the screen."""

    command: str
    op_id: str
    lines: tuple[tuple[str, str, str], ...]
    """(label, what was, what will be)."""

    @property
    def digest(self) -> str:
        """Return the SM3 of its canonical JSON, 64 hex digits: what the second person signs."""
        shown = {"command": self.command, "op_id": self.op_id, "lines": [list(line) for line in self.lines]}
        return sm3_hex(canonical_json(shown).encode())


@dataclass(frozen=True)
class Approval:
    """A second person has signed; the journal has the row."""

    approval_id: str
    staff_no: str
    name: str
    person_id: str
    """The natural person who signed."""
    valid_s: float
    """Seconds for which it is good, counted from when it was given."""


@dataclass(frozen=True)
class Signed:
    """What was shown, and by which approval it was signed."""

    shown: Shown
    approval_id: str
