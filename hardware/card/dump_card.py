"""Reads every file that a card has, directory by directory, and opens what keys and 社保密码 at hand can open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from hardware.card import apdu
from hardware.card.authentication import CardFacts
from hardware.card.elements import Generation
from hardware.card.file_map import Access, CardFile, Directory, FileMap, Right
from hardware.card.file_map_table import load_key_ids
from hardware.card.pin import PinDone, verify_pin
from hardware.card.read_file import By, Closed, FileContents, read_file
from hardware.ports import CardChannel, CardFault, Pin

_RANDOM = 8


class KeyProver(Protocol):
    """Whoever can show the card a key, such as an HSM."""

    def prove(self, key: str, challenge: bytes) -> bytes:
        """Return `鉴别数据8‖原始信息8` for a key's name such as `RK1DF01` and the card's random of 8 bytes."""
        ...


@dataclass(frozen=True)
class FileDump:
    """One file, and what it holds or why that is not known."""

    file: CardFile
    outcome: FileContents | Closed | CardFault


@dataclass
class _Opener:
    """What was shown to the directory at hand; leaving it makes the card forget."""

    channel: CardChannel
    keys: KeyProver | None
    pin: Pin | None
    shown: set[str] = field(default_factory=set)
    verified: bool = False

    def enter(self) -> None:
        self.shown, self.verified = set(), False

    def open(self, right: Right) -> None:
        """Show what a right asks for; whether that was enough is seen when the file is read."""
        if right.key is not None and self.keys is not None and right.key not in self.shown:
            self._show(right.key, self.keys)
        wants_pin = right.access in (Access.PIN, Access.PIN_AND_KEY) or (
            right.access is Access.PIN_OR_KEY and self.keys is None
        )
        if wants_pin and self.pin is not None and not self.verified:
            self.verified = verify_pin(self.channel, self.pin) is PinDone.DONE
            # A wrong one costs a try: never twice.
            self.pin = self.pin if self.verified else None

    def _show(self, key: str, keys: KeyProver) -> None:
        challenge = apdu.exchange(self.channel, apdu.get_challenge(_RANDOM))
        if challenge.ok and len(challenge.data) == _RANDOM:
            group = keys.prove(key, challenge.data)
            apdu.exchange(self.channel, apdu.external_authenticate(load_key_ids().of(key), group[:8], group[8:]))
        self.shown.add(key)


def dump_card(
    channel: CardChannel,
    files: FileMap,
    facts: CardFacts,
    keys: KeyProver | None = None,
    pin: Pin | None = None,
    by: By = By.NUMBER,
) -> tuple[FileDump, ...]:
    """Read the files that the card's generation has; raises CardGone.

    Each key is shown once a directory, for a proof that fails costs a try. A wrong 社保密码 is tried once.
    """
    opener = _Opener(channel, keys, pin)
    found: list[FileDump] = []
    for directory in files.directories:
        held = tuple(file for file in directory.files if file.since.value <= facts.generation.value)
        if held:
            found += _dump_directory(opener, directory, held, facts.generation, by)
    return tuple(found)


def _dump_directory(
    opener: _Opener, directory: Directory, held: tuple[CardFile, ...], generation: Generation, by: By
) -> list[FileDump]:
    selected = apdu.exchange(opener.channel, apdu.select_by_name(directory.aid))
    if not selected.ok:
        return [FileDump(file, Closed(file, selected.status)) for file in held]
    opener.enter()
    found = []
    for file in held:
        opener.open(file.read[generation])
        found.append(FileDump(file, read_file(opener.channel, file, generation, by)))
    return found
