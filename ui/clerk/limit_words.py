"""What the window says of the limits of work without the province: a chip always, a banner once it is urgent."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.work_limits import Level, Standing
from app.services.limit_refusal import told
from ui.theme.tokens import Tone

_TONES = {Level.WARN: Tone.WARN, Level.URGE: Tone.WARN, Level.STOP: Tone.ERROR}


@dataclass(frozen=True)
class LimitWords:
    """Empty texts where there is nothing to say; `lines` has every limit, each with its next action."""

    chip: str = ""
    banner: str = ""
    tone: Tone = Tone.WARN
    lines: tuple[str, ...] = ()


def limit_words(texts: Texts, sentences: Sentences, standing: Standing) -> LimitWords:
    """Say where the limits stand, the worst first."""
    readings = standing.to_tell
    if not readings:
        return LimitWords()
    worst = readings[0]
    found = [sentences.of(told(reading)) for reading in readings]
    lines = tuple(f"{sentence.text}{sentence.remedy}" for sentence in found)
    urgent = worst.level is not Level.WARN
    chip = texts(f"ui.limit.{worst.measure}.{worst.level}")
    return LimitWords(chip, lines[0] if urgent else "", _TONES[worst.level], lines)
