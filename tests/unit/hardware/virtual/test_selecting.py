from __future__ import annotations

import pytest

from tests.unit.hardware.virtual.terminal import SELECT, terminal

PSE = "00A404000E" + b"1PAY.SYS.DDF01".hex()
ADF = "00A4040008A000000333010101"


def test_beyond_the_firewall_nothing_that_was_proved_is_left():
    card = terminal("gen3")
    assert card.prove("RKSSSE") == "9000"
    assert card.ask("00B2013414").endswith("9000")
    assert card.ask(PSE)[:2] == "61"
    assert card.verify(card.pin) == "6A88"
    assert card.ask(SELECT, "00B2013414") == "6982"


def test_the_bank_side_tells_its_application_and_account():
    card = terminal("gen3")
    assert card.ask(PSE, "00B2010C0E") == "700C610A4F08A0000003330101019000"
    card.ask(ADF)
    assert card.ask("00B2010C0E") == "700C5A0A6217000000093030103F9000"
    assert card.ask("0088000010" + "00" * 16) == "6A88"


def test_a_first_card_has_no_bank_side():
    assert terminal("gen1").ask(PSE) == "6A82"


def test_directories_by_name_by_id_and_one_after_the_other():
    card = terminal("gen3")
    assert card.ask("00A4040006D15600000500") == "6118"[:2] + "15"
    assert card.ask("00A4000002DF04")[:2] == "61"
    assert card.ask("00A4000002DF05") == "6A82"
    found = [card.ask("00A4040005D156000005", "00C0000015")[8:20]]
    while (answer := card.ask("00A4040205D156000005")) != "6A82":
        assert answer == "6115"
        found.append(card.ask("00C0000015")[8:20])
    assert found == [f"D1560000050{number}" for number in range(5)]
    assert card.ask("00A4040204D1560000") == "6A82"


def test_a_first_card_has_no_directory_seven():
    assert terminal("gen1").ask("00A4040006D15600000504") == "6A82"


@pytest.mark.parametrize("apdu", ["00A4020202000500"[:14], "00A40002023F00"])
def test_nothing_comes_next_by_id(apdu):
    assert terminal("gen2").ask(apdu) == "6A82"
