"""The touch pad's side of an entry: the reader's thread waits for what the holder's screen hands over."""

from __future__ import annotations

import queue
from collections.abc import Callable

from hardware.pin_pad.pin_digits import PinDigits
from hardware.pin_pad.ports import PinEnd, PinOutcome


class TouchEntry:
    """An EntryPad; `ask` tells the screen to show its pad, `dismiss` to take it away. `timeout` in seconds."""

    def __init__(self, ask: Callable[[], None], dismiss: Callable[[], None], timeout: float) -> None:
        self._ask = ask
        self._dismiss = dismiss
        self._timeout = timeout
        self._handed: queue.SimpleQueue[PinDigits | PinOutcome] = queue.SimpleQueue()

    def enter(self) -> PinDigits | PinOutcome:
        """Show the pad and wait for the holder; what came too late for the last entry is wiped."""
        self._empty()
        self._ask()
        try:
            return self._handed.get(timeout=self._timeout)
        except queue.Empty:
            return PinOutcome(PinEnd.TIMED_OUT)
        finally:
            self._dismiss()

    def hand_over(self, digits: PinDigits) -> None:
        """Take the holder's digits, which belong to the waiting thread from here on."""
        self._handed.put(digits)

    def cancel(self) -> None:
        """Take the holder's refusal."""
        self._handed.put(PinOutcome(PinEnd.CANCELLED))

    def _empty(self) -> None:
        while True:
            try:
                late = self._handed.get_nowait()
            except queue.Empty:
                return
            if isinstance(late, PinDigits):
                late.wipe()
