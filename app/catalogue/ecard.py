"""What an e-card may do by the state of its card, and what a holder can authorise: `resources/catalogue/ecard.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.catalogue.tables import TableError, read_table, string, table
from app.domain.ecard import EcardUse
from app.domain.states import SocialState

_FILE = "ecard.toml"


@dataclass(frozen=True)
class EcardRules:
    """The table; `items` are keys with their words."""

    uses: Mapping[SocialState, EcardUse]
    items: Mapping[str, str]

    def use(self, social: SocialState) -> EcardUse:
        """Return what the e-card of a card in this state may do; paused for a state without a line."""
        return self.uses.get(social, EcardUse.PAUSED)


def load() -> EcardRules:
    """Read the table; raises TableError for a state or a use that is none."""
    content = read_table("catalogue", _FILE)
    uses = table(content.get("use"), _FILE)
    items = table(content.get("items"), _FILE)
    try:
        read = {SocialState(state): EcardUse(string(use, _FILE)) for state, use in uses.items()}
    except ValueError as wrong:
        raise TableError(f"{_FILE}: {wrong}") from wrong
    return EcardRules(read, {key: string(words, _FILE) for key, words in items.items()})
