"""What a host does with its lines, in this process: only with calls that leave it whole."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hardware.readers.sscard.host import serve
from hardware.readers.sscard.wire import Argument, Convention, Out, call_request, load_request
from tests.contract.hardware.sscard.maker import BASE, Maker

Ask = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def ask(maker: Maker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Ask:
    """Serve these lines, the library loaded before them; gives what was answered after that."""
    # The host changes its working folder, which is this process's.
    monkeypatch.chdir(tmp_path)

    def served(*lines: bytes) -> list[dict[str, Any]]:
        asked = iter([load_request("sscard", str(maker.driver.path), Convention.STDCALL), *lines])
        answers = io.BytesIO()
        serve(lambda: next(asked, None), answers)
        loaded, *rest = map(json.loads, answers.getvalue().splitlines())
        assert loaded == {"loaded": "sscard"}
        assert Path.cwd() == maker.folder
        return rest

    return served


def call(function: str, *arguments: Argument) -> bytes:
    return call_request("sscard", function, arguments)


def test_calls_are_answered_in_turn(maker, ask):
    maker.set(settings={"iVerifyPIN": "好|", "GetPeopleName": "甲"})
    assert ask(
        call("iReadCardBas", 1, Out.TEXT), call("iVerifyPIN", 2, Out.TEXT), call("GetPeopleName", Out.COUNTED)
    ) == [
        {"returned": 0, "out": [f"text {BASE}"]},
        {"returned": 0, "out": ["text 好|"]},
        {"returned": 1, "out": ["hex bcd7"]},
    ]


def test_text_and_bytes_go_over_alike(maker, ask):
    ask(call("iReloadPIN", 1, "𠮷|", Out.TEXT), call("iReloadPIN", 1, "张|".encode("gb18030"), Out.TEXT))
    assert maker.calls() == ["iReloadPIN(1,𠮷|)", "iReloadPIN(1,张|)"]


def test_a_function_that_is_missing_ends_nothing(ask):
    missing, known = ask(call("iNothing"), call("iReadCardBas", 1, Out.TEXT))
    assert missing == {"fault": "no_function", "detail": "iNothing"}
    assert known["returned"] == 0


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"{}\n", "request"),
        (b"\xff\n", "request"),
        (call_request("another", "iReadCardBas", ()), "request"),
        (load_request("again", "/nowhere/lib.so", Convention.CDECL), "no_library"),
    ],
)
def test_a_fault_ends_the_host(ask, line, fault):
    (answer,) = ask(line, call("iReadCardBas", 1, Out.TEXT))
    assert answer["fault"] == fault


@pytest.mark.parametrize("mode", ["unterminated", "overrun"])
def test_a_driver_that_left_its_bounds_ends_the_host(maker, ask, mode):
    maker.set(mode)
    assert ask(call("iReadCardBas", 1, Out.TEXT), call("iReadCardBas", 1, Out.TEXT)) == [
        {"fault": "overrun", "detail": "iReadCardBas"}
    ]


def test_bytes_that_are_no_text_come_in_hex(maker, ask):
    maker.set("garbage")
    assert ask(call("iReadCardBas", 1, Out.TEXT)) == [{"returned": 0, "out": ["hex ff8120fe7cff7c"]}]
