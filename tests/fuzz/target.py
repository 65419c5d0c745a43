"""What a fuzzer runs: an entry point for bytes from outside, and sound bytes to begin with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

MOST_BYTES = 300


@dataclass(frozen=True)
class Target:
    """One entry point, and the bytes that its inputs are bred from.

    It may do anything with any bytes but raise or take longer than a second.
    """

    run: Callable[[bytes], None]
    corpus: tuple[bytes, ...]
    most_bytes: int = MOST_BYTES
