"""好差评: one evaluation for each service done; a bad one is called back within a working day (business.md 7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, func, insert, select

from app.domain.clock import Clock
from app.domain.refusal import Refusal
from app.training.once import once
from app.training.rating_models import RatingBody, RatingReply
from app.training.schema import OPERATIONS
from app.training.service_schema import RATINGS
from app.training.store import stamp

_BAD = 2
_FRIDAY = 4


class RatingDesk:
    """Refusals: OP-UNKNOWN, RATING-EXISTS."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def take(self, body: RatingBody) -> RatingReply | Refusal:
        """Keep an evaluation."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            return once(connection, "rating", body.serial, body, RatingReply, now, lambda: _keep(connection, body, now))


def _keep(connection: Connection, body: RatingBody, now: datetime) -> RatingReply | Refusal:
    if connection.execute(select(OPERATIONS.c.op_id).where(OPERATIONS.c.op_id == body.op_id)).first() is None:
        return Refusal("OP-UNKNOWN")
    if connection.execute(select(RATINGS.c.rating_no).where(RATINGS.c.op_id == body.op_id)).first() is not None:
        return Refusal("RATING-EXISTS")
    rating_no = f"P{now:%Y%m%d}{connection.execute(select(func.count()).select_from(RATINGS)).scalar_one() + 1:06d}"
    row = {**body.model_dump(include={"op_id", "level", "comment", "channel"}), "items": " ".join(body.items)}
    connection.execute(insert(RATINGS).values({**row, "rating_no": rating_no, "at": stamp(now)}))
    return RatingReply(rating_no=rating_no, call_back_by=_next_working_day(now) if body.level <= _BAD else None)


def _next_working_day(now: datetime) -> datetime:
    return now + timedelta(days=max(1, 7 - now.weekday()) if now.weekday() >= _FRIDAY else 1)
