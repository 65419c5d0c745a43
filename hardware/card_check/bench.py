"""The card on the bench: commands as the cases write them, and a note of everything that is not as it should be."""

from __future__ import annotations

from dataclasses import dataclass, field

from hardware.card import apdu
from hardware.card.authentication import CardFacts
from hardware.card.file_map_table import load_file_map, load_key_ids
from hardware.card_check.ports import CheckMeans, KeyHolder
from hardware.ports import CardChannel

_RANDOM = 8
_MAC_LENGTH = 4


@dataclass
class CheckBench:
    """One card; `notes` are what the case at hand found wrong."""

    channel: CardChannel
    facts: CardFacts
    means: CheckMeans
    notes: list[str] = field(default_factory=list)

    def fresh(self) -> None:
        """Drop every security state and select SSSE, as each case begins; raises CardGone."""
        self.notes = []
        self.send("00A40000023F00")
        self.select("SSSE")

    def send(self, command: str | bytes) -> apdu.Response:
        """Send a command, in hexadecimal or bytes, with all that T=0 adds; raises CardGone."""
        raw = bytes.fromhex(command) if isinstance(command, str) else command
        return apdu.exchange(self.channel, raw)

    def bare(self, command: str) -> int:
        """Send a command without following 61xx and 6Cxx, and return its status word; raises CardGone."""
        return self.channel.transmit(bytes.fromhex(command))[1]

    def select(self, directory: str) -> apdu.Response:
        """Select a directory of the map by its name; raises CardGone."""
        return self.send(apdu.select_by_name(load_file_map().directory(directory).aid))

    def demand(self, holds: bool, what: str) -> None:
        """Note what does not hold."""
        if not holds:
            self.notes.append(what)

    def expect(self, step: str, status: int, *wanted: int) -> None:
        """Note a status word that is none of those wanted."""
        words = "/".join(f"{word:04X}" for word in wanted)
        self.demand(status in wanted, f"{step}: {status:04X}, {words} expected")

    def outcome(self) -> tuple[str, ...]:
        """Return what was noted."""
        return tuple(self.notes)

    def challenge(self) -> bytes:
        """Take a random of the card; what is no random is noted. Raises CardGone."""
        answer = self.send(apdu.get_challenge(_RANDOM))
        self.demand(answer.ok and len(answer.data) == _RANDOM, f"0084: {answer.status:04X}")
        return answer.data.ljust(_RANDOM, b"\x00")[:_RANDOM]

    def prove(self, keys: KeyHolder, key: str) -> int:
        """Show a key by EXTERNAL AUTHENTICATE and return the status word; raises CardGone."""
        proof = keys.prove(key, self.challenge())
        return self.send(apdu.external_authenticate(load_key_ids().of(key), proof[:8], proof[8:])).status

    def secured(self, keys: KeyHolder, key: str, header: str) -> int:
        """Send a header with nothing but a MAC, and return the status word; raises CardGone."""
        message = bytes.fromhex(header) + bytes([_MAC_LENGTH])
        return self.send(message + keys.mac(key, self.challenge(), message)).status
