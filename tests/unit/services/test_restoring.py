"""A data folder comes back from a back-up or the second place with the key from wherever it still is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.journal import keys
from app.journal.backup import read_backup
from app.journal.copier import Copying
from app.journal.journal import Journal
from app.journal.keys import KEY_STORE_VARIABLE, FolderKeyStore, no_ring
from app.journal.restore import Restored
from app.journal.second_place import SecondFolder
from app.services import data_folder, restoring, second_copy
from app.services.control import ControlServer
from app.services.restoring import ask_province, back_up, restore_folder
from app.services.settings import Settings, load
from app.services.verb_answers import VerbAnswers
from hardware.crypto import sm2
from tests.memory_folder import memory_folder
from tests.unit.journal.scenery import StillClock, operation

PROVINCE = sm2.make_pair()


class OpeningProvince:
    """Opens what was sealed for it."""

    asked: list[str]

    def __init__(self) -> None:
        self.asked = []

    def release_key(self, device: str, escrow: str, public_key: str) -> str | Refusal:
        import json

        self.asked.append(device)
        told = json.loads(sm2.decrypt(PROVINCE, bytes.fromhex(escrow)))
        assert told["device"] == device
        return sm2.encrypt(bytes.fromhex(public_key), bytes.fromhex(told["key"])).hex()


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv(KEY_STORE_VARIABLE, "file")
    with memory_folder() as made:
        (made / "usb").mkdir()
        yield made


@pytest.fixture
def settings(root: Path) -> Settings:
    folder = root / "data"
    folder.mkdir()
    (folder / "counter.toml").write_text(f'second_place = "{root / "usb"}"\n')
    found = load(folder, True, None)
    assert isinstance(found, Settings)
    return found


@pytest.fixture
def journal(settings: Settings) -> Iterator[Journal]:
    opened = Journal.open(settings.folder, FolderKeyStore(settings.folder, no_ring), SystemClock())
    assert isinstance(opened, Journal)

    def work(tx: object) -> None:
        tx.copying(True)
        tx.enqueue(operation(StillClock()), ())
        tx.audit("test", "0007", "done")

    opened.run(work).result()
    held = data_folder.hold(settings.folder)
    assert isinstance(held, data_folder.DataFolder)
    control = ControlServer(VerbAnswers(SimpleNamespace(journal=opened)).actions())
    assert control.start(held) is None
    yield opened
    control.stop()
    held.release()
    opened.close()


@pytest.fixture
def enrolled(journal: Journal) -> None:
    def work(tx: object) -> None:
        pair = sm2.make_pair()
        tx.anchors.keep_device_key(pair.private, pair.public)
        tx.anchors.enrolled(PROVINCE.public)

    journal.run(work).result()


@pytest.fixture
def copied(journal: Journal, settings: Settings, root: Path) -> Callable[[], Path]:
    def copy() -> Path:
        place = SecondFolder(root / "usb", journal.machine_id)
        copying = Copying(journal, second_copy._source(settings), place, SystemClock())
        copying.step()
        copying.close()
        return root / "usb"

    return copy


def new_folder(root: Path) -> Path:
    made = root / f"new {len(list(root.iterdir()))}"
    made.mkdir()
    return made


def opened(folder: Path) -> int:
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), SystemClock())
    assert isinstance(journal, Journal)
    try:
        assert journal.run(lambda tx: tx.verify()).result().ok
        return journal.run(
            lambda tx: len(tx._book.connection.exec_driver_sql("SELECT 1 FROM operation").all())
        ).result()
    finally:
        journal.close()


def test_a_backup_of_a_journal_in_use_is_restored_with_a_key_kept_apart(
    journal: Journal, settings: Settings, root: Path
) -> None:
    made = back_up(settings, root / "back")
    assert not isinstance(made, Refusal), made
    assert made.escrow == ""
    (row,) = journal.run(lambda tx: tx.audit_rows(1)).result()
    assert (row.event, row.result, made.sm3 in row.detail) == ("journal.backup", "done", True)
    assert row.actor.startswith("os:")
    assert back_up(settings, root / "back") == Refusal.of("BACKUP-EXISTS", file=root / "back")
    assert sorted(file.name for file in root.iterdir()) == ["back", "data", "usb"]
    folder = new_folder(root)
    assert restore_folder(root / "back", folder, None, None) == Refusal("RESTORE-KEY-NONE")
    wrong = root / "wrong.key"
    wrong.write_text("00" * 32)
    assert restore_folder(root / "back", folder, wrong, None) == Refusal("JOURNAL-KEY-WRONG")
    found = restore_folder(root / "back", folder, settings.folder / "journal.key", None)
    assert isinstance(found, Restored)
    assert (found.operations, found.chain_ok, found.damaged) == (1, True, False)
    assert opened(folder) == 1
    again = restore_folder(root / "back", folder, None, None)
    assert again == Refusal.of("RESTORE-FOLDER-NOT-EMPTY", folder=folder)


@pytest.mark.usefixtures("enrolled")
@pytest.mark.parametrize("kind", ["backup", "copy"])
def test_the_province_opens_the_key_of_an_enrolled_device(
    kind: str, settings: Settings, root: Path, copied: Callable, journal: Journal
) -> None:
    if kind == "backup":
        assert back_up(settings, root / "back").escrow
        source = root / "back"
    else:
        source = copied()
    province, folder = OpeningProvince(), new_folder(root)
    found = restore_folder(source, folder, None, ask_province(province))
    assert isinstance(found, Restored), found
    assert province.asked == [settings.device]
    assert (folder / "journal.key").read_text() == (settings.folder / "journal.key").read_text()
    assert opened(folder) == 1


def test_the_keyring_of_this_machine_still_has_the_key(
    journal: Journal, settings: Settings, root: Path, copied: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = (settings.folder / "journal.key").read_text()

    class Ring:
        def get(self, name: str) -> str | None:
            return key if name == "journal-7" else None

        def put(self, name: str, secret: str) -> None:
            raise keys.KeyStoreAway(Refusal("JOURNAL-KEYRING-AWAY"))

    monkeypatch.setattr(second_copy, "key_name", lambda _folder: "journal-7")
    monkeypatch.setattr(keys, "system_ring", Ring)
    source, folder = copied(), new_folder(root)
    assert isinstance(restore_folder(source, folder, None, None), Restored)
    assert (folder / "journal.key").read_text() == key


def test_a_folder_with_another_journals_key_is_left_alone(
    journal: Journal, settings: Settings, root: Path, copied: Callable
) -> None:
    source, folder = copied(), new_folder(root)
    FolderKeyStore(folder, no_ring).create()
    refused = restore_folder(source, folder, settings.folder / "journal.key", None)
    assert refused == Refusal("JOURNAL-KEY-WRONG")


def test_what_is_no_copy_and_what_is_two_is_told(journal: Journal, root: Path, copied: Callable) -> None:
    folder = new_folder(root)
    assert restore_folder(root / "nowhere", folder, None, None) == Refusal("RESTORE-COPY-NONE")
    (root / "text").write_text("no back-up")
    assert restore_folder(root / "text", folder, None, None) == Refusal("RESTORE-COPY-NONE")
    (there,) = copied().iterdir()
    (root / "usb" / "yikatong-other").mkdir()
    (root / "usb" / "yikatong-other" / "000001-000001.copy").write_bytes(b"")
    several = restore_folder(root / "usb", folder, None, None)
    assert several == Refusal.of("RESTORE-COPY-SEVERAL", names=f"{there.name}, yikatong-other")


def test_a_backup_of_a_journal_that_nobody_uses_is_written_down_too(settings: Settings, root: Path) -> None:
    store = FolderKeyStore(settings.folder, no_ring)
    assert back_up(settings, root / "back") == Refusal("JOURNAL-NONE")
    opened = Journal.open(settings.folder, store, SystemClock())
    assert isinstance(opened, Journal)
    opened.close()
    assert not isinstance(back_up(settings, root / "back"), Refusal)
    again = Journal.open(settings.folder, store, SystemClock())
    assert isinstance(again, Journal)
    (row,) = again.run(lambda tx: tx.audit_rows(5)).result()
    again.close()
    assert (row.event, row.result) == ("journal.backup", "done")


def test_a_backup_that_is_not_written_down_is_none(
    journal: Journal, settings: Settings, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "ask", lambda *_arguments, **_more: Refusal("COUNTER-NOT-RUNNING"))
    assert back_up(settings, root / "back") == Refusal("COUNTER-NOT-RUNNING")
    assert sorted(file.name for file in root.iterdir()) == ["data", "usb"]


def test_a_backup_with_a_flipped_byte_is_not_restored(journal: Journal, settings: Settings, root: Path) -> None:
    assert not isinstance(back_up(settings, root / "back"), Refusal)
    content = bytearray((root / "back").read_bytes())
    content[-100] ^= 1
    (root / "back").write_bytes(content)
    folder = new_folder(root)
    assert read_backup(root / "back") is not None
    refused = restore_folder(root / "back", folder, settings.folder / "journal.key", None)
    assert refused == Refusal("JOURNAL-DAMAGED")
    assert not (folder / "journal.db").exists()


def test_a_full_disk_leaves_no_half_backup(
    journal: Journal, settings: Settings, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError

    monkeypatch.setattr(restoring.backup, "_write", full)
    assert back_up(settings, root / "back") == Refusal("BACKUP-FAILED")
    assert sorted(file.name for file in root.iterdir()) == ["data", "usb"]
