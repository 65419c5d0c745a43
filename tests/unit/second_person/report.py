"""The table of attacks on the second person's approval: tried, refused, audited; printed at the end of the run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest

from tests.bench.report import table

HEAD = ("attack on an approval", "tried", "refused", "audit rows", "let through")


@dataclass
class Counts:
    """How often what was tried, by the code it should be refused with."""

    tried: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    audited: Counter[str] = field(default_factory=Counter)

    def note(self, attack: str, refused: bool, audited: int) -> None:
        """Count one try."""
        self.tried[attack] += 1
        self.refused[attack] += refused
        self.audited[attack] += audited


COUNTS: pytest.StashKey[Counts] = pytest.StashKey()


def counts(config: pytest.Config) -> Counts:
    """Return the counts of this run."""
    return config.stash.setdefault(COUNTS, Counts())


def markdown(config: pytest.Config) -> str:
    """Return the table; nothing where nothing was tried."""
    found = counts(config)
    rows = [
        (attack, str(tried), str(found.refused[attack]), str(found.audited[attack]), str(tried - found.refused[attack]))
        for attack, tried in sorted(found.tried.items())
    ]
    return table(HEAD, rows) if rows else ""
