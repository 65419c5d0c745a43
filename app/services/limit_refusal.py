"""What a measured limit of work without the province is told as; a window says it before the journal is there."""

from __future__ import annotations

from app.domain.refusal import Refusal
from app.domain.work_limits import Level, Measure, Reading


def told(reading: Reading) -> Refusal:
    """Return what a reading says, with its figures as facts: hours, minutes and GiB where the unit is too small."""
    suffix = {Level.URGE: "URGE", Level.STOP: "STOP"}.get(reading.level, "WARN")
    return Refusal.of(
        f"LIMIT-{reading.measure.upper()}-{suffix}",
        value=_shown(reading.measure, reading.value),
        stop=_shown(reading.measure, reading.limit.stop),
    )


def _shown(measure: Measure, value: float) -> str:
    match measure:
        case Measure.AGE:
            return f"{value / 3600:.0f}"
        case Measure.DISK:
            return f"{value / (1 << 30):.1f}"
        case _:
            return f"{value:.0f}"
