"""How deliveries are sent: the table `resources/catalogue/outbox.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.catalogue.tables import TableError, read_table, table


@dataclass(frozen=True)
class OutboxLimits:
    """Batch sizes, waits in seconds, and how old an operation of a kind may be when it is sent.

    What has such an age may be dated at most `ahead_s` after now.
    """

    batch_rows: int
    batch_bytes: int
    lease_s: float
    back_off_base_s: float
    back_off_cap_s: float
    retry_after_cap_s: float
    retry_after_spread_s: float
    """A random part of it is added to what the province told, for it may have told all counters the same."""
    idle_poll_s: float
    start_delay_s: float
    """A random part of it passes before the first sending of a start: a whole province may come back at once."""
    calm_uploads: int
    """So many uploads in a row that a busy province took, and twice as many operations are sent at once."""
    alone_tries: int
    """After so many failed tries by itself, its neighbours delivered, an operation is a person's business."""
    page_rows: int
    """Changes of the province that are read, and written, at once."""
    poll_s: float
    """How often the province is asked for changes."""
    max_age_s: Mapping[str, float]
    ahead_s: float


def load() -> OutboxLimits:
    """Read the table; raises TableError for one that is incomplete."""
    content = read_table("catalogue", "outbox.toml")
    names = ("batch", "waits", "downlink", "max_age_s", "dates")
    batch, waits, downlink, ages, dates = (table(content.get(name), name) for name in names)
    return OutboxLimits(
        batch_rows=int(_number(batch, "rows")),
        batch_bytes=int(_number(batch, "bytes")),
        lease_s=_number(waits, "lease_s"),
        back_off_base_s=_number(waits, "back_off_base_s"),
        back_off_cap_s=_number(waits, "back_off_cap_s"),
        retry_after_cap_s=_number(waits, "retry_after_cap_s"),
        retry_after_spread_s=_number(waits, "retry_after_spread_s"),
        idle_poll_s=_number(waits, "idle_poll_s"),
        start_delay_s=_number(waits, "start_delay_s"),
        calm_uploads=int(_number(batch, "calm_uploads")),
        alone_tries=int(_number(batch, "alone_tries")),
        page_rows=int(_number(downlink, "page_rows")),
        poll_s=_number(downlink, "poll_s"),
        max_age_s={kind: _number(ages, kind) for kind in ages},
        ahead_s=_number(dates, "ahead_s"),
    )


def _number(row: Mapping[str, object], key: str) -> float:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise TableError(f"{key} is not a positive number")
    return float(value)
