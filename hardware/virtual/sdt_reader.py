"""A resident ID reader that speaks SDT frames: bytes in, bytes out, with fictional cards laid on it and taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hardware.resident_id.command import Command, Sw3
from hardware.resident_id.frame import FrameFault, SdtAnswer, encode_answer, take_content
from hardware.resident_id.text_block import LAYOUTS, LENGTH, IdField, IdKind

_PHOTO_LENGTH = 1024
_ADDRESS_LENGTH = 70
_SAM_ID = bytes(range(16))
_COMMANDS = {command.value: command for command in Command}
_BARE = {Command.FIND: bytes(4), Command.SELECT: bytes(8)}


class SdtTrait(StrEnum):
    """What goes wrong with the next answer."""

    SILENT = "silent"
    NOISE_BEFORE = "noise_before"
    BAD_CHECKSUM = "bad_checksum"
    HALF = "half"
    NO_FRAME = "no_frame"


def text_block(kind: IdKind, texts: Mapping[IdField, str]) -> bytes:
    """Write a text block by its layout: UTF-16LE, filled with spaces."""
    block = bytearray(" ".encode("utf-16-le") * (LENGTH // 2))
    for place in LAYOUTS[kind]:
        raw = texts.get(place.field, "").encode("utf-16-le")
        more, room = place.continued
        first, rest = raw[: place.length], raw[place.length : place.length + room]
        block[place.offset : place.offset + len(first)] = first
        block[more : more + len(rest)] = rest
    flag = kind.value.encode("utf-16-le")
    block[248 : 248 + len(flag)] = flag
    return bytes(block)


@dataclass(frozen=True)
class IdCard:
    """A card as it lies on the reader."""

    text: bytes = field(repr=False)
    photo: bytes = field(default=bytes(_PHOTO_LENGTH), repr=False)
    newest_address: str = field(default="", repr=False)


@dataclass
class VirtualSdtReader:
    """One reader. A card that was read is not found again until it was taken away."""

    traits: list[SdtTrait] = field(default_factory=list)
    """Taken one an answer, first to last."""
    codes: dict[Command, int] = field(default_factory=dict)
    """Answers that are forced, by command."""
    seen: list[Command | None] = field(default_factory=list)
    _card: IdCard | None = None
    _fresh: bool = False
    _selected: bool = False
    _received: bytes = b""

    def put(self, card: IdCard) -> None:
        """Lay a card on the reader."""
        self._card, self._fresh, self._selected = card, True, False

    def take_away(self) -> None:
        """Take the card away."""
        self._card, self._fresh, self._selected = None, False, False

    def feed(self, received: bytes) -> bytes:
        """Take bytes of the line and return what the reader answers to them."""
        self._received += received
        answers = b""
        while (taken := take_content(self._received, 2)) is not None:
            content, self._received = taken
            if isinstance(content, FrameFault):
                code = Sw3.CHECKSUM if content is FrameFault.CHECKSUM else Sw3.LENGTH
                answers += encode_answer(_status(code))
            else:
                answers += self._spoilt(encode_answer(self._answer(content)))
        return answers

    def _answer(self, content: bytes) -> SdtAnswer:
        command = _COMMANDS.get((content[0], content[1]))
        self.seen.append(command)
        if command is None:
            return _status(Sw3.COMMAND)
        if command in self.codes:
            return _status(self.codes[command])
        match command:
            case Command.SAM_STATUS:
                return _status(Sw3.GOOD)
            case Command.SAM_ID:
                return _status(Sw3.GOOD, _SAM_ID)
            case Command.FIND:
                return _status(Sw3.FOUND, _BARE[command]) if self._fresh else _status(Sw3.FIND_FAILED)
            case Command.SELECT:
                self._selected = self._fresh
                return _status(Sw3.GOOD, _BARE[command]) if self._selected else _status(Sw3.SELECT_FAILED)
            case Command.READ | Command.READ_WITH_FINGERPRINT:
                return self._read(command)
            case Command.READ_NEWEST_ADDRESS:
                return self._newest()

    def _read(self, command: Command) -> SdtAnswer:
        if self._card is None or not self._selected:
            return _status(Sw3.READ_FAILED)
        self._fresh = False
        parts = [self._card.text, self._card.photo]
        if command is Command.READ_WITH_FINGERPRINT:
            parts.append(bytes(_PHOTO_LENGTH))
        return _status(Sw3.GOOD, b"".join(len(part).to_bytes(2) for part in parts) + b"".join(parts))

    def _newest(self) -> SdtAnswer:
        if self._card is None or not self._selected:
            return _status(Sw3.READ_FAILED)
        if not self._card.newest_address:
            return _status(Sw3.NO_CONTENT)
        raw = self._card.newest_address.encode("utf-16-le")[:_ADDRESS_LENGTH]
        return _status(Sw3.GOOD, raw + " ".encode("utf-16-le") * ((_ADDRESS_LENGTH - len(raw)) // 2))

    def _spoilt(self, frame: bytes) -> bytes:
        match self.traits.pop(0) if self.traits else None:
            case SdtTrait.SILENT:
                return b""
            case SdtTrait.NOISE_BEFORE:
                return b"\x00\xaa\xaa\xaa\x96noise" + frame
            case SdtTrait.BAD_CHECKSUM:
                return frame[:-1] + bytes((frame[-1] ^ 0xFF,))
            case SdtTrait.HALF:
                return frame[: len(frame) // 2]
            case SdtTrait.NO_FRAME:
                return b"AT+OK\r\n"
            case None:
                return frame


def _status(code: int, data: bytes = b"") -> SdtAnswer:
    return SdtAnswer(bytes((0, 0, code)), data)
