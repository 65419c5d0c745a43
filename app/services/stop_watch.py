"""Watches for the province's announced stops: tells the window ahead of one, and judges sagas before they are begun."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.catalogue.sagas import Sagas
from app.catalogue.tables import number, read_table
from app.domain.clock import Clock
from app.domain.province_stop import Nearness, ProvinceStop, ToldStop, next_stop
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.stop_ahead import stop_ahead
from app.journal.transaction import Transaction
from app.journal.trouble import JournalRefused

EVERY_S = 10.0
"""How often it is looked at without an occasion."""


@dataclass(frozen=True)
class Notice:
    """How many seconds before a stop it is told of, and told urgently."""

    ahead_s: int
    soon_s: int


def load_notice() -> Notice:
    """Read `province_stops.toml`; raises TableError."""
    found = read_table("catalogue", "province_stops.toml")
    return Notice(*(number(found.get(key), f"province_stops.toml: {key}") for key in ("ahead_s", "soon_s")))


def to_tell(stops: Iterable[ProvinceStop], now: datetime, notice: Notice) -> ToldStop | None:
    """Return the stop to tell of at a moment of the province's time."""
    stop = next_stop(stops, now)
    if stop is None or now < stop.starts - timedelta(seconds=notice.ahead_s):
        return None
    if now >= stop.starts:
        return ToldStop(stop, Nearness.NOW)
    soon = now >= stop.starts - timedelta(seconds=notice.soon_s)
    return ToldStop(stop, Nearness.SOON if soon else Nearness.AHEAD)


class StopWatch:
    """Knows the stops that were announced last. `tell` is called when what is to be told changed, with None for none.

    `look` and `beat` are called on one thread at a time; `refusal` on any.
    """

    def __init__(
        self, journal: Journal, clock: Clock, sagas: Sagas, notice: Notice, tell: Callable[[ToldStop | None], None]
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._sagas = sagas
        self._notice = notice
        self._tell = tell
        self._told: ToldStop | None = None
        self._stops: tuple[ProvinceStop, ...] = ()
        self._ahead_s = 0.0
        self._looked_at: float | None = None

    def refusal(self, saga: str) -> Refusal | None:
        """Return why a saga would not be begun now, as it was looked at last."""
        now = self._clock.now() - timedelta(seconds=self._ahead_s)
        return stop_ahead(self._sagas.current(saga), self._stops, now)

    def beat(self) -> None:
        """Look if it was long ago."""
        if self._looked_at is None or self._clock.monotonic() - self._looked_at >= EVERY_S:
            self.look()

    def look(self) -> None:
        """Read what is announced and tell what changed; a journal that cannot be read is another one's to tell."""
        try:
            self._stops, self._ahead_s = self._journal.run(_read, label="announced_stops").result()
        except JournalRefused:
            return
        self._looked_at = self._clock.monotonic()
        now = self._clock.now() - timedelta(seconds=self._ahead_s)
        told = to_tell(self._stops, now, self._notice)
        if told != self._told:
            self._told = told
            self._tell(told)


def _read(tx: Transaction) -> tuple[tuple[ProvinceStop, ...], float]:
    return tx.announced_stops(), tx.clock_offset()
