"""A 密码键盘 on a serial line: an EntryPad by the frame table."""

from __future__ import annotations

import time
from collections.abc import Iterator

import serial

from hardware.pin_pad.pad_frames import BACK, CANCEL, ENTER, PadFrames, keys_in
from hardware.pin_pad.pin_digits import PinDigits
from hardware.pin_pad.ports import PinEnd, PinOutcome

_LOOK = 0.1


class SerialPad:
    """Opens the line for one entry only; used by one thread."""

    def __init__(self, port: str, frames: PadFrames) -> None:
        self.port = port
        self._frames = frames

    def answers(self) -> bool:
        """Tell whether its line can be opened; a pad says nothing unless somebody presses a key."""
        try:
            serial.Serial(self.port, self._frames.baud).close()
        except OSError:
            return False
        return True

    def enter(self) -> PinDigits | PinOutcome:
        """Let the holder enter, until Enter, Cancel, or the table's time; a pad that is not there is an outcome."""
        try:
            with serial.Serial(self.port, self._frames.baud, timeout=_LOOK) as line:
                # A key that was struck before the entry is nobody's answer.
                line.reset_input_buffer()
                line.write(self._frames.begin)
                try:
                    return self._gather(line)
                finally:
                    line.write(self._frames.end)
        except OSError:
            return PinOutcome(PinEnd.PAD_AWAY)

    def _gather(self, line: serial.Serial) -> PinDigits | PinOutcome:
        digits = PinDigits(self._frames.most)
        handed_over = False
        try:
            for word in keys_in(self._frames, self._bytes(line)):
                if word == CANCEL:
                    return PinOutcome(PinEnd.CANCELLED)
                if word == ENTER:
                    handed_over = True
                    return digits
                if word == BACK:
                    digits.take_back()
                else:
                    digits.press(int(word))
            return PinOutcome(PinEnd.TIMED_OUT)
        finally:
            if not handed_over:
                digits.wipe()

    def _bytes(self, line: serial.Serial) -> Iterator[int]:
        until = time.monotonic() + self._frames.timeout
        while time.monotonic() < until:
            yield from line.read(1)
