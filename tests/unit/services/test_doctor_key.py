"""What doctor says of the journal and its key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.catalogue import sentences
from app.domain.clock import SystemClock
from app.domain.mode import Mode
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.services import settings
from app.services.doctor import PROBES, Health
from app.services.machine_folder import shared_group_name


def told(folder: Path) -> tuple[Health, str]:
    found = settings.load(folder, True, None)
    assert not isinstance(found, Refusal)
    state, refusal = dict(PROBES)["journal_key"](found)
    return state, refusal.code


def test_a_key_in_a_file_is_weaker_and_one_that_is_gone_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")
    journal = Journal.open(tmp_path, FolderKeyStore(tmp_path, no_ring), SystemClock())
    assert isinstance(journal, Journal)
    journal.close()
    assert told(tmp_path) == (Health.WARN, "DOCTOR-KEY-FILE")
    (tmp_path / "journal.key").unlink()
    assert told(tmp_path) == (Health.FAIL, "JOURNAL-KEY-GONE")


def test_a_folder_of_the_other_mode_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")
    journal = Journal.open(tmp_path, FolderKeyStore(tmp_path, no_ring), SystemClock())
    assert isinstance(journal, Journal)
    assert journal.claim(Mode.TRAINING) is None
    journal.close()
    found = {}
    for training in (True, False):
        wanted = settings.load(tmp_path, training, None)
        assert not isinstance(wanted, Refusal)
        state, refusal = dict(PROBES)["journal"](wanted)
        found[training] = state, refusal.code
    assert found == {True: (Health.OK, "DOCTOR-JOURNAL-OK"), False: (Health.FAIL, "FOLDER-IS-TRAINING")}


@pytest.mark.skipif(os.name != "posix", reason="groups of files are POSIX")
def test_a_groups_key_is_told_with_its_group(tmp_path: Path) -> None:
    import grp

    tmp_path.chmod(0o2770)
    FolderKeyStore(tmp_path, no_ring).create()
    assert told(tmp_path) == (Health.OK, "DOCTOR-KEY-GROUP")
    assert shared_group_name(tmp_path) == grp.getgrgid(tmp_path.stat().st_gid).gr_name


def test_no_advice_is_to_make_the_folder_anew() -> None:
    assert "重建" not in sentences.load().code("DOCTOR-KEY-FILE").remedy
