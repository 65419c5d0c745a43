"""The stops that the training province announces: each night, on the last day of the month, and once for repair."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Annotated

from fastapi import FastAPI
from pydantic import AwareDatetime, BaseModel, Field

from app.domain.clock import HALL_ZONE, Clock
from app.training.downlink_wire import StopReply

_DAYS_AHEAD = 32
"""How far ahead stops are announced, so that the month's end is among them."""


class DailyStop(BaseModel):
    """From when to when, in the hall's time; an end before the beginning is the next day's."""

    starts: time
    ends: time


class OnceStop(BaseModel):
    """One stop for repair."""

    starts: AwareDatetime
    ends: AwareDatetime


class StopPlan(BaseModel):
    """When the training province stands still from now on, as far as it announces it."""

    nightly: DailyStop | None = None
    month_end: DailyStop | None = None
    once: Annotated[list[OnceStop], Field(max_length=100)] = []


class StopDesk:
    """Knows the plan; thread-safe. It announces only: whether the province answers is `faults`' business."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._plan = StopPlan()

    def plan(self, plan: StopPlan) -> None:
        """Replace the plan."""
        with self._lock:
            self._plan = plan

    def announced(self) -> tuple[StopReply, ...]:
        """Return what lies ahead or is under way, in order."""
        with self._lock:
            plan = self._plan
        now = self._clock.now()
        ahead = (stop for stop in _stops(plan, now) if stop.ends > now)
        return tuple(sorted(ahead, key=lambda stop: stop.starts))


def add_stops(api: FastAPI, stops: StopDesk) -> None:
    """Add the address by which the plan is set; it is no part of the wire."""

    @api.post("/training/stops", include_in_schema=False)
    def set_plan(plan: StopPlan) -> StopPlan:
        stops.plan(plan)
        return plan


def _stops(plan: StopPlan, now: datetime) -> Iterator[StopReply]:
    today = now.astimezone(HALL_ZONE).date()
    for n in range(-1, _DAYS_AHEAD):
        day = today + timedelta(days=n)
        last_of_month = (day + timedelta(days=1)).day == 1
        for kind, daily in (("nightly", plan.nightly), ("month_end", plan.month_end if last_of_month else None)):
            if daily is not None:
                starts = datetime.combine(day, daily.starts, HALL_ZONE)
                next_day = daily.ends <= daily.starts
                ends = datetime.combine(day + timedelta(days=next_day), daily.ends, HALL_ZONE)
                yield StopReply(kind=kind, starts=starts, ends=ends)
    for once in plan.once:
        yield StopReply(kind="maintenance", starts=once.starts, ends=once.ends)
