"""What verbs do with the outbox of a folder: beside a running counter, or where none runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from app.catalogue import services
from app.domain.clock import SystemClock
from app.domain.mode import Mode
from app.domain.refusal import Refusal
from app.journal.delivery_history import OperationHistory
from app.journal.journal import Journal
from app.journal.reading import JournalReader
from app.services import data_folder
from app.services.control import ask
from app.services.offline_folder import read_folder, with_journal
from app.services.operator import command_refused_to_operator, operator_name
from app.services.operator_door import OperatorDoor
from app.services.outbox_desk import EXPORT, RETRY
from app.services.outbox_rows import delivered
from app.services.sealed_file import Exported, seal, write_sealed
from app.services.settings import load


def show_operation(folder: Path, number: str) -> OperationHistory | Refusal:
    """Return one operation with its history, also while a counter holds the folder: OP-NOT-HERE, OP-NOT-QUEUED."""
    return read_folder(folder, "outbox_rows", lambda reader: reader.read(lambda tx: delivered(tx, number)))


def retry_operation(folder: Path, number: str) -> Mapping[str, object] | Refusal:
    """Make one operation due; a running counter sends it at once, else the next one that runs."""
    denied = command_refused_to_operator(services.load(), RETRY)
    if denied is not None:
        return denied
    if data_folder.is_held(folder):
        return ask(folder, "retry", detail={"op_id": number, "account": operator_name()})

    def work(journal: Journal) -> Mapping[str, object] | Refusal:
        refusal = OperatorDoor(journal, services.load()).retry(number, operator_name())
        return refusal or {"op_id": number, "due": True}

    return with_journal(folder, work)


def export_outbox(folder: Path, file: Path) -> Exported | Refusal:
    """Write everything unsent into a sealed file; the audit row is a running counter's, where one holds the folder."""
    denied = command_refused_to_operator(services.load(), EXPORT)
    if denied is not None:
        return denied
    if data_folder.is_held(folder):
        return read_folder(folder, "outbox_rows", lambda reader: _export_beside(reader, folder, file))

    def work(journal: Journal) -> Exported | Refusal:
        device = _device(journal.mode, folder)
        if isinstance(device, Refusal):
            return device

        def audited(done: Exported) -> Refusal | None:
            return OperatorDoor(journal, services.load()).note(EXPORT, operator_name(), done.row)

        sealed = journal.run(lambda tx: seal(tx, device, SystemClock().now())).result()
        return sealed if isinstance(sealed, Refusal) else write_sealed(sealed, file, audited)

    return with_journal(folder, work)


def _export_beside(reader: JournalReader, folder: Path, file: Path) -> Exported | Refusal:
    device = _device(reader.mode, folder)
    if isinstance(device, Refusal):
        return device

    def audited(done: Exported) -> Refusal | None:
        answer = ask(folder, "note", detail={**done.row, "command": EXPORT, "account": operator_name()})
        return answer if isinstance(answer, Refusal) else None

    sealed = reader.read(lambda tx: seal(tx, device, SystemClock().now()))
    return sealed if isinstance(sealed, Refusal) else write_sealed(sealed, file, audited)


def _device(mode: Mode | None, folder: Path) -> str | Refusal:
    if mode is None:
        return Refusal("JOURNAL-UNMARKED")
    settings = load(folder, mode is Mode.TRAINING, None)
    if isinstance(settings, Refusal):
        return settings
    return settings.device or Refusal.of("SETTINGS-MISSING", keys="device")
