"""Back-ups, and restoring a data folder's journal from one or from the second place.

The key comes from the folder, from a file that was kept apart, from this machine's keyring, or from the province, which
opens what was sealed for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.catalogue import services
from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.journal import backup, database, restore, segments
from app.journal.backup import BackupHeader
from app.journal.database import DATABASE_FILE, Access
from app.journal.escrow import sealed_for_province
from app.journal.fault_point import fault_point
from app.journal.journal import Journal
from app.journal.keys import KeyStore, KeyStoreAway, key_by_name, key_in, key_name, machine_key_store
from app.journal.restore import Restored
from app.journal.segments import Header
from app.journal.trouble import folder_refusal
from app.province.port import Province
from app.services import data_folder
from app.services.control import ask
from app.services.offline_folder import with_journal
from app.services.operator import command_refused_to_operator, operator_name
from app.services.operator_door import BACK_UP, OperatorDoor
from app.services.settings import Settings

AskKey = Callable[[str, str], bytes | Refusal]
"""Asks the province for a key: the device's name, and what was sealed for the province."""


@dataclass(frozen=True)
class _Source:
    """What is restored from."""

    header: Header | BackupHeader
    opens: Callable[[bytes], bool]
    restore: Callable[[bytes, Path], Restored | Refusal]


def back_up(settings: Settings, out: Path) -> BackupHeader | Refusal:
    """Write a back-up of a folder's journal, also while a counter holds it.

    Refusals: BACKUP-EXISTS, BACKUP-FAILED, DISK-FULL, NOT-PERMITTED, and what opening the journal for reading refuses.
    """
    denied = command_refused_to_operator(services.load(), BACK_UP)
    if denied is not None:
        return denied
    folder = settings.folder
    if data_folder.is_held(folder):

        def told(detail: Mapping[str, str]) -> Refusal | None:
            answer = ask(folder, "note", detail={**detail, "command": BACK_UP, "account": operator_name()})
            return answer if isinstance(answer, Refusal) else None

        return _back_up(settings, out, told)

    def work(journal: Journal) -> BackupHeader | Refusal:
        door = OperatorDoor(journal, services.load())
        return _back_up(settings, out, lambda detail: door.note(BACK_UP, operator_name(), detail))

    return with_journal(folder, work)


def _back_up(
    settings: Settings, out: Path, audited: Callable[[Mapping[str, str]], Refusal | None]
) -> BackupHeader | Refusal:
    try:
        key = machine_key_store(settings.folder).load()
    except KeyStoreAway as away:
        return away.refusal
    if key is None:
        return Refusal("JOURNAL-KEY-GONE")
    access = Access(settings.folder / DATABASE_FILE, key, read_only=True)
    seal = sealed_for_province(settings.device, key)
    name = key_name(settings.folder)
    return backup.make_backup(
        access, out, settings.device, name, seal, SystemClock(), lambda header: audited({"sm3": header.sm3})
    )


def restore_folder(source: Path, folder: Path, key_file: Path | None, ask: AskKey | None) -> Restored | Refusal:
    """Make the journal of a folder that has none, from a back-up file or a second place.

    Refusals: RESTORE-FOLDER-NOT-EMPTY, RESTORE-COPY-NONE, RESTORE-COPY-SEVERAL, RESTORE-KEY-NONE, JOURNAL-KEY-WRONG,
    JOURNAL-TOO-NEW, JOURNAL-DAMAGED, DATA-FOLDER-IN-USE, DATA-FOLDER-UNUSABLE, DISK-FULL, those of the province.
    """
    held = data_folder.hold(folder)
    if isinstance(held, Refusal):
        return held
    try:
        if database.exists(folder):
            return Refusal.of("RESTORE-FOLDER-NOT-EMPTY", folder=folder)
        return _restore(source, folder, key_file, ask)
    except KeyStoreAway as away:
        return away.refusal
    except OSError as error:
        return folder_refusal(error)
    finally:
        held.lock.release()


def ask_province(province: Province) -> AskKey:
    """Have a province open what was sealed for it; the answer is sealed for a pair that lives no longer than this."""

    def ask(device: str, escrow: str) -> bytes | Refusal:
        from hardware.crypto import sm2

        pair = sm2.make_pair()
        sealed = province.release_key(device, escrow, pair.public.hex())
        if isinstance(sealed, Refusal):
            return sealed
        return sm2.decrypt(pair, bytes.fromhex(sealed)) or Refusal("PROVINCE-NONSENSE")

    return ask


def _restore(source: Path, folder: Path, key_file: Path | None, ask: AskKey | None) -> Restored | Refusal:
    found = _backup(source) if source.is_file() else _copy(source)
    if isinstance(found, Refusal):
        return found
    store = machine_key_store(folder)
    key = _key(found, store, key_file, ask)
    if isinstance(key, Refusal):
        return key
    if store.load() is None:
        store.keep(key)
    fault_point("restore_key")
    return found.restore(key, folder)


def _backup(file: Path) -> _Source | Refusal:
    header = backup.read_backup(file)
    if header is None:
        return Refusal("RESTORE-COPY-NONE")
    return _Source(
        header,
        lambda key: backup.opens(header, key),
        lambda key, folder: backup.restore_backup(file, key, folder, SystemClock()),
    )


def _copy(source: Path) -> _Source | Refusal:
    copy = restore.find_copy(source)
    if isinstance(copy, Refusal):
        return copy
    header = restore.header_of(copy)
    if header is None:
        return Refusal("RESTORE-COPY-NONE")
    return _Source(
        header,
        lambda key: segments.opens(header, key),
        lambda key, folder: restore.restore_copy(copy, key, folder, SystemClock()),
    )


def _key(source: _Source, store: KeyStore, key_file: Path | None, ask: AskKey | None) -> bytes | Refusal:
    present = store.load()
    if present is not None:
        # The folder's own key must be this journal's: another one is somebody's, and is not replaced.
        return present if source.opens(present) else Refusal("JOURNAL-KEY-WRONG")
    if key_file is not None:
        given = key_in(key_file)
        return given if given is not None and source.opens(given) else Refusal("JOURNAL-KEY-WRONG")
    kept = key_by_name(source.header.key_name)
    if kept is not None and source.opens(kept):
        return kept
    if ask is None or not source.header.escrow:
        return Refusal("RESTORE-KEY-NONE")
    released = ask(source.header.device, source.header.escrow)
    if isinstance(released, Refusal):
        return released
    return released if source.opens(released) else Refusal("JOURNAL-KEY-WRONG")
