"""How a hall's keyboard wedges are told from typing: the table `resources/catalogue/wedge.toml`."""

from __future__ import annotations

from collections.abc import Mapping

from app.catalogue.tables import TableError, number, read_table, string, strings
from hardware.scanners.wedge import Terminator, WedgeRule

_FILE = "wedge.toml"
FASTEST_TYPIST_MS = 120
_LEAST_SCAN = 4
_LONGEST_PAUSE_MS = 1000


def load() -> WedgeRule:
    """Read the table; raises TableError naming the key."""
    return rule_of(read_table("catalogue", _FILE))


def rule_of(cells: Mapping[str, object]) -> WedgeRule:
    """Type the table; a gap as long as people's, or a scan as short as a word, would take typing for scans."""
    gap, least = number(cells.get("longest_gap_ms"), _FILE), number(cells.get("least"), _FILE)
    pause = number(cells.get("longest_pause_ms"), _FILE)
    words = strings(cells.get("terminators"), _FILE)
    if not 0 < gap < FASTEST_TYPIST_MS:
        raise TableError(
            f"{_FILE}: longest_gap_ms is not between 0 and {FASTEST_TYPIST_MS}, which is how fast people type"
        )
    if not gap <= pause <= _LONGEST_PAUSE_MS:
        raise TableError(f"{_FILE}: longest_pause_ms is not between longest_gap_ms and {_LONGEST_PAUSE_MS}")
    if least < _LEAST_SCAN:
        raise TableError(f"{_FILE}: least is below {_LEAST_SCAN}")
    if not words or not set(words) <= set(Terminator):
        raise TableError(f"{_FILE}: terminators are some of {', '.join(Terminator)}")
    prefix, suffix = string(cells.get("prefix", ""), _FILE), string(cells.get("suffix", ""), _FILE)
    return WedgeRule(gap / 1000, pause / 1000, least, frozenset(Terminator(word) for word in words), prefix, suffix)
