from __future__ import annotations

import pytest

from tests.unit.hardware.virtual.terminal import GENERATIONS, SELECT, terminal


@pytest.mark.parametrize("name", GENERATIONS)
def test_the_card_proves_itself_by_its_own_key(name):
    card = terminal(name)
    process, original = "1122334455667788", "A1B2C3D4E5F60718"
    assert card.ask(f"0088000010{process}{original}") == "6108"
    proof = card.keys.answer("IRK", bytes.fromhex(process), bytes.fromhex(original)).hex().upper()
    assert card.ask("00C0000008") == proof + "9000"
    assert card.ask(f"0088000011{process}{original}01") == "6108"
    assert card.ask(f"0088000011{process}{original}02") == "6A88"
    assert card.ask(f"0088000110{process}{original}") == "6A88"


@pytest.mark.parametrize("key", ["RKSSSE", "UKSSSE", "PUK", "BK", "STKSSSE"])
def test_every_key_of_ssse_is_proved_with_its_own_number(key):
    assert terminal("gen2").prove(key) == "9000"


def test_a_key_of_a_directory_is_there_only():
    card = terminal("gen2")
    assert card.prove("UK1DF01") == "6A88"
    card.select("DF01")
    assert card.prove("UK1DF01") == "9000"
    assert card.prove("PUK") == "9000"
    assert card.prove("UK6DF01") == "9000"
    card.select("DF03")
    assert card.prove("RK3DF01") == "6A88"


def test_each_key_has_a_counter_of_its_own():
    card = terminal("gen2")
    wrong = ["0084000008", "0082000410" + "00" * 16]
    assert [card.ask(*wrong) for _ in range(7)] == ["63C5", "63C4", "63C3", "63C2", "63C1", "63C0", "6983"]
    assert card.prove("UKSSSE") == "6983"
    assert card.prove("RKSSSE") == "9000"


def test_a_random_serves_in_its_application_only():
    card = terminal("gen2")
    challenge = card.challenge()
    card.select("DF01")
    card.select()
    assert card.ask("0082000410" + card.keys.prove("UKSSSE", challenge).hex()) == "6984"


def test_the_application_is_blocked_for_good():
    card = terminal("gen3")
    assert card.ask("841E00010400000000") == "6984"
    assert card.secured("841E0001", "BK") == "9000"
    assert card.ask("00B2012C12") == "9303"
    assert card.ask("00840000") == "9303"
    card.card.insert()
    assert card.ask(SELECT) == "9303"
    assert card.select("DF01") == "9303"
    assert card.ask("00A404000E" + b"1PAY.SYS.DDF01".hex())[:2] == "61"


def test_the_card_is_blocked_for_good():
    card = terminal("gen2")
    assert card.secured("84160000", "BK") == "9000"
    card.card.insert()
    for apdu in (SELECT, "00840000", "A0000000", "00B2012C12"):
        assert card.ask(apdu) == "6A81"


def test_a_lock_needs_the_locking_key():
    card = terminal("gen2")
    assert card.secured("84160000", "STKSSSE") == "6988"
    assert card.ask("84160100" + "0400000000") == "6A86"
    assert card.ask("841600000300000000"[:16]) == "6700"
    assert card.ask("00B2012C12").endswith("9000")


@pytest.mark.parametrize("apdu", ["B0280001", "B02C010000", "B026000204", "B02E0000", "B0560000", "B02A0000"])
def test_medical_money_is_not_there(apdu):
    assert terminal("gen2").ask(apdu) == "6D00"
