"""`yikatong card check` against virtual cards of every generation, over a real pcscd."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from tests.contract.virtual_card import inserted, wait_for

NEVER_HERE = {"T18": "no_driver", "T19": "no_driver", "T20": "no_hand", "T21": "no_driver"}


def reasons(said: str) -> dict[str, str]:
    return {row["case"]: row["reason"] for row in json.loads(said)["cases"] if row["verdict"] == "not_applicable"}


@pytest.mark.parametrize("name", ["gen1", "gen1-ee", "gen2", "gen3", "gen3-3des"])
def test_all_green_on_every_generation(pcsc, check, name):
    with inserted(name, pcsc.port):
        code, said, error = check("--json", "--block")
        found = json.loads(said)
        failed = [row for row in found["cases"] if row["verdict"] == "fail"]
        assert (code, error, failed) == (0, "", [])
        assert found["training"] == name
        assert found["reader"] == "Virtual PCD 00 00"
        assert [row["case"] for row in found["cases"]] == [f"T{number}" for number in range(1, 22)]
        assert reasons(said) == NEVER_HERE
        assert (found["pass"], found["fail"], found["not_applicable"]) == (17, 0, 4)
        blocked = check("--json")
        assert blocked[0] == 2
        assert blocked[2].startswith("CARD-NOT-OURS ")


def test_a_training_card_is_written_but_not_blocked_and_can_be_checked_again(pcsc, check):
    with inserted("gen2", pcsc.port):
        for _ in range(2):
            code, said, _ = check("--json", "--reader", "00 00")
            assert code == 0
            assert reasons(said) == {**NEVER_HERE, "T14": "ends_the_card"}


def test_a_card_with_foreign_keys_is_only_read_until_writing_is_allowed(pcsc, check, monkeypatch):
    with inserted("cloned", pcsc.port):
        code, said, _ = check("--json")
        assert (code, json.loads(said)["training"]) == (0, None)
        assert {reasons(said)[case] for case in ("T7", "T8", "T9", "T11", "T12", "T13")} == {"writes"}
        monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
        said = check("--json", "--writing")[1]
        assert [reasons(said)[case] for case in ("T7", "T8", "T13", "T14")] == [
            "no_pin",
            "no_pin",
            "no_keys",
            "ends_the_card",
        ]


def test_a_card_that_fails_has_a_table_and_an_exit_code(pcsc, check):
    with inserted("bad-gbk", pcsc.port):
        code, said, _ = check()
        lines = said.splitlines()
        assert code == 1
        assert lines[0].split() == ["编号", "检查项", "结果", "说明"]
        assert next(line for line in lines if "不通过" in line).endswith("SSSEEF06 09: does not decode")
        assert next(line for line in lines if line.startswith("T18")).endswith("没有给出国家标准读卡驱动：加 --driver")
        assert lines[-1].startswith("通过 ")
        assert len(lines) == 23


@pytest.mark.parametrize("card", [None, "bank-only"])
def test_without_a_card_of_ours_there_is_nothing_to_check(pcsc, check, card):
    if card is None:
        wait_for(present=False)
        code, _, error = check()
        assert (code, error.split()[0]) == (2, "CARD-NONE")
        assert check("--reader", "no such reader")[2].startswith("READER-NOT-NAMED ")
        return
    with inserted(card, pcsc.port):
        assert check()[2].startswith("CARD-NOT-OURS ")


class CardChanger(io.StringIO):
    """A standard input on whose other end somebody changes the cards before answering."""

    def __init__(self, change: Callable[[], None]) -> None:
        super().__init__("123456\n")
        self.change = change

    def readline(self, size: int = -1) -> str:
        self.change()
        return super().readline(size)


def test_a_card_that_came_while_the_password_was_asked_for_is_not_written(pcsc, check, monkeypatch):
    with ExitStack() as slot, ExitStack() as first:
        first.enter_context(inserted("cloned", pcsc.port))

        def change() -> None:
            first.close()
            slot.enter_context(inserted("gen2", pcsc.port))

        monkeypatch.setattr("sys.stdin", CardChanger(change))
        code, said, error = check("--writing")
        assert (code, said, error.split()[0]) == (2, "", "CARD-SWAPPED")
