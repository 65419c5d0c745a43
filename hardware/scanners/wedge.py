"""Tells a keyboard wedge from a person by the time between characters (ux.md 2, acceptance criteria 8 and 9).

Pure: a stream of (character, time) goes in, what was typed and what was scanned comes out. Everything is held until
it is known whose it is, for one gap at most; nothing is ever reordered or lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from hardware.scanners.scanned_code import MOST

T = TypeVar("T")
_QUICK_KEYS = 3
"""So many keys in a scanner's time are no person's: two fingers may strike at once, three hardly."""
_CUT_S = 1.0
"""What follows quick keys, or a scan without its terminator, so closely is its rest: nobody scans again so soon."""


class Terminator(StrEnum):
    """What a scanner sends after a code."""

    ENTER = "enter"
    TAB = "tab"
    NONE = "none"


@dataclass(frozen=True)
class WedgeRule:
    """How the scanners of a hall send; times in seconds."""

    longest_gap: float
    longest_pause: float
    """What a scanner may stand still in the midst of a code that is certainly one, and not be told as its end."""
    least: int
    terminators: frozenset[Terminator]
    prefix: str = ""
    suffix: str = ""


@dataclass(frozen=True)
class Typed(Generic[T]):
    """A person's keys, to be handed on in this order."""

    items: tuple[T, ...]


@dataclass(frozen=True)
class Scanned(Generic[T]):
    """A scanner's keys, to be handed on to nobody; `text` without prefix, suffix and terminator."""

    text: str = field(repr=False)
    items: tuple[T, ...] = field(repr=False)
    complete: bool = True
    """False where characters are missing: the text must not be used."""


Outcome = Typed[T] | Scanned[T]


class WedgeClassifier(Generic[T]):
    """Holds items of a stream until it is known whose they are; times are seconds of one clock.

    A burst that is as long as the shortest code, and begins with the prefix, is certainly a scanner's: from there on
    other keys pass by it, and a pause does not end it. A shorter one that ends, or in which another key falls, was
    typed; what follows some quick keys closely may be the rest of a code, and is never taken for a whole one.
    """

    def __init__(self, rule: WedgeRule) -> None:
        self._rule = rule
        self._shortest = rule.least + len(rule.prefix) + len(rule.suffix)
        self._held: list[T] = []
        self._text = ""
        self._whole = True
        self._last = float("-inf")
        self._interrupted = float("-inf")
        self._doubtful_until = float("-inf")

    @property
    def holds(self) -> bool:
        """Tell whether something waits for its judgement."""
        return bool(self._held)

    def character(self, text: str, at: float, item: T, *, lost: bool = False) -> tuple[Outcome[T], ...]:
        """Take what one event brought, mostly one character; `lost` where it is not what the scanner sent."""
        ended = self.quiet(at)
        if not self._held:
            self._whole = at > self._doubtful_until and at - self._interrupted > self._rule.longest_gap
        self._held.append(item)
        # No code is longer; what comes after is swallowed all the same.
        self._text = (self._text + text)[: MOST + self._shortest + 1]
        self._whole = self._whole and not lost
        self._last = at
        return ended

    def terminator(self, which: Terminator, at: float, item: T) -> tuple[Outcome[T], ...]:
        """Take an Enter or Tab: the end of a scan, or somebody's key."""
        ended = self.quiet(at)
        if not self._certain or which not in self._rule.terminators:
            return (*ended, *self.other(at, item))
        self._held.append(item)
        return (*ended, self._scan(terminated=True))

    def companion(self, item: T) -> tuple[Outcome[T], ...]:
        """Take what belongs to the last key, such as its release: it goes the same way."""
        if not self._held:
            return (Typed((item,)),)
        self._held.append(item)
        return ()

    def other(self, at: float, item: T) -> tuple[Outcome[T], ...]:
        """Take a key that no scanner sends: what is held and not certainly scanned goes before it."""
        ended = self.quiet(at)
        if self._held and not self._certain:
            self._interrupted = self._last
            return (*ended, self._typed(), Typed((item,)))
        return (*ended, Typed((item,)))

    def quiet(self, at: float) -> tuple[Outcome[T], ...]:
        """Judge what is held if nothing has come for longer than a scanner's gap."""
        if not self._held or at - self._last <= (self._rule.longest_pause if self._certain else self._rule.longest_gap):
            return ()
        rule = self._rule
        if self._certain:
            if Terminator.NONE not in rule.terminators:
                self._doubtful_until = self._last + _CUT_S
            return (self._scan(terminated=False),)
        few = len(self._text) < _QUICK_KEYS
        self._doubtful_until = self._last + (1.5 * rule.longest_gap if few else _CUT_S)
        return (self._typed(),)

    @property
    def _certain(self) -> bool:
        return len(self._text) >= self._shortest and self._text.startswith(self._rule.prefix)

    def _scan(self, *, terminated: bool) -> Scanned[T]:
        rule = self._rule
        complete = (
            self._whole and self._text.endswith(rule.suffix) and (terminated or Terminator.NONE in rule.terminators)
        )
        text = self._text.removeprefix(rule.prefix).removesuffix(rule.suffix)
        return Scanned(text, self._take(), complete)

    def _typed(self) -> Typed[T]:
        return Typed(self._take())

    def _take(self) -> tuple[T, ...]:
        taken, self._held, self._text = tuple(self._held), [], ""
        return taken
