"""A person at the reader: told what to do with the card, and each ten seconds how long there is left for it."""

from __future__ import annotations

import sys
import time

from app.catalogue import texts

PATIENCE_S = 60.0
_MOMENT_S = 0.2
_TELL_EACH_S = 10.0


class AskedHand:
    """A Hand; speaks on stderr, so that what a verb prints stays what it is."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._until = 0.0
        self._tell_at = 0.0

    def pull(self) -> None:
        """Ask for the card to be taken out."""
        self._ask("pull")

    def put_back(self) -> None:
        """Ask for the same card to be put in again."""
        self._ask("put_back")

    def wait(self) -> bool:
        """Let a moment pass; False when the time is over."""
        now = time.monotonic()
        left = self._until - now
        if left <= 0:
            return False
        if now >= self._tell_at:
            self._tell_at += _TELL_EACH_S
            _say("left", left)
        time.sleep(min(_MOMENT_S, left))
        return True

    def _ask(self, what: str) -> None:
        now = time.monotonic()
        self._until, self._tell_at = now + self._patience_s, now + _TELL_EACH_S
        _say(what, self._patience_s)


def _say(what: str, seconds: float) -> None:
    # Flushed at once: the person acts on it.
    print(texts.load()(f"verbs.card.check.hand.{what}", seconds=f"{seconds:.0f}"), file=sys.stderr, flush=True)
