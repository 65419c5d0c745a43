"""Whether a saga may begin now: none does that cannot be over before the province's next announced stop."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app.catalogue.sagas import SagaDefinition
from app.catalogue.services import OfflineClass
from app.domain.clock import hall_time
from app.domain.province_stop import ProvinceStop, in_the_way
from app.domain.refusal import Refusal


def stop_ahead(definition: SagaDefinition, stops: Iterable[ProvinceStop], now: datetime) -> Refusal | None:
    """Return SAGA-BEFORE-STOP, or None; `now` is the province's time. What needs no province is never held up."""
    if all(step.offline is not OfflineClass.NEVER for step in definition.steps):
        return None
    stop = in_the_way(stops, now, definition.longest_s)
    if stop is None:
        return None
    return Refusal.of("SAGA-BEFORE-STOP", starts=hall_time(stop.starts, now), ends=hall_time(stop.ends, now))
