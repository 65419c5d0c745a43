"""One process holds a file; its end, even by -9, gives it back."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.journal.held_file import hold_file

HOLD = """
import sys
from pathlib import Path
from app.journal.held_file import hold_file
held = hold_file(Path(sys.argv[1]))
print("held" if held else "refused", flush=True)
sys.stdin.read()
"""


def _holder(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _said(holder: subprocess.Popen[str]) -> str:
    assert holder.stdout is not None
    return holder.stdout.readline().strip()


def test_a_file_is_held_once_and_can_be_held_again(tmp_path: Path) -> None:
    held = hold_file(tmp_path / "lock")
    assert held is not None
    assert held.is_held
    assert hold_file(tmp_path / "lock") is None
    held.release()
    held.release()
    assert not held.is_held
    again = hold_file(tmp_path / "lock")
    assert again is not None
    again.release()


def test_another_process_is_refused_and_a_killed_one_gives_it_back(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first, second = _holder(path), None
    try:
        assert _said(first) == "held"
        second = _holder(path)
        assert _said(second) == "refused"
        assert hold_file(path) is None
    finally:
        for process in filter(None, (first, second)):
            process.send_signal(signal.SIGKILL)
            process.communicate()
    held = hold_file(path)
    assert held is not None
    held.release()


def test_a_child_does_not_go_on_holding(tmp_path: Path) -> None:
    held = hold_file(tmp_path / "lock")
    assert held is not None
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, close_fds=False
    ) as child:
        held.release()
        again = hold_file(tmp_path / "lock")
        child.communicate()
    assert again is not None
    again.release()


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        hold_file(tmp_path / "away" / "lock")
