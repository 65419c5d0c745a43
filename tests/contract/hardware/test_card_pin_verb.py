"""`yikatong card pin`, `card dump` and `yikatong readers`, over a real pcscd."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable

import pytest

import resources
from app.catalogue import pin_pads
from app.verbs.entry import main
from hardware.virtual.private_pcscd import PcscService
from tests.contract.hardware.test_card_check_verb import inserted, wait_for
from tests.virtual_pad import virtual_pad

Verb = Callable[..., tuple[int, str, str]]
RIGHT, NEW = "2468033", "13579"


@pytest.fixture
def verb(pcsc: PcscService, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Verb:
    """Run a verb here, with lines on stdin."""

    def run(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main(list(arguments))
        return (code, *capsys.readouterr())

    return run


def test_a_training_card_is_verified_and_changed_from_the_prompt(pcsc, verb):
    with inserted("gen3", pcsc.port):
        code, said, error = verb("card", "pin", "verify", "--json", typed=RIGHT)
        assert (code, error) == (0, "")
        assert json.loads(said) == {"reader": "Virtual PCD 00 00", "result": "verified", "tries_left": None}
        code, said, error = verb("card", "pin", "verify", "--json", typed="99999999\n")
        assert (code, error.split()[0]) == (2, "PASSWORD-WRONG")
        assert json.loads(said) == {"reader": "Virtual PCD 00 00", "result": "wrong", "tries_left": 2}
        assert "99999999" not in error
        changed = verb("card", "pin", "change", typed=f"{RIGHT}\n{NEW}\n{NEW}\n")
        assert changed == (0, "社保密码已修改。\n", "")
        assert verb("card", "pin", "verify", typed=NEW) == (0, "社保密码正确。\n", "")
        assert verb("card", "pin", "verify", typed=RIGHT)[0] == 2


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals here")
def test_a_card_is_verified_and_changed_on_a_real_line_to_a_pad(pcsc, verb, caplog):
    frames, wrong = pin_pads.load()["training"], [*"0000", "enter"]
    right, new = [*RIGHT, "enter"], [*NEW, "enter"]
    with inserted("gen3", pcsc.port), virtual_pad(frames, wrong, right, new, new, new) as pad:
        asked = "--pad", pad.port, "--pad-kind", "training"
        assert verb("card", "pin", "verify", *asked)[2].startswith("PASSWORD-WRONG ")
        assert verb("card", "pin", "change", *asked) == (0, "社保密码已修改。\n", "")
        assert verb("card", "pin", "verify", *asked) == (0, "社保密码正确。\n", "")
    assert not {RIGHT, NEW} & set(caplog.text.split())


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals here")
def test_the_machines_own_pad_is_asked_unless_another_is_named(pcsc, verb, tmp_path):
    frames = pin_pads.load()["training"]
    with inserted("gen3", pcsc.port), virtual_pad(frames, [*RIGHT, "enter"]) as pad:
        lines = f'pad = "serial:{pad.port}"\npad_type = "training"\n'
        (tmp_path / "counter.toml").write_text(lines, encoding="utf-8")
        asked = "card", "pin", "verify", "--data", str(tmp_path)
        assert verb(*asked, "--pad", "/dev/no-such-pad")[2].startswith("PASSWORD-PAD-AWAY ")
        assert verb(*asked) == (0, "社保密码正确。\n", "")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("--pad", "/dev/no-such-pad"), "PASSWORD-PAD-AWAY"),
        (("--pad", "/dev/no-such-pad", "--pad-kind", "nix"), "PASSWORD-PAD-UNKNOWN"),
    ],
)
def test_a_pad_that_is_not_there_or_not_known_costs_no_try(pcsc, verb, asked, code):
    with inserted("gen2", pcsc.port):
        assert verb("card", "pin", "verify", *asked)[2].startswith(f"{code} ")
        assert " 2 " in verb("card", "pin", "verify", typed="0000")[2]


def test_the_last_try_is_kept_unless_it_is_wanted(pcsc, verb):
    with inserted("gen2", pcsc.port):
        for left in (2, 1):
            assert f" {left} " in verb("card", "pin", "verify", typed="0000")[2]
        assert verb("card", "pin", "verify", typed="0000")[2].startswith("PASSWORD-LAST-KEPT ")
        assert verb("card", "pin", "verify", "--last", typed="0000")[2].startswith("PASSWORD-BLOCKED ")
        assert verb("card", "pin", "change", "--last", typed="0000")[2].startswith("PASSWORD-BLOCKED ")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "PASSWORD-CANCELLED"),
        ("12", "PASSWORD-BAD-LENGTH"),
        (f"{RIGHT}\n1234\n4321\n", "PASSWORD-DIFFER"),
        (f"{RIGHT}\n1234\n", "PASSWORD-CANCELLED"),
    ],
)
def test_what_was_not_entered_costs_no_try(pcsc, verb, typed, code):
    with inserted("gen3", pcsc.port):
        assert verb("card", "pin", "change", typed=typed)[2].startswith(f"{code} ")
        assert verb("card", "pin", "verify", typed="0000")[2].startswith("PASSWORD-WRONG ")


def test_the_keyboard_is_refused_for_a_card_that_cannot_prove_to_be_of_the_training_province(pcsc, verb, tmp_path):
    profile = tmp_path / "unproved.toml"
    profile.write_text('faults = ["wrong_keys"]\n' + resources.path("cards", "gen2.toml").read_text("utf-8"), "utf-8")
    with inserted(str(profile), pcsc.port):
        for doing in ("verify", "change"):
            code, said, error = verb("card", "pin", doing, "--json", typed=RIGHT)
            assert (code, said) == (2, "")
            assert error.startswith("PASSWORD-KEYBOARD ")


def test_a_card_without_password(pcsc, verb):
    with inserted("cloned", pcsc.port):
        assert verb("card", "pin", "verify", typed=RIGHT)[2].startswith("PASSWORD-NONE ")


def test_without_a_card_nothing_is_asked(pcsc, verb):
    wait_for(present=False)
    for doing in (("card", "pin", "verify"), ("card", "dump")):
        assert verb(*doing, typed=RIGHT)[2].startswith("CARD-NONE ")
        assert verb(*doing, "--reader", "absent")[2].startswith("READER-NOT-NAMED ")


@pytest.mark.parametrize("extra", [(), ("--by-tag",)])
def test_a_dump_shows_every_file_and_hides_the_person(pcsc, verb, extra):
    with inserted("gen3", pcsc.port):
        code, said, error = verb("card", "dump", "--json", *extra)
        assert (code, error) == (0, "")
        for secret in ("郑清和", "350105199208152045", "13500000103", "训练路", "19920815", "A30000303"):
            assert secret not in said
        files = {row["file"]: row for row in json.loads(said)["files"]}
        assert len(files) == 37
        assert files["DF07EF06"]["status"] == "6A82"
        shown = {value["tag"]: value["value"] for value in files["SSSEEF05"]["values"]}
        assert (shown["03"], shown["05"]) == ("3.00", "2022-09-01")
        revealed = json.loads(verb("card", "dump", "--json", "--reveal", *extra)[1])
        clear = {row["file"]: {v["tag"]: v["value"] for v in row["values"]} for row in revealed["files"]}
        assert (clear["SSSEEF06"]["09"], clear["SSSEEF06"]["0D"]) == ("郑清和", "1992-08-15")
        assert clear["DF01EF06"]["28"] == "13500000103"


def test_a_dump_is_a_table_too(pcsc, verb):
    with inserted("gen2", pcsc.port):
        code, said, _ = verb("card", "dump")
        assert code == 0
        assert said.splitlines()[0].split() == ["文件", "标识", "数据元", "内容"]
        assert "陈**" in said
        assert "月娥" not in said


def test_a_malformed_file_is_told_and_the_others_are_read(pcsc, verb):
    with inserted("bad-tlv", pcsc.port):
        code, said, error = verb("card", "dump", "--json")
        assert (code, error.split()[0]) == (2, "CARD-MALFORMED")
        files = {row["file"]: row for row in json.loads(said)["files"]}
        assert files["SSSEEF05"]["malformed"] == "SSSEEF05 tag 07"
        assert files["SSSEEF06"]["values"]


def test_readers_are_listed_with_what_stands_in_them(pcsc, verb):
    with inserted("gen2", pcsc.port):
        code, said, error = verb("readers", "--json")
        assert (code, error) == (0, "")
        first, second = json.loads(said)
        assert (first["reader"], first["role"], first["state"]) == ("Virtual PCD 00 00", "contact", "social")
        assert first["atr"] == "3B6D000000814E4323869735010000A202"
        assert second == {"reader": "Virtual PCD 00 01", "role": "contact", "state": "empty", "atr": None}
        assert "社会保障卡" in verb("readers")[1]
    with inserted("bank-only", pcsc.port):
        assert json.loads(verb("readers", "--json")[1])[0]["state"] == "other"


def test_readers_without_a_service(pcsc, verb):
    pcsc.stop()
    try:
        assert verb("readers", "--json")[2].startswith("READER-NO-SERVICE ")
    finally:
        pcsc.start()
