"""How far the journal's second place is behind, in a few words."""

from __future__ import annotations

from app.catalogue.texts import Texts
from app.services.events import CopyMoved
from ui.clerk.phrases import lasting
from ui.theme.tokens import Tone

CALM_S = 60.0
"""A copy is behind for a moment after each commit; that is nobody's business."""


def copy_words(texts: Texts, told: CopyMoved) -> tuple[str, Tone]:
    """Return the words and how grave they are."""
    if not told.whole:
        return texts("ui.window.copy_none"), Tone.WARN
    if not told.rows:
        return texts("ui.window.copied"), Tone.OK
    tone = Tone.OK if told.age_s < CALM_S else Tone.WARN
    return texts("ui.window.copy_behind", rows=told.rows, time=lasting(texts, told.age_s)), tone
