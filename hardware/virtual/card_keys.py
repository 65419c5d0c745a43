"""The key files of a virtual card: which keys it has, by name, each derived when it is first asked for."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from hardware.card.file_map import SSSE
from hardware.card.file_map_table import load_file_map
from hardware.crypto.card_cipher import CardAlgorithm
from hardware.virtual.card_files import CardFiles, answer_to_reset
from hardware.virtual.profiles import CardProfile, CardTrait
from hardware.virtual.training_keys import named_card_key


@dataclass(repr=False)
class CardKeys:
    """Keys of 16 bytes each: `IRK`, `RKSSSE`, `UK1DF01`."""

    names: frozenset[str]
    _derive: Callable[[str], bytes]
    _derived: dict[str, bytes] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        """Tell whether the card has the key."""
        return name in self.names

    def __getitem__(self, name: str) -> bytes:
        """Return a key that the card has; raises KeyError."""
        if name not in self.names:
            raise KeyError(name)
        if name not in self._derived:
            self._derived[name] = self._derive(name)
        return self._derived[name]


def card_keys(profile: CardProfile, algorithm: CardAlgorithm, files: CardFiles) -> CardKeys:
    """Return the training province's keys for a card; none without a holder, foreign ones by the profile's trait."""
    holder = profile.holder
    if holder is None:
        return CardKeys(frozenset(), lambda _: b"")
    names = frozenset(_key_names(files))
    if CardTrait.WRONG_KEYS in profile.traits:
        return CardKeys(names, lambda _: secrets.token_bytes(16))
    history = answer_to_reset(holder)[4:]
    return CardKeys(names, lambda name: named_card_key(name, algorithm, holder.region, history))


def _key_names(files: CardFiles) -> tuple[str, ...]:
    """Name the keys that this card's files and commands ask for."""
    held = [directory for directory in load_file_map().directories if directory.name in files.directories]
    asked = {
        right.key
        for directory in held
        for file in directory.files
        for right in (*file.read.values(), file.write)
        if right.key is not None
    }
    return ("IRK", "BK", "PUK", f"UK{SSSE}", *(f"STK{directory.name}" for directory in held), *asked)
