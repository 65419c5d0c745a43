"""`yikatong card pin --driver`: the pad of a box, asked by its maker's library in a process of its own."""

from __future__ import annotations

import json

import pytest

from app.verbs.entry import main
from tests.contract.hardware.sscard.maker import Maker


@pytest.mark.parametrize(("doing", "function"), [("verify", "iVerifyPIN"), ("change", "iChangePIN")])
def test_the_box_asks_the_holder(maker: Maker, capsys: pytest.CaptureFixture[str], doing: str, function: str) -> None:
    maker.set(settings={function: "成功"})
    asked = ["card", "pin", doing, "--driver", str(maker.driver.path), "--json"]
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out)["tries_left"] is None
    assert maker.calls() == [f"{function}(3)"]


@pytest.mark.parametrize(
    ("number", "text", "code"),
    [
        (-51, "密码错误，剩余2次", "PASSWORD-WRONG "),
        (-51, "密码错误", "PASSWORD-WRONG-UNCOUNTED "),
        (-25538, "", "PASSWORD-WRONG "),
        (-52, "", "PASSWORD-BLOCKED "),
        (-31, "", "PASSWORD-CANCELLED "),
        (-34, "", "PASSWORD-DIFFER "),
        (-11, "", "PASSWORD-PAD-AWAY "),
        (-2213, "", "PASSWORD-REFUSED "),
    ],
)
def test_how_it_else_ends_is_told(
    maker: Maker, capsys: pytest.CaptureFixture[str], number: int, text: str, code: str
) -> None:
    maker.set("code", {"only": "iVerifyPIN", "number": str(number), "text": text})
    assert main(["card", "pin", "verify", "--driver", str(maker.driver.path)]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith(code)


def test_a_library_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["card", "pin", "verify", "--driver", "/no/such/library.so"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
