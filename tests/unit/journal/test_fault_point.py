"""Fault points: free when off, and deadly at the named one only."""

from __future__ import annotations

import os
import signal

import pytest

from app.journal import fault_point as module
from app.journal.fault_point import FAULT_POINTS, FAULT_VARIABLE, fault_point


@pytest.fixture
def kills(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, sign: made.append((pid, sign)))
    monkeypatch.setattr(module, "_hits", type(module._hits)())
    return made


@pytest.mark.parametrize(
    ("wanted", "deaths"),
    [
        (None, []),
        ("", []),
        ("after_lease", []),
        ("before_commit", [1, 2, 3]),
        ("before_commit:2", [2, 3]),
        ("before_commit@register", [2]),
        ("before_commit@register:2", []),
    ],
)
def test_only_the_named_point_kills(
    monkeypatch: pytest.MonkeyPatch, kills: list[tuple[int, int]], wanted: str | None, deaths: list[int]
) -> None:
    if wanted is None:
        monkeypatch.delenv(FAULT_VARIABLE, raising=False)
    else:
        monkeypatch.setenv(FAULT_VARIABLE, wanted)
    died = []
    for turn, label in enumerate(("", "register", "other"), start=1):
        before = len(kills)
        fault_point("before_commit", label)
        if len(kills) > before:
            died.append(turn)
    assert died == deaths
    assert all(kill == (os.getpid(), signal.SIGKILL) for kill in kills)


def test_every_point_is_registered_and_placed() -> None:
    from pathlib import Path

    app = Path(module.__file__).parents[1]
    source = "".join(file.read_text(encoding="utf-8") for file in app.rglob("*.py"))
    for name in FAULT_POINTS:
        assert f'fault_point("{name}"' in source
    assert source.count('fault_point("') == len(FAULT_POINTS)
