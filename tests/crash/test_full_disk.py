"""A disk without room says so, whoever finds it out: journal, hall, and the verbs that only read."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.refusal import Refusal
from app.journal.audit_verify import Verification
from app.services import settings
from app.services.counter import Counter, open_counter
from app.services.events import EventBus
from app.services.journal_check import verify_journal
from app.services.offline_folder import read_outbox

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a small disk is a tmpfs, which Windows has not")


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(tmp_path)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"a small disk needs the right to mount: {mounted.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def leave(disk: Path, room: int) -> None:
    """Fill a disk up to so many bytes."""
    ballast = disk / "ballast"
    ballast.unlink(missing_ok=True)
    ballast.write_bytes(bytes(shutil.disk_usage(disk).free - room))


def open_one(folder: Path) -> Counter | Refusal:
    found = settings.load(folder, True, None)
    assert not isinstance(found, Refusal)
    return open_counter(found, EventBus(), ask_province=False)


@pytest.fixture
def folder(disk: Path) -> Path:
    """Return the folder of a counter that was opened and closed."""
    made = disk / "data"
    made.mkdir()
    lines = 'province_url = "http://127.0.0.1:9"\nreader = "virtual"\n'
    (made / "counter.toml").write_text(lines, encoding="utf-8")
    counter = open_one(made)
    assert isinstance(counter, Counter)
    counter.close()
    return made


@pytest.mark.parametrize("room", [0, 8 << 10, 40 << 10])
def test_a_start_without_room_says_that_the_disk_is_full(folder: Path, disk: Path, room: int) -> None:
    leave(disk, room)
    assert open_one(folder) == Refusal("DISK-FULL")
    assert open_one(disk / "new") == Refusal("DISK-FULL")
    (disk / "ballast").unlink()
    counter = open_one(folder)
    assert isinstance(counter, Counter)
    counter.close()


def test_reading_says_that_nothing_was_changed(folder: Path, disk: Path) -> None:
    leave(disk, 0)
    assert read_outbox(folder) == verify_journal(folder) == Refusal("READ-DISK-FULL")
    (disk / "ballast").unlink()
    assert read_outbox(folder) == ()
    assert isinstance(verify_journal(folder), Verification)
