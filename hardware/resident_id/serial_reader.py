"""An SDT reader on a serial port, 115200 8N1: the only module that imports pyserial (card.md 6.1)."""

from __future__ import annotations

import sys
import threading
import time

import serial

from hardware.readers.box import BoxFaultKind, BoxLost
from hardware.resident_id.command import Command, Sw3
from hardware.resident_id.frame import FrameFault, SdtAnswer, encode_command, take_answer
from hardware.resident_id.sam import SamReading

_LINE_ERRORS: tuple[type[Exception], ...] = (OSError,)
if sys.platform != "win32":
    import termios

    # pyserial lets it through where a reader is pulled, and it is no OSError.
    _LINE_ERRORS = (OSError, termios.error)
_OPEN_ERRORS: tuple[type[Exception], ...] = (*_LINE_ERRORS, ValueError)

BAUD = 115200
ANSWER_S = 3.0
"""Seconds within which a reader has answered; a read with photo takes one."""
_POLL_S = 0.05
_TRIES = 2
"""A frame that came damaged, here or there, is asked for once more."""
_LENGTHS = 4
"""Bytes before text and photo: how long each is, big endian."""
_MOST = 64 * 1024
"""Bytes of noise without a frame after which nobody waits for one."""


class SerialSam:
    """The security module behind a serial line; a Sam, used by the thread that opened it."""

    def __init__(self, port: str, answer_s: float = ANSWER_S) -> None:
        """Open the port (`COM3`, `/dev/ttyUSB0`); raises BoxLost."""
        self._owner = threading.current_thread()
        self._answer_s = answer_s
        try:
            self._line = serial.Serial(port, BAUD, timeout=_POLL_S, write_timeout=answer_s, exclusive=True)
        except _OPEN_ERRORS as error:
            raise BoxLost(BoxFaultKind.NO_LINE, port) from error

    def close(self) -> None:
        """Close the port; may be called again."""
        self._line.close()

    def sam_id(self) -> bytes | int:
        """Return the security module's 16 bytes, or SW3."""
        answer = self.ask(Command.SAM_ID)
        return answer.data if answer.code == Sw3.GOOD else answer.code

    def find(self) -> int:
        """Look for a card."""
        return self.ask(Command.FIND).code

    def select(self) -> int:
        """Select the card that was found."""
        return self.ask(Command.SELECT).code

    def read(self) -> SamReading:
        """Read text and photo."""
        answer = self.ask(Command.READ)
        if answer.code != Sw3.GOOD:
            return SamReading(answer.code)
        lengths, data = answer.data[:_LENGTHS], answer.data[_LENGTHS:]
        text, photo = int.from_bytes(lengths[:2]), int.from_bytes(lengths[2:])
        if len(lengths) < _LENGTHS or len(data) < text + photo:
            return SamReading(Sw3.LENGTH)
        return SamReading(answer.code, data[:text], data[text : text + photo])

    def newest_address(self) -> SamReading:
        """Read the address that was noted later."""
        answer = self.ask(Command.READ_NEWEST_ADDRESS)
        return SamReading(answer.code, answer.data)

    def ask(self, command: Command) -> SdtAnswer:
        """Send a command and return its answer; a reader that does not answer in frames, or at all, raises BoxLost."""
        assert threading.current_thread() is self._owner, "only the owner thread uses a line"
        fault = FrameFault.CHECKSUM
        for _ in range(_TRIES):
            answer = self._exchange(encode_command(*command.value))
            if isinstance(answer, FrameFault):
                fault = answer
            elif answer.code != Sw3.CHECKSUM:
                return answer
        raise BoxLost(BoxFaultKind.GARBAGE, f"{command.name} {fault}")

    def _exchange(self, frame: bytes) -> SdtAnswer | FrameFault:
        received = b""
        until = time.monotonic() + self._answer_s
        try:
            # What is left of an answer that nobody waited for.
            self._line.reset_input_buffer()
            self._line.write(frame)
            while time.monotonic() < until and len(received) < _MOST:
                received += self._line.read(max(self._line.in_waiting, 1))
                taken = take_answer(received)
                if taken is not None:
                    return taken.answer
        except _LINE_ERRORS as error:
            raise BoxLost(BoxFaultKind.NO_LINE, type(error).__name__) from error
        if received:
            return FrameFault.LENGTH
        raise BoxLost(BoxFaultKind.HUNG, "SDT")
