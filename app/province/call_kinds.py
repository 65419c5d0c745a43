"""How long each kind of call may take: the table `resources/catalogue/line_calls.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.catalogue.tables import TableError, read_table, table


class CallKind(StrEnum):
    """What a call is for, as its time-outs go."""

    CLOCK = "clock"
    QUESTION = "question"
    BATCH = "batch"
    ENROLMENT = "enrolment"


@dataclass(frozen=True)
class TimeOuts:
    """Seconds; `read_s` is for the whole reply, however it trickles."""

    connect_s: float
    write_s: float
    read_s: float
    pool_s: float


def load() -> Mapping[CallKind, TimeOuts]:
    """Read the table; raises TableError for one that is incomplete."""
    content = read_table("catalogue", "line_calls.toml")
    return {kind: _time_outs(table(content.get(kind.value), kind.value), kind.value) for kind in CallKind}


def _time_outs(row: Mapping[str, object], where: str) -> TimeOuts:
    return TimeOuts(*(_seconds(row.get(key), f"{where}.{key}") for key in ("connect_s", "write_s", "read_s", "pool_s")))


def _seconds(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise TableError(f"line_calls.toml: {where} is no time")
    return float(value)
