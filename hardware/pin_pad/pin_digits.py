"""The digits of a 社保密码 between pad and card: in one buffer that is wiped, never in a text."""

from __future__ import annotations

from types import TracebackType

LEAST, MOST = 4, 16
"""VERIFY takes up to 8 bytes of two digits each (card.md 2.1); a pad may stop earlier, as its table says."""


class PinDigits:
    """A buffer of digits, used in a `with`; prints as nothing, compares with nothing, and cannot be copied or kept."""

    __slots__ = ("_buffer", "_most")

    def __init__(self, most: int = MOST) -> None:
        self._buffer = bytearray()
        self._most = most

    def __len__(self) -> int:
        return len(self._buffer)

    def __repr__(self) -> str:
        return "PinDigits(hidden)"

    def __reduce__(self) -> str:
        raise TypeError("digits are not stored")

    def __enter__(self) -> PinDigits:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wipe()

    def press(self, digit: int) -> bool:
        """Add a digit 0 to 9; False when it is full."""
        assert 0 <= digit <= 9, "a digit"
        if len(self._buffer) >= self._most:
            return False
        self._buffer.append(0x30 + digit)
        return True

    def take_back(self) -> None:
        """Remove the last digit, if there is one."""
        if self._buffer:
            self._buffer[-1] = 0
            self._buffer.pop()

    @property
    def long_enough(self) -> bool:
        """Tell whether the card can be asked."""
        return len(self._buffer) >= LEAST

    def ascii(self) -> memoryview:
        """Return the digits as ASCII for the card's VERIFY; whoever looks at it releases it before the wipe."""
        return memoryview(self._buffer).toreadonly()

    def wipe(self) -> None:
        """Overwrite the digits, then forget how many there were."""
        self._buffer[:] = bytes(len(self._buffer))
        self._buffer.clear()
