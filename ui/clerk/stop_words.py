"""What the window says of a stop that the province has announced."""

from __future__ import annotations

from app.catalogue.texts import Texts
from app.domain.clock import hall_time
from app.domain.province_stop import Nearness, ToldStop
from ui.theme.tokens import Tone

_TONES = {Nearness.AHEAD: Tone.INFO, Nearness.SOON: Tone.WARN, Nearness.NOW: Tone.WARN}


def stop_words(texts: Texts, told: ToldStop | None) -> tuple[str, Tone]:
    """Say when it begins, why, and when it is over; empty where there is nothing to say."""
    if told is None:
        return "", Tone.INFO
    stop = told.stop
    text = texts(
        f"ui.stop.{told.nearness}",
        kind=texts(f"ui.stop.kind.{stop.kind}"),
        starts=hall_time(stop.starts, told.stop.starts),
        ends=hall_time(stop.ends, told.stop.starts),
    )
    return text, _TONES[told.nearness]
