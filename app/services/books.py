"""Opening the two books of a counter, journal and hall: both for training, or both for real work."""

from __future__ import annotations

from contextlib import ExitStack

from app.domain.clock import Clock
from app.domain.mode import Mode
from app.domain.refusal import Refusal
from app.hall.connection import hall_url
from app.hall.hall import Hall
from app.journal.journal import Journal
from app.journal.keys import machine_key_store
from app.journal.trouble import JournalRefused
from app.services.settings import Settings


def open_books(settings: Settings, clock: Clock, stack: ExitStack) -> tuple[Journal, Hall] | Refusal:
    """Open journal and hall for the settings' mode; the stack gets what closes them.

    Refusals: FOLDER-IS-TRAINING, FOLDER-IS-REAL, HALL-IS-TRAINING, HALL-IS-REAL, and what opening them refuses.
    """
    mode = Mode.of(settings.training)
    journal = Journal.open(settings.folder, machine_key_store(settings.folder), clock)
    if isinstance(journal, Refusal):
        return journal
    stack.callback(journal.close)
    other = journal.claim(mode) if journal.mode is not None else None
    if other is not None:
        return other
    hall = Hall.open(settings.hall_url or hall_url(settings.folder), clock)
    if isinstance(hall, Refusal):
        return hall
    stack.callback(hall.close)
    try:
        # The hall first: what it refuses must not leave a mark on a new folder.
        refused = hall.claim(mode) or journal.claim(mode)
    except JournalRefused as trouble:
        refused = trouble.refusal
    return refused or (journal, hall)
