"""`journal verify` beside a running counter, with the province, and after the file was replaced by an older copy."""

from __future__ import annotations

import json
import queue
import shutil
from pathlib import Path

import pytest

from app.domain.clock import SystemClock
from app.domain.mode import Mode
from app.domain.refusal import Refusal
from app.hall.training_staff import training_password
from app.journal.anchor_places import ANCHOR_FILE, AnchorFile
from app.journal.anchors import Anchoring
from app.journal.journal import Journal
from app.journal.keys import machine_key_store
from app.province.http_client import HttpProvince
from app.province.line_guard import LineGuard
from app.services.control import ask
from app.services.counter import Counter, open_counter
from app.services.device_line import guard_for
from app.services.events import EventBus, Trouble
from app.services.journal_check import verify_with_province
from app.services.settings import Settings, load
from app.training.process import TrainingProvince
from app.verbs.entry import main
from tests.contract.services.conftest import OpenCounter
from tests.programs import Province

DEVICE = "TRAINING-01"


@pytest.fixture(autouse=True)
def _key_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")


def written_and_anchored(folder: Path, url: str, rows: int) -> int:
    """Write rows into a folder that nobody holds, anchor them, and return how many there are."""
    journal = Journal.open(folder, machine_key_store(folder), SystemClock())
    assert isinstance(journal, Journal), journal
    assert journal.claim(Mode.TRAINING) is None
    journal.run(lambda tx: [tx.audit("test", "0007", "done") for _ in range(rows)]).result()
    settings = load(folder, training=True, hall_url=None)
    assert isinstance(settings, Settings)
    guard = guard_for(settings, url)
    assert isinstance(guard, LineGuard)
    client = HttpProvince(url, DEVICE, training=True, guard=guard)
    Anchoring(journal, client, SystemClock(), DEVICE, (AnchorFile(folder),)).round(uploaded=True)
    client.close()
    found = journal.run(lambda tx: tx.verify()).result()
    journal.close()
    assert (found.ok, found.exposed_rows) == (True, 0)
    return found.rows


def verify(capsys: pytest.CaptureFixture[str], folder: Path, *more: str) -> dict[str, object]:
    """Run the verb and return its JSON with its exit code."""
    code = main(["journal", "verify", "--data", str(folder), "--training", "--json", *more])
    return {**json.loads(capsys.readouterr().out), "code": code}


def good(anchored: int, exposed: int = 0) -> dict[str, object]:
    return {
        "rows": anchored + exposed,
        "ok": True,
        "first_bad": None,
        "reason": None,
        "anchored_rows": anchored,
        "exposed_rows": exposed,
        "code": 0,
    }


def test_a_folder_that_a_counter_holds_is_verified_and_its_province_asked(
    opened: OpenCounter, province: Province, capsys: pytest.CaptureFixture[str]
) -> None:
    counter = opened("gen3")
    folder = counter.settings.folder
    assert not isinstance(counter.desk.sign_in("0317", training_password()), Refusal)
    counter.close()
    rows = written_and_anchored(folder, province.url, 2)
    counter = opened("gen3")
    assert not isinstance(counter.desk.sign_in("0317", training_password()), Refusal)
    # The counter's first contact anchors the new row too when it comes after it.
    assert verify(capsys, folder) in (good(rows, 1), good(rows + 1))
    assert verify(capsys, folder, "--with-province") in (good(rows, 1), good(rows + 1))
    answer = ask(folder, "province")
    assert not isinstance(answer, Refusal)
    assert answer["url"] == province.url
    assert main(["journal", "verify", "--data", str(folder), "--training"]) == 0
    assert "已锚定到第" in capsys.readouterr().out
    province.kill()
    assert main(["journal", "verify", "--data", str(folder), "--training", "--with-province"]) == 2
    assert capsys.readouterr().err.startswith("PROVINCE-AWAY ")


def test_an_older_copy_of_the_file_is_found_by_what_is_outside_by_the_province_and_by_the_next_start(
    opened: OpenCounter, province: Province, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    counter: Counter = opened("gen3")
    settings = counter.settings
    folder = settings.folder
    counter.close()
    kept = written_and_anchored(folder, province.url, 3)
    shutil.copy(folder / "journal.db", tmp_path / "older.db")
    assert written_and_anchored(folder, province.url, 4) > kept
    shutil.copy(tmp_path / "older.db", folder / "journal.db")
    bad = {"ok": False, "first_bad": kept + 1, "reason": "AUDIT-ROLLED-BACK", "exposed_rows": 0, "code": 2}
    assert verify(capsys, folder) == good(kept) | bad
    (folder / ANCHOR_FILE).unlink()
    assert verify(capsys, folder) == good(kept)
    assert verify(capsys, folder, "--with-province") == good(kept) | bad
    assert main(["journal", "verify", "--data", str(folder), "--training", "--province", province.url]) == 2
    assert capsys.readouterr().out.startswith("AUDIT-ROLLED-BACK ")
    troubles: queue.Queue[str] = queue.Queue()
    bus = EventBus()
    bus.subscribe(lambda event: troubles.put(event.refusal.code) if isinstance(event, Trouble) else None)
    again = open_counter(settings, bus)
    assert isinstance(again, Counter)
    try:
        assert troubles.get(timeout=20) == "ANCHOR-BACKWARDS"
    finally:
        again.close()
    assert [row["code"] for row in province.get("/training/alarms")] == ["ANCHOR-BACKWARDS"]


def code_of(told: object) -> str:
    assert isinstance(told, Refusal), told
    return told.code


def test_a_province_is_asked_only_for_what_it_may_be(tmp_path: Path) -> None:
    assert code_of(verify_with_province(tmp_path, training=False, url=None)) == "JOURNAL-NONE"
    journal = Journal.open(tmp_path, machine_key_store(tmp_path), SystemClock())
    assert isinstance(journal, Journal)
    assert code_of(verify_with_province(tmp_path, training=True, url=None)) == "JOURNAL-UNMARKED"
    journal.claim(Mode.REAL)
    journal.close()
    assert code_of(verify_with_province(tmp_path, training=True, url=None)) == "FOLDER-IS-REAL"
    assert code_of(verify_with_province(tmp_path, training=False, url=None)) == "PROVINCE-NOT-SET"
    assert code_of(verify_with_province(tmp_path, training=False, url="nowhere")) == "INPUT-WRONG"
    (tmp_path / "counter.toml").write_text("device = 3\n", encoding="utf-8")
    assert code_of(verify_with_province(tmp_path, training=False, url=None)) == "SETTINGS-WRONG"


def test_in_training_the_folders_own_province_is_started_for_this_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = TrainingProvince.start(tmp_path / "province", holders=5)
    rows = written_and_anchored(tmp_path, own.url, 2)
    own.stop()
    assert verify(capsys, tmp_path, "--with-province") == good(rows)
