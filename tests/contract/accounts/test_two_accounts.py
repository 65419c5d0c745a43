"""The data folder belongs to the machine: two real accounts of the operating system work with it in turn."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain.refusal import Refusal
from app.services.machine_folder import share_folder, shared_group_name

pwd = pytest.importorskip("pwd", reason="Windows' accounts share the key by DPAPI")
two_accounts = pytest.importorskip("tests.contract.accounts.two_accounts")
ACCOUNTS, GROUP = two_accounts.ACCOUNTS, two_accounts.GROUP

ROOT = Path(__file__).parents[3]
NOT_ROOT = not hasattr(os, "geteuid") or os.geteuid() != 0

pytestmark = pytest.mark.skipif(NOT_ROOT, reason="only root can be two other accounts; this run is not root")


@pytest.fixture
def folder() -> Iterator[Path]:
    # pytest's own folders let nobody else in.
    base = Path(tempfile.mkdtemp())
    base.chmod(0o755)
    yield base / "数据"
    shutil.rmtree(base)


def test_two_accounts_use_one_folder_and_a_third_reads_nothing(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.contract.accounts.two_accounts", str(folder)],
        cwd=ROOT,
        env={**os.environ, "YIKATONG_KEY_STORE": "file"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["shared"] is None
    one, two, fell, four, five, third = found["told"]
    assert one["notes"] == ["one"]
    assert two["notes"] == ["one", "two"]
    assert fell == {"signal": 9}
    assert four["notes"] == ["fell", "four", "one", "two"]
    assert five["notes"] == ["fell", "five", "four", "one", "two"]
    for told, account in ((one, 0), (two, 1), (four, 1), (five, 0)):
        assert told["uid"] == pwd.getpwnam(ACCOUNTS[account]).pw_uid
        assert (told["strength"], told["announced"], told["staff"], told["chain"]) == ("group", True, True, True)
    assert (third["refused"], third["read"]) == ("DATA-FOLDER-UNUSABLE", 0)
    assert found["key_uid"] == 0
    assert found["modes"].pop("journal.key") == "0o640"
    assert set(found["modes"].values()) == {"0o660"}, found["modes"]


def test_what_an_account_had_alone_becomes_the_groups_and_stays_what_it_was(folder: Path) -> None:
    from app.domain.clock import SystemClock
    from app.journal.journal import Journal
    from app.journal.keys import FolderKeyStore, no_ring

    alone = Journal.open(folder, FolderKeyStore(folder, no_ring), SystemClock())
    assert isinstance(alone, Journal)
    assert alone.key_strength == "file"
    machine = alone.machine_id
    alone.close()
    assert share_folder(folder, GROUP) is None
    assert shared_group_name(folder) == GROUP
    shared = Journal.open(folder, FolderKeyStore(folder, no_ring), SystemClock())
    assert isinstance(shared, Journal)
    assert (shared.machine_id, shared.key_strength) == (machine, "group")
    shared.close()


def test_a_group_that_is_not_there_changes_nothing(folder: Path) -> None:
    assert share_folder(folder, "no-such-group") == Refusal.of("SHARE-NO-GROUP", group="no-such-group")
    assert not folder.exists()
