"""`yikatong card pin` on a reader that has a pad of its own: the digits never come to this machine."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest

from app.verbs.entry import main
from hardware.readers import service as pcsc_service
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.in_process import InProcessService
from hardware.virtual.profiles import load_profile
from hardware.virtual.reader_pad import PadEnd, VirtualReaderPad

RIGHT, NEW, WRONG = load_profile("gen1").chip.pin, "314159", "271828"

Verb = Callable[..., tuple[int, str, str]]


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Verb:
    def run(
        doing: str, *entries: str | PadEnd, card: VirtualCard | None = None, more: str = ""
    ) -> tuple[int, str, str]:
        service = InProcessService()
        service.insert(card or VirtualCard(load_profile("gen1")))
        service.give_pad(VirtualReaderPad(list(entries)))
        monkeypatch.setattr(pcsc_service, "pcsc_context", service.context)
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{RIGHT}\n"))
        code = main(["card", "pin", doing, "--training", "--json", *more.split()])
        return (code, *capsys.readouterr())

    return run


def test_the_holder_verifies_and_changes_on_the_reader(verb: Verb) -> None:
    card = VirtualCard(load_profile("gen1"))
    code, said, told = verb("verify", RIGHT, card=card)
    assert (code, json.loads(said)["result"]) == (0, "verified")
    assert told == "请持卡人在读卡器的键盘上输入社保密码。\n"
    code, said, _told = verb("change", RIGHT, NEW, NEW, card=card)
    assert (code, json.loads(said)["result"]) == (0, "changed")
    assert verb("verify", NEW, card=card)[0] == 0


@pytest.mark.parametrize(
    ("doing", "entries", "refused"),
    [
        ("verify", (WRONG,), "PASSWORD-WRONG"),
        ("verify", (PadEnd.CANCELLED,), "PASSWORD-CANCELLED"),
        ("verify", (PadEnd.TIMED_OUT,), "PASSWORD-TIMED-OUT"),
        ("change", (RIGHT, NEW, WRONG), "PASSWORD-DIFFER"),
    ],
)
def test_how_it_else_ends_is_told_and_the_keyboard_is_not_asked(
    verb: Verb, doing: str, entries: tuple[str | PadEnd, ...], refused: str
) -> None:
    code, _said, told = verb(doing, *entries)
    assert code == 2
    assert told.splitlines()[-1].startswith(f"{refused} ")


def test_the_last_try_is_kept_on_the_reader_too(verb: Verb) -> None:
    card = VirtualCard(load_profile("gen1"))
    while not (told := verb("verify", WRONG, card=card)[2]).startswith("PASSWORD-LAST-KEPT"):
        assert "PASSWORD-WRONG" in told
    assert verb("verify", RIGHT, card=card, more="--last")[0] == 0
