"""Which other programs use cards: a process table made of files, and the real one of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hardware.readers.card_programs import card_programs
from hardware.readers.service import _LIBRARY

HOLDS_A_CARD = f"import ctypes, sys; ctypes.CDLL({_LIBRARY!r}); print(1, flush=True); sys.stdin.read()"


def process(table: Path, number: int, name: str, maps: str) -> None:
    folder = table / str(number)
    folder.mkdir()
    (folder / "comm").write_text(f"{name}\n", encoding="utf-8")
    (folder / "maps").write_text(maps, encoding="utf-8")


def test_who_has_the_library_loaded_is_named_but_this_process_and_the_service(tmp_path: Path) -> None:
    loaded = "7f00-7f01 r-xp 0 00:00 1 /usr/lib/libpcsclite.so.1.0.0\n"
    process(tmp_path, 10, "ebank", loaded)
    process(tmp_path, 11, "ebank", loaded)
    process(tmp_path, 12, "editor", "7f00-7f01 r-xp 0 00:00 1 /usr/lib/libc.so.6\n")
    process(tmp_path, 13, "yikatong", loaded)
    process(tmp_path, 14, "pcscd", loaded)
    (tmp_path / "15").mkdir()
    assert card_programs(tmp_path, own=13) == ("ebank",)
    assert card_programs(tmp_path / "nothing") == ()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not tell")
def test_a_real_process_that_loaded_the_library_is_named() -> None:
    command = [sys.executable, "-c", HOLDS_A_CARD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "1\n"
        name = Path(f"/proc/{other.pid}/comm").read_text(encoding="utf-8").strip()
        assert name in card_programs(own=os.getpid())
        other.communicate("")
