from __future__ import annotations

import io

import pytest

from app.verbs.card_pin import NoPad, TrainingPad
from hardware.ports import Pin, PinPadFault, PinPurpose


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_at_a_terminal_it_is_asked_for_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("sys.stdin", Terminal("13579\n"))
    monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or "2468033")
    assert TrainingPad().ask(PinPurpose.NEW) == Pin("2468033")
    assert asked == ["新的社保密码："]


def test_whoever_ends_the_input_cancels(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", ended)
    assert TrainingPad().ask(PinPurpose.CURRENT) is PinPadFault.CANCELLED


@pytest.mark.parametrize(
    ("typed", "given"),
    [("", PinPadFault.CANCELLED), ("12\n", PinPadFault.WRONG_LENGTH), ("123456\n", Pin("123456"))],
)
def test_without_a_terminal_it_is_a_line(monkeypatch: pytest.MonkeyPatch, typed: str, given: object) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert TrainingPad().ask(PinPurpose.CURRENT) == given


@pytest.mark.parametrize("purpose", PinPurpose)
def test_without_a_pad_nothing_is_asked(purpose: PinPurpose) -> None:
    assert NoPad().ask(purpose) is PinPadFault.NO_PAD
