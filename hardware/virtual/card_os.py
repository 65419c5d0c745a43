"""A social security card in software: ISO 7816-4 commands over SSSE, EF05 and EF06 (card.md 1 and 2)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hardware.card.elements import EF06, READ_KEY, Generation
from hardware.card.status_word import StatusWord
from hardware.crypto.card_cipher import CardAlgorithm, auth_data
from hardware.virtual.card_files import answer_to_reset, write_files
from hardware.virtual.profiles import CardProfile, CardTrait, Holder
from hardware.virtual.training_keys import KeyRole, training_card_key

_CLASSES = (0x00, 0x04, 0x80, 0x84)
_MASTER_FILE = b"\x3f\x00"
_TRIES = 6


class CardSilent(Exception):
    """The card gives no answer any more: torn out or dead."""


@dataclass(frozen=True)
class _Command:
    ins: int
    p1: int
    p2: int
    data: bytes
    le: int | None


@dataclass
class _Session:
    """What a reset clears."""

    selected: bool = False
    file: int | None = None
    challenge: bytes | None = None
    opened: bool = False
    waiting: bytes = b""
    """What GET RESPONSE will give."""


@dataclass
class VirtualCard:
    """One card. Not thread-safe: whoever powers it owns it. `delay` in seconds, added to every command."""

    profile: CardProfile
    delay: float = 0.0
    random: Callable[[int], bytes] = secrets.token_bytes
    _session: _Session = field(default_factory=_Session)
    _tries: int = _TRIES
    _pull_in: int | None = None
    _gone: bool = False

    def __post_init__(self) -> None:
        holder = self.profile.holder
        self._files = write_files(self.profile, holder) if holder is not None else None
        self._keys = _keys(self.profile, holder)

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

    def insert(self) -> None:
        """Put a torn card back, powered anew."""
        self._gone, self._pull_in = False, None
        self.reset()

    def reset(self) -> None:
        """Forget the security state, the selected file and the challenge."""
        self._session = _Session()

    def transmit(self, apdu: bytes) -> bytes:
        """Answer one command with data and status word; raises CardSilent once torn out or mute."""
        if self._pull_in is not None:
            self._gone = self._gone or self._pull_in <= 0
            self._pull_in -= 1
        if self._gone:
            raise CardSilent
        if self.delay:
            time.sleep(self.delay)
        data, status = self._answer(apdu)
        return data + status.to_bytes(2)

    def _answer(self, apdu: bytes) -> tuple[bytes, int]:
        if len(apdu) < 4:
            return b"", StatusWord.WRONG_LENGTH
        if apdu[0] not in _CLASSES:
            return b"", StatusWord.UNKNOWN_CLASS
        command = _parse(apdu)
        if command is None:
            return b"", StatusWord.WRONG_LENGTH
        handler = self._handlers().get(command.ins)
        if handler is None:
            return b"", StatusWord.UNKNOWN_INSTRUCTION
        waiting, self._session.waiting = self._session.waiting, b""
        if command.ins == 0xC0:
            self._session.waiting = waiting
        return handler(command)

    def _handlers(self) -> Mapping[int, Callable[[_Command], tuple[bytes, int]]]:
        return {
            0xA4: self._select,
            0xB2: self._read_record,
            0xB0: self._read_binary,
            0x84: self._get_challenge,
            0x88: self._internal_authenticate,
            0x82: self._external_authenticate,
            0xC0: self._get_response,
        }

    def _select(self, command: _Command) -> tuple[bytes, int]:
        session = self._session
        if command.p1 == 0x04 and command.data == self.profile.application:
            if not session.selected:
                self._session = session = _Session(selected=True)
            session.file = None
            return self._give(self._fci())
        if command.p1 == 0x00 and command.data in (b"", _MASTER_FILE):
            self._session = _Session()
            return b"", StatusWord.OK
        if command.p1 in (0x00, 0x02) and len(command.data) == 2 and command.data[0] == 0:
            if session.selected and self._files is not None and command.data[1] in self._files.records:
                session.file = command.data[1]
                return b"", StatusWord.OK
        elif command.p1 not in (0x00, 0x02, 0x04):
            return b"", StatusWord.WRONG_PARAMETERS
        return b"", StatusWord.FILE_NOT_FOUND

    def _fci(self) -> bytes:
        name = self.profile.application
        proprietary = bytes.fromhex("88011E")
        holder = self.profile.holder
        if holder is not None:
            proprietary += bytes.fromhex("9F0C038601" + holder.algorithm)
        body = b"\x84" + bytes([len(name)]) + name + b"\xa5" + bytes([len(proprietary)]) + proprietary
        return b"\x6f" + bytes([len(body)]) + body

    def _read_record(self, command: _Command) -> tuple[bytes, int]:
        found = self._records(command.p2 >> 3)
        if isinstance(found, int):
            return b"", found
        match command.p2 & 0b111:
            case 0b100:
                record = found.get(command.p1)
            case 0b101:
                record = b"".join(found[number] for number in sorted(found) if number >= command.p1) or None
            case 0b000:
                record = next((found[number] for number in sorted(found) if found[number][0] == command.p1), None)
            case _:
                return b"", StatusWord.WRONG_PARAMETERS
        if record is None:
            return b"", StatusWord.RECORD_NOT_FOUND
        if command.le == len(record) or (command.le == 256 and CardTrait.STRAIGHT in self.profile.traits):
            return record, StatusWord.OK
        return b"", 0x6C00 | len(record)

    def _records(self, sfi: int) -> Mapping[int, bytes] | int:
        session = self._session
        if not session.selected or self._files is None:
            return StatusWord.NO_CURRENT_FILE
        file = sfi or session.file
        if file is None:
            return StatusWord.NO_CURRENT_FILE
        records = self._files.records.get(file)
        if records is None:
            return StatusWord.FILE_NOT_FOUND
        session.file = file
        if file == EF06:
            if CardTrait.MUTE_EF06 in self.profile.traits:
                raise CardSilent
            if self._files.generation is Generation.THIRD and not session.opened:
                return StatusWord.SECURITY_NOT_SATISFIED
        return records

    def _read_binary(self, command: _Command) -> tuple[bytes, int]:
        found = self._records(command.p1 & 0x1F if command.p1 & 0x80 else 0)
        return b"", found if isinstance(found, int) else StatusWord.WRONG_FILE_TYPE

    def _get_challenge(self, command: _Command) -> tuple[bytes, int]:
        if command.le not in (4, 8, 16):
            return b"", StatusWord.WRONG_LENGTH
        self._session.challenge = self.random(command.le)
        return self._session.challenge, StatusWord.OK

    def _internal_authenticate(self, command: _Command) -> tuple[bytes, int]:
        if len(command.data) != 16:
            return b"", StatusWord.WRONG_LENGTH
        if not self._session.selected or self._keys is None:
            return b"", StatusWord.KEY_NOT_FOUND
        proof = self._keys.proof(KeyRole.INTERNAL, command.data[:8], command.data[8:])
        return self._give(proof)

    def _external_authenticate(self, command: _Command) -> tuple[bytes, int]:
        session = self._session
        challenge, session.challenge = session.challenge, None
        if len(command.data) != 16:
            return b"", StatusWord.WRONG_LENGTH
        if not session.selected or self._keys is None or command.p2 != READ_KEY:
            return b"", StatusWord.KEY_NOT_FOUND
        if self._tries == 0:
            return b"", StatusWord.METHOD_BLOCKED
        if challenge is None or len(challenge) != 8:
            return b"", StatusWord.REFERENCED_DATA_INVALID
        if not secrets.compare_digest(self._keys.proof(KeyRole.READ, challenge, command.data[8:]), command.data[:8]):
            self._tries -= 1
            return b"", 0x63C0 | self._tries
        self._tries = _TRIES
        session.opened = True
        return b"", StatusWord.OK

    def _get_response(self, command: _Command) -> tuple[bytes, int]:
        waiting = self._session.waiting
        if not waiting or command.le is None:
            return b"", StatusWord.UNSPECIFIED
        if command.le > len(waiting):
            return b"", 0x6C00 | len(waiting)
        data, self._session.waiting = waiting[: command.le], waiting[command.le :]
        left = len(self._session.waiting)
        return data, 0x6100 | left if left else StatusWord.OK

    def _give(self, data: bytes) -> tuple[bytes, int]:
        if CardTrait.STRAIGHT in self.profile.traits:
            return data, StatusWord.OK
        self._session.waiting = data
        return b"", 0x6100 | len(data)


@dataclass(frozen=True, repr=False)
class _Keys:
    algorithm: CardAlgorithm
    internal: bytes
    read: bytes

    def proof(self, role: KeyRole, process: bytes, original: bytes) -> bytes:
        key = self.internal if role is KeyRole.INTERNAL else self.read
        return auth_data(self.algorithm, key, process, original)


def _keys(profile: CardProfile, holder: Holder | None) -> _Keys | None:
    if holder is None:
        return None
    algorithm = CardAlgorithm(holder.algorithm)
    if CardTrait.WRONG_KEYS in profile.traits:
        return _Keys(algorithm, secrets.token_bytes(16), secrets.token_bytes(16))
    history = answer_to_reset(holder)[4:]
    internal, read = (training_card_key(role, algorithm, holder.region, history) for role in KeyRole)
    return _Keys(algorithm, internal, read)


def _parse(apdu: bytes) -> _Command | None:
    """Take a short APDU of any case apart; None when Lc and the length disagree."""
    _, ins, p1, p2 = apdu[:4]
    if len(apdu) == 4:
        return _Command(ins, p1, p2, b"", None)
    if len(apdu) == 5:
        return _Command(ins, p1, p2, b"", apdu[4] or 256)
    end = 5 + apdu[4]
    if len(apdu) == end:
        return _Command(ins, p1, p2, apdu[5:end], None)
    if len(apdu) == end + 1:
        return _Command(ins, p1, p2, apdu[5:end], apdu[end] or 256)
    return None
