"""Who holds the data folder, and how a verb asks the holder."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.domain.refusal import Refusal
from app.journal.held_file import hold_file
from app.services import control, data_folder
from app.services.control import ControlServer


def test_a_second_program_is_told_that_the_folder_is_in_use(tmp_path: Path) -> None:
    held = data_folder.hold(tmp_path)
    assert not isinstance(held, Refusal)
    code = (
        "import sys; from pathlib import Path; from app.services import data_folder;"
        "held = data_folder.hold(Path(sys.argv[1])); print(held.code)"
    )
    second = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert second.stdout.strip() == "DATA-FOLDER-IN-USE"
    held.release()
    again = data_folder.hold(tmp_path)
    assert not isinstance(again, Refusal)
    again.release()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert data_folder.hold(tmp_path / "file" / "below") == Refusal("DATA-FOLDER-UNUSABLE")


def test_an_empty_folder_is_not_held(tmp_path: Path) -> None:
    assert not data_folder.is_held(tmp_path)


def test_the_holder_answers_with_the_right_token_only(tmp_path: Path) -> None:
    held = data_folder.hold(tmp_path)
    assert not isinstance(held, Refusal)
    server = ControlServer(
        {
            "drain": lambda _detail: {"pending": 0},
            "retry": lambda detail: control.refusing(Refusal.of("OP-NOT-HERE", number=detail["op_id"])),
        }
    )
    server.start(held)
    try:
        assert data_folder.holder_file(tmp_path).stat().st_mode & 0o077 == 0
        assert control.ask(tmp_path, "drain", 5) == {"pending": 0}
        refused = control.ask(tmp_path, "retry", 5, {"op_id": "7"})
        assert refused == Refusal.of("OP-NOT-HERE", number="7")
        assert control.ask(tmp_path, "unheard", 5) == Refusal("COUNTER-NOT-RUNNING")
        text = data_folder.holder_file(tmp_path).read_text()
        data_folder.holder_file(tmp_path).write_text(text.replace('"token": "', '"token": "x'))
        assert control.ask(tmp_path, "drain", 5) == Refusal("COUNTER-NOT-RUNNING")
    finally:
        server.stop()
        held.release()
    assert control.ask(tmp_path, "drain", 5) == Refusal("COUNTER-NOT-RUNNING")


@pytest.mark.parametrize("content", ["", "[]", '{"port": 1}', "not json"])
def test_a_broken_holder_file_is_no_counter(tmp_path: Path, content: str) -> None:
    data_folder.holder_file(tmp_path).write_text(content)
    assert control.ask(tmp_path, "drain", 1) == Refusal("COUNTER-NOT-RUNNING")


def test_training_has_a_folder_of_its_own() -> None:
    assert data_folder.default_folder(training=True) != data_folder.default_folder(training=False)


def test_whoever_only_asks_does_not_keep_a_counter_from_starting(tmp_path: Path) -> None:
    (tmp_path / "counter.lock").touch()
    asking = hold_file(tmp_path / "counter.lock")
    assert asking is not None
    let_go = threading.Timer(data_folder.ASKING_S / 4, asking.release)
    let_go.start()
    held = data_folder.hold(tmp_path)
    let_go.join()
    assert isinstance(held, data_folder.DataFolder)
    held.release()
