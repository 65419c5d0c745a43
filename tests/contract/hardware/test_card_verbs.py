"""`yikatong card plug` and `card read`, over a real pcscd."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from app.verbs.entry import main
from hardware.virtual.private_pcscd import PcscService
from tests.contract.virtual_card import plugged

VERB = [sys.executable, "-m", "app.verbs.entry", "card"]
KEYS = [
    "reader",
    "state",
    "atr",
    "version",
    "region",
    "card_id",
    "card_number",
    "issued",
    "expires",
    "citizen_number",
    "name",
    "sex",
    "nation",
    "birthplace",
    "birth_date",
    "locked",
]


@dataclass(frozen=True)
class Said:
    """What a verb printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


Verb = Callable[..., Said]


@pytest.fixture
def card(pcsc: PcscService, capsys: pytest.CaptureFixture[str]) -> Verb:
    """Run `yikatong card …` here, without the time of a process's start."""

    def run(*arguments: str) -> Said:
        code = main(["card", *arguments])
        return Said(code, *capsys.readouterr())

    return run


def read_json(card: Verb, *arguments: str, code: str | None = None) -> dict[str, object]:
    done = card("read", "--json", *arguments)
    assert done.returncode == (2 if code else 0), done
    assert done.stderr.count("\n") == (1 if code else 0)
    assert done.stderr.startswith(f"{code} " if code else "")
    found = json.loads(done.stdout)
    assert list(found)[: len(KEYS)] == KEYS
    return found


@contextmanager
def plug(pcsc: PcscService, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([*VERB, "plug", *arguments], env=pcsc.environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline().startswith("虚拟卡")
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


@pytest.mark.usefixtures("children_measured")
def test_plugged_by_one_verb_and_read_by_the_other(pcsc, card):
    with plug(pcsc, "gen2", "--port", str(pcsc.port)) as process:
        found = read_json(card, "--reveal")
        assert found["reader"] == "Virtual PCD 00 00"
        assert found["state"] == "ready"
        assert found["atr"] == "3B6D000000814E4323869735010000A202"
        assert (found["version"], found["region"]) == ("2.00", "350100")
        assert (found["issued"], found["expires"]) == ("2016-03-15", "2036-03-15")
        assert (found["name"], found["citizen_number"]) == ("陈月娥", "350104197811230049")
        assert (found["sex"], found["nation"], found["birthplace"]) == ("2", "01", "350104")
        assert (found["birth_date"], found["locked"]) == ("1978-11-23", [])
        masked = card("read", "--json")
        for secret in ("陈月娥", "350104197811230049", "1978", "A20000203", found["card_id"]):
            assert secret not in masked.stdout
        assert json.loads(masked.stdout)["name"] == "陈**"
        table = card("read", "--reveal", "--reader", "00 00")
        assert table.returncode == 0
        assert "社会保障号码  350104197811230049" in table.stdout
        assert "福州市 350100" in table.stdout
        assert "月娥" not in card("read").stdout
        other = card("read", "--json", "--reader", "00 01")
        assert other.returncode == 2
        assert json.loads(other.stdout)["state"] == "empty"
        occupied = card("plug", "gen1", "--port", str(pcsc.port))
        assert occupied.returncode == 2
        assert occupied.stderr.startswith("CARD-PLUG-OCCUPIED ")
        alone = subprocess.run(
            [*VERB, "read", "--json"], env=pcsc.environment, capture_output=True, text=True, timeout=60, check=True
        )
        assert json.loads(alone.stdout) == json.loads(masked.stdout)
    assert process.returncode == 0


def test_what_a_3_0_card_locks_is_named(pcsc, card):
    with plugged("gen3", pcsc.port), plug(pcsc, "bad-gbk", "--port", str(pcsc.port + 1)):
        found = read_json(card, "--reveal", "--reader", "00 00")
        assert found["locked"] == ["citizen_number", "name", "sex", "nation", "birthplace", "birth_date"]
        assert found["name"] is None
        assert found["card_number"] == "A30000303"
        assert "需卡认证" in card("read", "--reader", "00 00").stdout
        garbled = read_json(card, "--reveal", "--reader", "00 01", code="CARD-UNDECODABLE")
        assert (garbled["name"], garbled["undecodable"]) == (None, ["name"])
        assert garbled["citizen_number"] == "350102198210114028"
        told = card("read", "--reader", "00 01")
        assert "不能解码      姓名" in told.stdout
        assert "姓名不能解码" in told.stderr


@pytest.mark.parametrize(
    ("profile", "state", "code"),
    [("bank-only", "foreign", "CARD-NOT-OURS"), ("bad-tlv", "ready", "CARD-MALFORMED")],
)
def test_cards_that_cannot_be_read(pcsc, card, profile, state, code):
    with plugged(profile, pcsc.port):
        # The slot is polled; a state other than empty shows that the card was noticed.
        for _ in range(10):
            done = card("read", "--json")
            found = json.loads(done.stdout)
            if found["state"] != "empty":
                break
    assert done.returncode == 2
    assert done.stderr.startswith(code + " ")
    assert done.stderr.count("\n") == 1
    assert (found["state"], found["card_id"]) == (state, None)


@pytest.mark.parametrize("commands", [2, 5, 9])
def test_a_card_pulled_in_the_middle_of_a_read(pcsc, card, commands):
    with plugged("gen2", pcsc.port, pull_after=commands):
        for _ in range(10):
            done = card("read", "--json")
            if not done.stderr.startswith("CARD-NONE "):
                break
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("CARD-PULLED ")
    found = json.loads(done.stdout)
    assert (found["reader"], found["state"], found["card_id"]) == ("Virtual PCD 00 00", "empty", None)


@pytest.mark.usefixtures("children_measured")
def test_no_reader_no_card_and_no_service(pcsc, card):
    outcomes = [card("read", "--json", "--reader", "absent"), card("read", "--json")]
    pcsc.stop()
    try:
        outcomes.append(card("read", "--json"))
        plain = card("read")
    finally:
        pcsc.start()
    assert [json.loads(done.stdout)["state"] for done in outcomes] == ["no_reader", "empty", "no_service"]
    assert [done.stderr.split()[0] for done in outcomes] == ["READER-NOT-NAMED", "CARD-NONE", "READER-NO-SERVICE"]
    assert [done.returncode for done in outcomes] == [2, 2, 2]
    assert (plain.stdout, plain.returncode) == ("", 2)


@pytest.mark.usefixtures("children_measured")
def test_plug_ends_by_itself_and_says_what_it_cannot_do(pcsc, card):
    done = card("plug", "gen1", "--port", str(pcsc.port), "--seconds", "2")
    assert (done.returncode, done.stderr) == (0, "")
    assert "gen1" in done.stdout
    unknown = card("plug", "absent")
    assert (unknown.returncode, unknown.stderr.split()[0]) == (2, "CARD-PROFILE-UNKNOWN")
    nobody = card("plug", "gen1", "--port", "1")
    assert (nobody.returncode, nobody.stderr.split()[0]) == (2, "CARD-PLUG-NOBODY")
