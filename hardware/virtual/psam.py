"""A PSAM in software: its public files, and session keys delivered from one, two or three levels (card.md 2.5).

Purchase and credit (class 80, 70 and 72) are answered 6D00.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hardware.card.elements import SSSE_NAME
from hardware.card.status_word import StatusWord
from hardware.crypto.card_cipher import USUAL_FACTORS, CardAlgorithm, diversify, mac, session_key
from hardware.virtual.chip import CardSilent
from hardware.virtual.command_apdu import Answer, CommandApdu, parse_command
from hardware.virtual.psam_profiles import PsamProfile
from hardware.virtual.training_keys import training_master

_KEY_DIRECTORY = bytes.fromhex("D15600000590")
_FACTOR = 8
_MAC_TYPE, _ENCRYPT_TYPE, _BOTH_TYPE = 6, 7, 8
_ENCRYPT, _ONE_MAC = 0x00, 0x05
_SERVES = {_ENCRYPT: (_ENCRYPT_TYPE, _BOTH_TYPE), _ONE_MAC: (_MAC_TYPE, _BOTH_TYPE)}
"""Types of session key by what 80FA is asked for in P1; the P1 of a MAC is that of bank PSAMs [L]."""


@dataclass(repr=False)
class _Delivered:
    """A session key, for one message."""

    algorithm: CardAlgorithm
    key_type: int
    session: bytes


@dataclass(repr=False)
class _Power:
    """What a reset clears."""

    file: int | None = None
    keys_selected: bool = False
    initialised: bool = False
    delivered: _Delivered | None = None
    waiting: bytes = b""


@dataclass
class VirtualPsam:
    """One PSAM; a VirtualChip. It holds the training province's keys for 3DES and for SM4."""

    profile: PsamProfile
    _power: _Power = field(default_factory=_Power, repr=False)
    _pull_in: int | None = None
    _gone: bool = False

    @property
    def atr(self) -> bytes:
        """Return the answer to reset: T=0 and 13 historical bytes."""
        return bytes.fromhex("3B6D0000" + "0081534D00" + "8697") + bytes.fromhex(self.profile.serial_number[-12:])

    @property
    def gone(self) -> bool:
        """Tell whether it was torn out."""
        return self._gone

    def pull_after(self, commands: int) -> None:
        """Tear it out when this many more commands were answered."""
        self._pull_in = commands

    def insert(self) -> None:
        """Put it back, powered anew."""
        self._gone, self._pull_in = False, None
        self.reset()

    def reset(self) -> None:
        """Forget the selected file and the session key."""
        self._power = _Power()

    def transmit(self, apdu: bytes) -> bytes:
        """Answer one command with data and status word; raises CardSilent once torn out."""
        if self._pull_in is not None:
            self._gone = self._gone or self._pull_in <= 0
            self._pull_in -= 1
        if self._gone:
            raise CardSilent
        data, status = self._answer(apdu)
        return data + status.to_bytes(2)

    def _answer(self, apdu: bytes) -> Answer:
        commands: Mapping[tuple[int, int], Callable[[CommandApdu], Answer]] = {
            (0x00, 0xA4): self._select,
            (0x00, 0xB0): self._read_binary,
            (0x00, 0xC0): self._get_response,
            (0xBF, 0xEC): self._initialise,
            (0xBF, 0xDE): self._deliver,
            (0x80, 0xFA): self._cipher,
        }
        command = parse_command(apdu) if len(apdu) >= 4 else None
        if command is None:
            return b"", StatusWord.WRONG_LENGTH
        handler = commands.get((command.cla, command.ins))
        if handler is not None:
            return handler(command)
        known = command.cla in {cla for cla, _ in commands}
        return b"", StatusWord.UNKNOWN_INSTRUCTION if known else StatusWord.UNKNOWN_CLASS

    def _select(self, command: CommandApdu) -> Answer:
        if command.p1 == 0x04 and command.data in (SSSE_NAME, _KEY_DIRECTORY):
            self._power = _Power(keys_selected=command.data == _KEY_DIRECTORY)
            return self._give(b"\x6f" + bytes([len(command.data) + 2, 0x84, len(command.data)]) + command.data)
        if command.p1 == 0x00 and command.data in (b"", b"\x3f\x00"):
            self._power = _Power()
            return b"", StatusWord.OK
        if command.p1 in (0x00, 0x02) and len(command.data) == 2 and command.data[1] in self._files():
            self._power.file = command.data[1]
            return b"", StatusWord.OK
        return b"", StatusWord.FILE_NOT_FOUND

    def _files(self) -> Mapping[int, bytes]:
        """Return the public files: issuer, serial number, version, type; terminal number; transaction number."""
        profile = self.profile
        public = b"\x01" + bytes.fromhex(profile.serial_number) + b"\x01\x01" + bytes(2)
        return {0x15: public, 0x16: bytes.fromhex(profile.terminal_number), 0x19: bytes.fromhex("00000001")}

    def _read_binary(self, command: CommandApdu) -> Answer:
        short = bool(command.p1 & 0x80)
        number = command.p1 & 0x1F if short else self._power.file
        if number is None:
            return b"", StatusWord.NO_CURRENT_FILE
        content = self._files().get(number)
        if content is None:
            return b"", StatusWord.FILE_NOT_FOUND
        left = content[command.p2 if short else command.p1 << 8 | command.p2 :]
        if not left:
            return b"", StatusWord.WRONG_OFFSET
        if command.le is None or command.le > len(left):
            return b"", 0x6C00 | len(left)
        return left[: command.le], StatusWord.OK

    def _initialise(self, command: CommandApdu) -> Answer:
        """Take the first byte of the card's 识别码."""
        if len(command.data) != 1:
            return b"", StatusWord.WRONG_LENGTH
        if not self._power.keys_selected:
            return b"", StatusWord.CONDITIONS_NOT_SATISFIED
        self._power.initialised, self._power.delivered = True, None
        return b"", StatusWord.OK

    def _deliver(self, command: CommandApdu) -> Answer:
        """Derive the card's key from factors card, city, province, and from it a session key for the random."""
        levels, key_type = command.p1 >> 5, command.p1 & 0x1F
        self._power.delivered = None
        if not self._power.initialised:
            return b"", StatusWord.CONDITIONS_NOT_SATISFIED
        if key_type not in (_MAC_TYPE, _ENCRYPT_TYPE, _BOTH_TYPE):
            return b"", StatusWord.NOT_SUPPORTED
        name = next((key for key, number in self.profile.keys.items() if number == command.p2), None)
        if name is None:
            return b"", StatusWord.KEY_NOT_FOUND
        if levels != self.profile.levels:
            return b"", StatusWord.WRONG_DATA
        factors, random = command.data[: levels * _FACTOR], command.data[levels * _FACTOR :]
        algorithm = next((one for one in CardAlgorithm if one.block == len(random)), None)
        if algorithm is None:
            return b"", StatusWord.WRONG_LENGTH
        key = self._held_key(name, algorithm)
        for at in range(len(factors) - _FACTOR, -1, -_FACTOR):
            key = diversify(algorithm, key, factors[at : at + _FACTOR])
        self._power.delivered = _Delivered(algorithm, key_type, session_key(algorithm, key, random))
        return b"", StatusWord.OK

    def _held_key(self, name: str, algorithm: CardAlgorithm) -> bytes:
        """Return the key that this PSAM was given: the province's, or what was derived of it for a region."""
        own = USUAL_FACTORS.of(self.profile.region, bytes(13))
        key = training_master(name, algorithm)
        for factor in (own.province, own.city)[: 3 - self.profile.levels]:
            key = diversify(algorithm, key, factor)
        return key

    def _cipher(self, command: CommandApdu) -> Answer:
        delivered, self._power.delivered = self._power.delivered, None
        if command.p2 or command.p1 not in _SERVES:
            return b"", StatusWord.WRONG_PARAMETERS
        if delivered is None or delivered.key_type not in _SERVES[command.p1]:
            return b"", StatusWord.CONDITIONS_NOT_SATISFIED
        algorithm, data = delivered.algorithm, command.data
        if command.p1 == _ONE_MAC:
            return self._give(mac(algorithm, delivered.session, data))
        if not data or len(data) % algorithm.block:
            return b"", StatusWord.WRONG_LENGTH
        # A single DES key is a two-key one of equal halves; one block of ECB is what a session key is made by, too.
        key = delivered.session * 2 if algorithm is CardAlgorithm.TRIPLE_DES else delivered.session
        blocks = range(0, len(data), algorithm.block)
        return self._give(b"".join(session_key(algorithm, key, data[at : at + algorithm.block]) for at in blocks))

    def _give(self, data: bytes) -> Answer:
        self._power.waiting = data
        return b"", 0x6100 | len(data)

    def _get_response(self, command: CommandApdu) -> Answer:
        waiting = self._power.waiting
        if not waiting or command.le is None:
            return b"", StatusWord.UNSPECIFIED
        if command.le > len(waiting):
            return b"", 0x6C00 | len(waiting)
        data, self._power.waiting = waiting[: command.le], waiting[command.le :]
        left = len(self._power.waiting)
        return data, 0x6100 | left if left else StatusWord.OK
