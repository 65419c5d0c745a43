"""Which tone a state or a word of the province has: `resources/catalogue/tones.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.catalogue.tables import read_table, string, table
from ui.theme.tokens import Tone


@dataclass(frozen=True)
class ToneTable:
    """Tones by group and state."""

    groups: Mapping[str, Mapping[str, Tone]]

    def of(self, group: str, state: str) -> Tone:
        """Return a state's tone; one that no row names is information."""
        return self.groups.get(group, {}).get(state, Tone.INFO)


def load() -> ToneTable:
    """Load the table; raises ValueError for a tone that does not exist."""
    return ToneTable(
        {
            group: {
                state: Tone(string(tone, f"tones.toml: {group}.{state}")) for state, tone in table(row, group).items()
            }
            for group, row in read_table("catalogue", "tones.toml").items()
        }
    )
