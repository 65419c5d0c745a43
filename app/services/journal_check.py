"""Verifying a folder's audit chain: alone with the anchors kept beside the file, or with the province as well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.catalogue import texts
from app.domain.anchor import AuditFinding, AuditPage
from app.domain.audit import Link
from app.domain.mode import Mode
from app.domain.refusal import Refusal
from app.journal.anchor_places import AnchorFile
from app.journal.audit_verify import ROLLED_BACK, Verification
from app.journal.journal import OTHER_MODE
from app.journal.reading import JournalReader
from app.services import data_folder
from app.services.control import ask
from app.services.offline_folder import read_folder
from app.services.setting_checks import fits_province
from app.services.settings import Settings, load

if TYPE_CHECKING:
    from app.province.port import Province

PAGE_ROWS = 1000
VERIFY = "audit_verify"


def verify_journal(folder: Path) -> Verification | Refusal:
    """Check the audit chain of a folder's journal, without writing; also while a counter holds it."""
    return read_folder(folder, VERIFY, lambda reader: _alone(reader, folder))


def verify_journal_for(folder: Path, mode: Mode) -> Verification | Refusal:
    """Check it as a counter of this mode would open it. Refusals also: FOLDER-IS-TRAINING, FOLDER-IS-REAL."""

    def work(reader: JournalReader) -> Verification | Refusal:
        marked = reader.mode
        return _alone(reader, folder) if marked in (mode, None) else Refusal(OTHER_MODE[marked])

    return read_folder(folder, VERIFY, work)


def verify_with_province(folder: Path, training: bool, url: str | None) -> Verification | Refusal:
    """Check it, and have the province check every tag and the last anchor; asks where a running counter asks.

    A folder for training is one whether `training` says so or not; one for real work is refused by it.
    """

    def work(reader: JournalReader) -> Verification | Refusal:
        settings = _settings(reader, folder, training)
        if isinstance(settings, Refusal):
            return settings
        if url is not None and not fits_province(url, settings.training):
            return Refusal.of("INPUT-WRONG", detail=f"--province {texts.load()('settings.expected.province_url')}")
        alone = _alone(reader, folder)
        if isinstance(alone, Refusal):
            return alone
        with _province_url(settings, url) as found:
            if isinstance(found, Refusal):
                return found
            from app.province.wires import open_wire
            from app.services.device_line import guard_for

            guard = guard_for(settings, found)
            if isinstance(guard, Refusal):
                return guard
            with closing(open_wire(settings.endpoint(found, guard), settings.wire)) as province:
                return _confirmed(alone, reader, province, settings.device)

    return read_folder(folder, VERIFY, work)


def _settings(reader: JournalReader, folder: Path, training: bool) -> Settings | Refusal:
    mode = reader.mode
    if mode is None:
        return Refusal("JOURNAL-UNMARKED")
    if training and mode is Mode.REAL:
        return Refusal(OTHER_MODE[mode])
    return load(folder, mode is Mode.TRAINING, None)


def _alone(reader: JournalReader, folder: Path) -> Verification | Refusal:
    try:
        # Before the journal: an anchor that a running counter adds meanwhile must not look like a row that is gone.
        outside = AnchorFile(folder).read()
    except OSError:
        return Refusal("DATA-FOLDER-UNUSABLE")
    return reader.read(lambda tx: tx.verify(outside))


def _confirmed(alone: Verification, reader: JournalReader, province: Province, device: str) -> Verification | Refusal:
    """Put together what the chain says of itself and what the province says; the lower bad row is named."""
    incarnation, after = reader.read(lambda tx: (tx.anchors.incarnation, tx.anchors.first_n - 1))
    while True:
        rows = _links(reader, after, PAGE_ROWS)
        found = province.check_audit(AuditPage(device, incarnation, after, rows))
        if isinstance(found, Refusal):
            return found
        if rows and found.first_bad is None:
            after = rows[-1].n
        # A running counter may have written and anchored rows since the page was read.
        elif found.first_bad is not None or not _links(reader, after, 1):
            return _together(alone, found, after)


def _links(reader: JournalReader, after: int, limit: int) -> tuple[Link, ...]:
    return reader.read(lambda tx: tx.audit_links(after, limit))


def _together(alone: Verification, found: AuditFinding, last: int) -> Verification:
    bad = [] if alone.first_bad is None else [(alone.first_bad, alone.reason)]
    if found.first_bad is not None:
        bad.append((found.first_bad, found.reason))
    elif found.anchored_rows > last:
        bad.append((last + 1, ROLLED_BACK))
    first_bad, reason = min(bad, default=(None, None), key=lambda named: named[0])
    anchored = min(max(alone.anchored_rows, found.anchored_rows), last) if not bad else alone.anchored_rows
    return replace(
        alone,
        ok=not bad,
        first_bad=first_bad,
        reason=reason,
        anchored_rows=anchored,
        exposed_rows=max(last - anchored, 0),
    )


@contextmanager
def _province_url(settings: Settings, url: str | None) -> Iterator[str | Refusal]:
    """Find the province; in training it is the running counter's, or is started from the folder for this once."""
    given = url or settings.province_url
    if given is not None or not settings.training:
        yield given or Refusal("PROVINCE-NOT-SET")
        return
    if data_folder.is_held(settings.folder):
        answer = ask(settings.folder, "province")
        yield answer if isinstance(answer, Refusal) else str(answer.get("url"))
        return
    from app.training.process import TrainingNotStarted, TrainingProvince

    try:
        province = TrainingProvince.start(settings.folder / "province")
    except TrainingNotStarted as late:
        yield late.refusal
        return
    try:
        yield province.url
    finally:
        province.stop()
