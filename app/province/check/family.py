"""A family of checks: a letter, and its checks by number. A new family of the wire adds one to `families.FAMILIES`."""

from __future__ import annotations

from dataclasses import dataclass

from app.province.check.bench import Check


@dataclass(frozen=True)
class Case:
    """One check; `writes` says that it changes something at the province."""

    run: Check
    writes: bool = False


@dataclass(frozen=True)
class Family:
    """Checks that belong together, numbered from 1 behind the letter."""

    letter: str
    cases: tuple[Case, ...]

    def numbered(self) -> tuple[tuple[str, Case], ...]:
        """Return the checks with their numbers, `Q1`."""
        return tuple((f"{self.letter}{number}", case) for number, case in enumerate(self.cases, 1))
