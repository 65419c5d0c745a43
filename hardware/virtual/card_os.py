"""A social security card in software: power, files, and every command of SSSE (card.md 1 and 2).

The medical money commands (class B0) are answered 6D00: their data are not stated where the others are.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hardware.card.status_word import StatusWord
from hardware.crypto.card_cipher import CardAlgorithm
from hardware.ports import Pin
from hardware.virtual import file_reading, file_writing, key_commands, pin_commands, selecting
from hardware.virtual.card_files import answer_to_reset, write_files
from hardware.virtual.card_keys import card_keys
from hardware.virtual.card_memory import CardMemory, PowerLost, TearMoment
from hardware.virtual.card_state import PIN, CardState, Session
from hardware.virtual.chip import CardSilent
from hardware.virtual.command_apdu import Answer, CommandApdu, parse_command
from hardware.virtual.permitted_answers import RIGHT_LENGTH, permits
from hardware.virtual.profiles import CardProfile

__all__ = ["CardSilent", "VirtualCard"]

_Handler = Callable[[CardState, CommandApdu], Answer]

_GET_RESPONSE, _SELECT = 0xC0, 0xA4
_PLAIN, _SECURED, _OWN, _OWN_SECURED, _MEDICAL = 0x00, 0x04, 0x80, 0x84, 0xB0


def _get_response(card: CardState, command: CommandApdu) -> Answer:
    if command.p1 or command.p2:
        return b"", StatusWord.WRONG_PARAMETERS
    waiting = card.session.waiting
    if not waiting or command.le is None:
        return b"", StatusWord.UNSPECIFIED
    if command.le > len(waiting):
        return b"", RIGHT_LENGTH | len(waiting)
    data, card.session.waiting = waiting[: command.le], waiting[command.le :]
    left = len(card.session.waiting)
    return data, 0x6100 | left if left else StatusWord.OK


_COMMANDS: Mapping[int, tuple[tuple[int, ...], _Handler]] = {
    _SELECT: ((_PLAIN,), selecting.select),
    0xB2: ((_PLAIN,), file_reading.read_record),
    0xB0: ((_PLAIN,), file_reading.read_binary),
    0xDC: ((_PLAIN, _SECURED), file_writing.update_record),
    0xD6: ((_PLAIN, _SECURED), file_writing.update_binary),
    0x84: ((_PLAIN,), key_commands.get_challenge),
    0x88: ((_PLAIN,), key_commands.internal_authenticate),
    0x82: ((_PLAIN,), key_commands.external_authenticate),
    0x20: ((_PLAIN,), pin_commands.verify),
    0x5E: ((_OWN,), pin_commands.change_pin),
    0x24: ((_OWN_SECURED,), pin_commands.pin_change_unblock),
    0x1E: ((_OWN_SECURED,), key_commands.application_block),
    0x16: ((_OWN_SECURED,), key_commands.card_block),
    _GET_RESPONSE: ((_PLAIN,), _get_response),
}
"""By instruction: the classes it is known in, and what carries it out."""


@dataclass
class VirtualCard:
    """One card; a VirtualChip. `delay` in seconds, added to every command."""

    profile: CardProfile
    delay: float = 0.0
    random: Callable[[int], bytes] = secrets.token_bytes
    _pull_in: int | None = None
    _gone: bool = False

    def __post_init__(self) -> None:
        self._state = _made(self.profile, self.random)

    @property
    def atr(self) -> bytes:
        """Return the answer to reset."""
        return answer_to_reset(self.profile.holder)

    @property
    def gone(self) -> bool:
        """Tell whether the card was torn out."""
        return self._gone

    def pull_after(self, commands: int) -> None:
        """Tear the card out when this many more commands were answered."""
        self._pull_in = commands

    def tear_write(self, writes: int, moment: TearMoment) -> None:
        """Tear the card out at the write after this many whole ones; counters are writes too."""
        self._state.memory.tear(writes, moment)

    def insert(self) -> None:
        """Put a torn card back, powered anew; what was written stays."""
        self._gone, self._pull_in = False, None
        self._state.memory.power_up()
        self.reset()

    def reset(self) -> None:
        """Forget the security state, the selected file and the challenge."""
        self._state.session = Session()

    def transmit(self, apdu: bytes) -> bytes:
        """Answer one command with data and status word; raises CardSilent once torn out or mute."""
        if self._pull_in is not None:
            self._gone = self._gone or self._pull_in <= 0
            self._pull_in -= 1
        if self._gone:
            raise CardSilent
        if self.delay:
            time.sleep(self.delay)
        try:
            data, status = self._answer(apdu)
        except PowerLost as lost:
            self._gone = True
            raise CardSilent from lost
        return data + status.to_bytes(2)

    def _answer(self, apdu: bytes) -> Answer:
        state = self._state
        if state.memory.card_blocked:
            return b"", StatusWord.NOT_SUPPORTED
        if len(apdu) < 4:
            return b"", StatusWord.WRONG_LENGTH
        classes, handler = _COMMANDS.get(apdu[1], ((), None))
        if handler is None or apdu[0] not in classes:
            unheard = apdu[0] not in (_PLAIN, _SECURED, _OWN, _OWN_SECURED, _MEDICAL)
            return b"", StatusWord.UNKNOWN_CLASS if unheard or handler is not None else StatusWord.UNKNOWN_INSTRUCTION
        command = parse_command(apdu)
        if command is None:
            told = permits(apdu[1], StatusWord.WRONG_LENGTH)
            return b"", StatusWord.WRONG_LENGTH if told else StatusWord.WRONG_PARAMETERS
        if state.memory.application_blocked and state.social and command.ins != _SELECT:
            return b"", StatusWord.APPLICATION_BLOCKED
        if command.ins != _GET_RESPONSE:
            state.session.waiting = b""
        return handler(state, command)


def _made(profile: CardProfile, random: Callable[[int], bytes]) -> CardState:
    files = write_files(profile)
    holder, chip = profile.holder, profile.chip
    algorithm = CardAlgorithm(holder.algorithm) if holder is not None else CardAlgorithm.TRIPLE_DES
    keys = card_keys(profile, algorithm, files)
    tries = {PIN: chip.pin_tries, **dict.fromkeys(keys.names, chip.key_tries)}
    pin = Pin(chip.pin).bcd if chip.pin is not None else None
    memory = CardMemory(dict(files.files), pin, tries, dict(tries), chip.torn_write)
    return CardState(profile, files.generation, files.directories, algorithm, keys, memory, random)
