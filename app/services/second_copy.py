"""The counter's copy of its journal in a second place: as `counter.toml` says, its lag told on the bus."""

from __future__ import annotations

from contextlib import ExitStack

from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.journal.change_log import CopyLag
from app.journal.copier import Copier, Copying, CopySource
from app.journal.database import DATABASE_FILE, Access
from app.journal.escrow import sealed_for_province
from app.journal.journal import Journal
from app.journal.keys import KeyStoreAway, key_name, machine_key_store
from app.journal.second_place import SecondFolder
from app.journal.trouble import JournalRefused
from app.services.events import CopyMoved, EventBus, Trouble
from app.services.settings import Settings


def open_second_copy(settings: Settings, journal: Journal, bus: EventBus, stack: ExitStack) -> None:
    """Copy from now on, or note nothing any more where no second place is set; the stack gets what ends it."""
    root = settings.second_place
    noted = journal.run(lambda tx: tx.copy_lag()).result() is not None
    if noted is not (root is not None):
        journal.run(lambda tx: tx.copying(root is not None)).result()
    if root is None:
        return
    place = SecondFolder(root, journal.machine_id)

    def make() -> Copying:
        return Copying(journal, _source(settings), place, SystemClock())

    def lag(found: CopyLag) -> None:
        bus.publish(CopyMoved(found.rows, found.age_s, found.whole))

    copier = Copier(make, lag, lambda told: bus.publish(Trouble(told)))
    journal.watch(copier.wake)
    stack.callback(journal.watch, None)
    copier.start()
    stack.callback(copier.stop)


def _source(settings: Settings) -> CopySource:
    try:
        key = machine_key_store(settings.folder).load()
    except KeyStoreAway as away:
        raise JournalRefused(away.refusal) from away
    if key is None:
        raise JournalRefused(Refusal("JOURNAL-KEY-GONE"))
    access = Access(settings.folder / DATABASE_FILE, key)
    seal = sealed_for_province(settings.device, key)
    return CopySource(access, settings.device, key_name(settings.folder), seal)
