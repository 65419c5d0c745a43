"""What of a personal value may be seen where no proof or purpose opens it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mask:
    """Keeps the first and last code points; a value that would hide fewer than `least` is hidden whole."""

    first: int
    last: int
    least: int

    def hide(self, value: str) -> str:
        """Return a value as it may be seen, one star for each hidden code point."""
        hidden = len(value) - self.first - self.last
        if hidden < self.least:
            return "*" * len(value)
        return value[: self.first] + "*" * hidden + value[len(value) - self.last :]
