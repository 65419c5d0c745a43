"""The province's announced stops as it told them last; one fact of the journal, so that they hold over a restart."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from app.domain.operation import canonical_json
from app.domain.province_stop import ProvinceStop, StopKind
from app.journal import province_time
from app.journal.book import Book, fact, set_fact

_STOPS = "announced_stops"


def keep(book: Book, stops: Iterable[ProvinceStop]) -> None:
    """Keep what was told in the place of what was told before."""
    told = canonical_json(
        {"stops": [[stop.kind.value, stop.starts.isoformat(), stop.ends.isoformat()] for stop in stops]}
    )
    if told != fact(book, _STOPS):
        set_fact(book, _STOPS, told)


def announced(book: Book) -> tuple[ProvinceStop, ...]:
    """Return the stops that were told last; none before the province told any."""
    told = fact(book, _STOPS)
    if told is None:
        return ()
    return tuple(
        ProvinceStop(StopKind(kind), datetime.fromisoformat(starts), datetime.fromisoformat(ends))
        for kind, starts, ends in json.loads(told)["stops"]
    )


def province_now(book: Book) -> datetime:
    """Return the province's time now, as far as this machine knows it."""
    return book.clock.now() - timedelta(seconds=province_time.offset_now(book))
