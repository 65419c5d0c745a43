"""`yikatong card check` with a national driver and a hand that pulls the card, over a real pcscd."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.catalogue import reader_drivers
from app.catalogue.reader_drivers import ReaderDriver
from hardware.readers.service import pcsc_context
from hardware.readers.sscard.card_driver import DriverFacts
from hardware.readers.sscard.functions import Interface
from hardware.readers.sscard.wire import Convention
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.private_pcscd import FIRST_READER
from hardware.virtual.profiles import load_profile
from tests.contract.hardware.sscard.maker import Maker
from tests.contract.virtual_card import PluggedCard, inserted, wait_for

OTHER_CARD = "传入的卡信息与卡内不符"


def drives(maker: Maker, name: str, mode: str = "well", **settings: str) -> str:
    """Have the library say what it would of a profile's card; return its path."""
    profile = load_profile(name)
    holder = profile.holder
    history = VirtualCard(profile).atr[-13:].hex().upper()
    fields = (
        *(holder.region, holder.citizen_number, holder.card_number, holder.card_id, holder.name, history),
        *("3.00", "20200101", "20300101", "0" * 12, "设备"),
    )
    said = {
        "iReadCardBas": "".join(f"{field}|" for field in fields),
        "card_info": f"{holder.card_id}|{holder.card_number}|",
        "wrong_card": OTHER_CARD,
    }
    maker.set(mode, {**said, **settings})
    return str(maker.driver.path)


class Person(io.StringIO):
    """Who reads what is said on stderr and does it: takes the card out, puts one in."""

    def __init__(self, slot: ExitStack, name: str, port: int, put_in: str | None = None) -> None:
        super().__init__()
        self._slot, self._port, self._put_in = slot, port, put_in or name
        self._card = slot.enter_context(inserted(name, port))

    def write(self, said: str) -> int:
        if "请现在拔出" in said:
            self._card.pull()
        elif "放回" in said:
            self._card: PluggedCard = self._slot.enter_context(inserted(self._put_in, self._port))
        return super().write(said)


@pytest.fixture
def slot() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack
    wait_for(present=False)


def not_passed(said: str) -> dict[str, str]:
    rows = json.loads(said)["cases"]
    return {row["case"]: row["reason"] or ", ".join(row["seen"]) for row in rows if row["verdict"] != "pass"}


@pytest.mark.parametrize("name", ["gen1", "gen2", "gen3"])
def test_all_21_cases_are_green_on_every_generation(pcsc, check, maker, slot, monkeypatch, name):
    library = drives(maker, name)
    person = Person(slot, name, pcsc.port)
    monkeypatch.setattr("sys.stderr", person)
    code, said, _ = check("--driver", library, "--pull", "--block")
    lines = said.splitlines()
    assert person.getvalue().splitlines() == ["请现在拔出卡片（60 秒内）。", "请把同一张卡放回读卡器（60 秒内）。"]
    assert lines[-1] == "通过 21 项，不通过 0 项，不适用 0 项。"
    assert [line.split()[0] for line in lines[1:-1]] == [f"T{number}" for number in range(1, 22)]
    assert code == 0
    assert [call.partition("(")[0] for call in maker.calls()] == ["iReadCardBas", "iReadCard", "iReadCard"]


def test_the_driver_has_the_reader_to_itself(pcsc, check, maker, slot):
    library = drives(maker, "gen2", "slow", only="iReadCardBas", seconds="1.5")
    slot.enter_context(inserted("gen2", pcsc.port))
    free = threading.Event()

    def look() -> None:
        while not maker.calls():
            time.sleep(0.05)
        context = pcsc_context()
        context.connect(FIRST_READER).close(reset=True)
        context.release()
        free.set()

    looks = threading.Thread(target=look)
    looks.start()
    code, said, _ = check("--driver", library, "--json")
    looks.join()
    assert free.is_set()
    assert (code, not_passed(said)) == (0, {"T14": "ends_the_card", "T20": "no_hand"})


@pytest.mark.parametrize(
    ("mode", "settings", "wrong"),
    [
        ("crash", {"only": "iReadCardBas"}, {"T18": "iReadCardBas: died"}),
        ("exit", {"card_info": ""}, {"T18": "iReadCardBas: died", "T19": "iReadCard: died", "T21": "iReadCard: died"}),
        ("garbage", {"only": "iReadCardBas"}, {"T18": "iReadCardBas: encoding"}),
        ("code", {"only": "iReadCardBas", "number": "-2201"}, {"T18": "needs_hsm"}),
        ("code", {"only": "iReadCardBas", "number": "-4"}, {"T18": "iReadCardBas: -4"}),
        ("well", {"wrong_card": ""}, {"T19": "no words"}),
        ("well", {"card_info": ""}, {"T19": "iReadCard: 0", "T21": "iReadCard: 0, -22 expected"}),
    ],
)
def test_a_driver_that_is_wrong_is_told_by_the_case(pcsc, check, maker, slot, mode, settings, wrong):
    library = drives(maker, "gen3", mode, **settings)
    slot.enter_context(inserted("gen3", pcsc.port))
    code, said, _ = check("--driver", library, "--json")
    assert not_passed(said) == {**wrong, "T14": "ends_the_card", "T20": "no_hand"}
    assert code == (0 if wrong == {"T18": "needs_hsm"} else 1)


def test_a_driver_is_found_by_its_name_in_the_table(pcsc, check, maker, slot, monkeypatch):
    library = drives(maker, "gen2", "code", only="iReadCardBas", number="-4")
    line = ReaderDriver(DriverFacts(needs_hsm=frozenset({-4})), Convention.STDCALL, Interface.CONTACT, Path(library))
    lines = {**reader_drivers.load(), "hall": line}
    monkeypatch.setattr(reader_drivers, "load", lambda: lines)
    slot.enter_context(inserted("gen2", pcsc.port))
    assert not_passed(check("--driver", "hall", "--json")[1])["T18"] == "needs_hsm"


def test_a_driver_that_cannot_be_had_is_told_before_the_card_is_touched(check, tmp_path):
    unplaced, nothing = check("--driver", "wuxi"), check("--driver", str(tmp_path / "none.so"))
    assert (unplaced[:2], unplaced[2].split()[0]) == ((2, ""), "READER-DRIVER-PLACE")
    assert (nothing[:2], nothing[2].split()[0]) == ((2, ""), "READER-DRIVER-MISSING")


def test_a_card_that_nobody_pulls_stays_as_it_was(pcsc, check, slot, monkeypatch):
    monkeypatch.setattr("app.verbs.card_check.PATIENCE_S", 0.5)
    slot.enter_context(inserted("gen2", pcsc.port))
    code, said, error = check("--pull", "--json")
    assert (code, error.splitlines()) == (0, ["请现在拔出卡片（0 秒内）。"])
    assert {case: why for case, why in not_passed(said).items() if case in ("T14", "T20")} == {
        "T14": "ends_the_card",
        "T20": "not_pulled",
    }


def test_another_card_is_not_blocked_in_the_place_of_the_one_that_was_pulled(pcsc, check, slot, monkeypatch):
    monkeypatch.setattr("app.verbs.card_check.PATIENCE_S", 4.0)
    person = Person(slot, "gen2", pcsc.port, put_in="gen3")
    monkeypatch.setattr("sys.stderr", person)
    said = not_passed(check("--pull", "--block", "--json")[1])
    assert (said["T14"], "T20" in said) == ("not_put_back", False)
    monkeypatch.undo()
    assert check("--json")[0] == 0
