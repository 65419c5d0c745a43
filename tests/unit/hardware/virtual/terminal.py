"""A terminal with the training keys, at a virtual card without a reader in between."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.card.elements import SSSE_NAME
from hardware.card.file_map_table import load_file_map, load_key_ids
from hardware.crypto.card_cipher import CardAlgorithm
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.profiles import CardProfile, load_profile
from hardware.virtual.training_key_holder import TrainingKeyHolder

GENERATIONS = ("gen1", "gen1-ee", "gen2", "gen3", "gen3-3des")
SELECT = "00A404000F" + SSSE_NAME.hex()


@dataclass
class Terminal:
    """Commands in hexadecimal, answers too."""

    card: VirtualCard
    keys: TrainingKeyHolder
    pin: str

    def ask(self, *apdus: str) -> str:
        answer = b""
        for apdu in apdus:
            answer = self.card.transmit(bytes.fromhex(apdu))
        return answer.hex().upper()

    def select(self, directory: str = "SSSE") -> str:
        aid = load_file_map().directory(directory).aid
        return self.ask(f"00A40400{len(aid):02X}{aid.hex()}")

    def challenge(self, length: int = 8) -> bytes:
        return bytes.fromhex(self.ask(f"00840000{length:02X}")[:-4])

    def prove(self, key: str) -> str:
        challenge = self.challenge()
        return self.ask(f"008200{load_key_ids().of(key):02X}10{self.keys.prove(key, challenge).hex()}")

    def secured(self, header: str, key: str, plain: str = "", *, sealed: bool = False) -> str:
        challenge = self.challenge()
        data = bytes.fromhex(plain)
        if sealed:
            data = self.keys.seal(key, challenge, data)
        message = bytes.fromhex(header) + bytes([len(data) + 4]) + data
        return self.ask((message + self.keys.mac(key, challenge, message)).hex())

    def verify(self, digits: str) -> str:
        block = digits + "F" * (len(digits) % 2)
        return self.ask(f"00200000{len(block) // 2:02X}{block}")

    @property
    def tries(self) -> str:
        return self.ask("00200000")


def terminal(profile: str | CardProfile) -> Terminal:
    """Power a card and select SSSE."""
    loaded = load_profile(profile) if isinstance(profile, str) else profile
    card = VirtualCard(loaded)
    holder = loaded.holder
    keys = TrainingKeyHolder(CardAlgorithm(holder.algorithm), holder.region, card.atr[4:])
    made = Terminal(card, keys, loaded.chip.pin or "")
    made.ask(SELECT)
    return made
