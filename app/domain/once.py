"""Making something when it is first asked for, and only once, whichever thread asks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Calls `make` for the first who asks; others wait for it. One that raises is called again by the next."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: list[T] = []

    def __call__(self) -> T:
        """Return what was made."""
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]
