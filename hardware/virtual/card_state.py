"""What a card knows while it has power: selected files, what was proved, the random it gave; beside its memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hardware.card.elements import Generation
from hardware.card.file_map import SSSE, Access, Right
from hardware.card.file_map_table import load_key_ids
from hardware.crypto.card_cipher import CardAlgorithm
from hardware.virtual.bank_side import ADF, PSE
from hardware.virtual.card_keys import CardKeys
from hardware.virtual.card_memory import CardMemory, VirtualFile
from hardware.virtual.command_apdu import Answer
from hardware.virtual.profiles import CardProfile, CardTrait

PIN = "PIN"
_OF_THE_DIRECTORY = 0x80


@dataclass(repr=False)
class Session:
    """What a reset clears; `directory` None is the MF."""

    directory: str | None = None
    file: int | None = None
    record: int | None = None
    """Number of the current record, counted from 1."""
    challenge: bytes | None = None
    opened: set[str] = field(default_factory=set)
    """Keys that were proved in this directory, by name."""
    pin_verified: bool = False
    waiting: bytes = b""
    """What GET RESPONSE will give."""

    def take_challenge(self) -> bytes | None:
        """Return the random and forget it: it serves once, whatever comes of it."""
        challenge, self.challenge = self.challenge, None
        return challenge


@dataclass(repr=False)
class CardState:
    """One powered card, as its commands see it."""

    profile: CardProfile
    generation: Generation | None
    directories: tuple[str, ...]
    algorithm: CardAlgorithm
    keys: CardKeys
    memory: CardMemory
    random: Callable[[int], bytes]
    session: Session = field(default_factory=Session)

    @property
    def social(self) -> bool:
        """Tell whether SSSE or one of its directories is selected."""
        return self.session.directory not in (None, PSE, ADF)

    def key_named(self, key_id: int) -> str | None:
        """Return the name of the key that P2 means here; None where the card has none."""
        directory = self.session.directory
        if directory is None or not self.social:
            return None
        ids = load_key_ids()
        if key_id & _OF_THE_DIRECTORY:
            within = {} if directory == SSSE else {number: name + directory for name, number in ids.directory.items()}
        else:
            within = {
                ids.of(name): name for name in (*(key + SSSE for key in ids.ssse), *ids.ssse) if name in self.keys
            }
        name = within.get(key_id)
        return name if name in self.keys else None

    def messaging_key(self) -> str:
        """Return the name of the key of secure messaging in the current directory."""
        return f"STK{self.session.directory}"

    def allows(self, right: Right) -> bool:
        """Tell whether what a right asks for was shown; a card without a PIN asks for none."""
        pin = self.memory.pin is None or self.session.pin_verified
        key = right.key in self.session.opened
        match right.access:
            case Access.FREE:
                return True
            case Access.KEY:
                return key
            case Access.PIN:
                return pin
            case Access.PIN_OR_KEY:
                return pin or key
            case Access.PIN_AND_KEY:
                return pin and key
            case Access.NEVER:
                return False

    def file(self, sfi: int) -> VirtualFile | None:
        """Return a file of the current directory."""
        directory = self.session.directory
        return self.memory.files.get((directory, sfi)) if directory is not None else None

    def give(self, data: bytes) -> Answer:
        """Answer with data: kept for GET RESPONSE, or at once by a card that does so."""
        if CardTrait.STRAIGHT in self.profile.traits:
            return data, 0x9000
        self.session.waiting = data
        return b"", 0x6100 | len(data)
