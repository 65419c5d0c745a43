"""Verbs on a data folder: reading beside a running counter, draining where none runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from app.catalogue import services, texts
from app.domain.clock import SystemClock
from app.domain.mode import Mode
from app.domain.operation import OutboxRow
from app.domain.refusal import Refusal
from app.journal import database
from app.journal.journal import Journal
from app.journal.keys import machine_key_store
from app.journal.reading import JournalReader, read_only
from app.journal.trouble import JournalRefused
from app.services import data_folder
from app.services.operator import refused_to_operator
from app.services.setting_checks import fits_province
from app.services.settings import load

T = TypeVar("T")


def read_outbox(folder: Path) -> tuple[OutboxRow, ...] | Refusal:
    """Return every delivery row of a folder's journal, without writing and without whom it is about."""

    def read(reader: JournalReader) -> tuple[OutboxRow, ...]:
        return tuple(replace(row, citizen_number=None) for row in reader.read(lambda tx: tx.rows()))

    return read_folder(folder, "outbox_rows", read)


def read_folder(folder: Path, query: str, work: Callable[[JournalReader], T | Refusal]) -> T | Refusal:
    """Answer a query of the system's account from a folder's journal, also while a counter holds it.

    `work` may take several snapshots. Refuses NOT-PERMITTED, and what opening the journal for reading refuses.
    """
    denied = refused_to_operator(services.load(), query)
    if denied is not None:
        return denied
    try:
        reader = read_only(folder, machine_key_store(folder), SystemClock())
        if isinstance(reader, Refusal):
            return _when_reading(reader)
        with closing(reader):
            return work(reader)
    except JournalRefused as refused:
        return _when_reading(refused.refusal)


def _when_reading(refusal: Refusal) -> Refusal:
    """Say of the disk what it means to who only reads: nothing was to be saved."""
    if refusal.code == "DISK-FULL":
        return Refusal("READ-DISK-FULL")
    return Refusal("READ-DISK-FAILING") if refusal.code == "JOURNAL-DISK-FAILING" else refusal


def drain(folder: Path, training: bool, province_url: str | None, timeout_s: float) -> Mapping[str, object] | Refusal:
    """Send what waits in a folder that no counter holds; `province_url` wins over `counter.toml`.

    A folder for training is drained as such whether `training` says so or not; one for real work is refused by it.
    """
    return with_journal(folder, lambda journal: _drain(journal, folder, training, province_url, timeout_s))


def with_journal(folder: Path, work: Callable[[Journal], T | Refusal]) -> T | Refusal:
    """Work with the journal of a folder that no counter holds."""
    if not database.exists(folder):
        return Refusal("JOURNAL-NONE")
    held = data_folder.hold(folder)
    if isinstance(held, Refusal):
        return held
    try:
        journal = Journal.open(folder, machine_key_store(folder), SystemClock())
        if isinstance(journal, Refusal):
            return journal
        with closing(journal):
            return work(journal)
    except JournalRefused as refused:
        return refused.refusal
    finally:
        held.release()


def _drain(
    journal: Journal, folder: Path, training: bool, province_url: str | None, timeout_s: float
) -> Mapping[str, object] | Refusal:
    from app.services.headless_sender import send_all

    if journal.mode is None:
        return Refusal("JOURNAL-UNMARKED")
    other = journal.claim(Mode.TRAINING) if training else None
    if other is not None:
        return other
    settings = load(folder, journal.mode is Mode.TRAINING, None)
    if isinstance(settings, Refusal):
        return settings
    if province_url is not None and not fits_province(province_url, settings.training):
        return Refusal.of("INPUT-WRONG", detail=f"--province {texts.load()('settings.expected.province_url')}")
    url = province_url or settings.province_url
    if url is None:
        return Refusal("PROVINCE-NOT-SET")
    return replace(settings, province_url=url).missing() or send_all(journal, settings, url, timeout_s)
