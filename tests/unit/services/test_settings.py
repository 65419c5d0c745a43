"""`counter.toml`: what is understood, and what is refused with the line's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.refusal import Refusal
from app.services import settings


def test_defaults_need_no_file(tmp_path: Path) -> None:
    loaded = settings.load(tmp_path, training=True, hall_url=None)
    assert not isinstance(loaded, Refusal)
    assert loaded.training
    assert loaded.province_url is None
    assert loaded.window == "1"


def test_the_verb_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "counter.toml").write_text('hall_url = "sqlite:///a"\nwindow = 3\nsettle_wait_s = 1\n')
    loaded = settings.load(tmp_path, training=False, hall_url="sqlite:///b")
    assert not isinstance(loaded, Refusal)
    assert (loaded.hall_url, loaded.window, loaded.settle_wait_s) == ("sqlite:///b", "3", 1.0)


@pytest.mark.parametrize("content", [b"window = ", b"windows = 3", b"window = 1.5", b"\xff\xfe"])
def test_a_file_that_is_not_understood_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "counter.toml").write_bytes(content)
    loaded = settings.load(tmp_path, training=True, hall_url=None)
    assert isinstance(loaded, Refusal)
    assert loaded.code == "SETTINGS-WRONG"
