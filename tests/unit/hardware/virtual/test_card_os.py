from __future__ import annotations

import time

import pytest

from hardware.card.elements import SSSE_NAME
from hardware.virtual.card_os import CardSilent, VirtualCard
from hardware.virtual.profiles import CardProfile, CardTrait, load_profile

SELECT = bytes.fromhex("00A404000F") + SSSE_NAME


def powered(name: str, *traits: CardTrait) -> VirtualCard:
    profile = load_profile(name)
    return VirtualCard(CardProfile(profile.name, profile.application, profile.holder, profile.traits | set(traits)))


def ask(card: VirtualCard, *apdus: str) -> str:
    answer = b""
    for apdu in apdus:
        answer = card.transmit(bytes.fromhex(apdu))
    return answer.hex().upper()


def selected(name: str, *traits: CardTrait) -> VirtualCard:
    card = powered(name, *traits)
    card.transmit(SELECT)
    return card


def test_select_answers_the_fci_of_a_real_card():
    card = powered("gen3")
    assert card.transmit(SELECT).hex().upper() == "611E"
    fci = "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103"
    assert ask(card, "00C000001E") == fci + "9000"
    card.transmit(SELECT)
    assert ask(card, "00C0000010") == fci[:32] + "610E"
    assert ask(card, "00C000000E") == fci[32:] + "9000"
    assert ask(card, "00C000000E") == "6F00"
    card.transmit(SELECT)
    assert ask(card, "00C0000020") == "6C1E"


def test_a_straight_card_answers_at_once():
    card = powered("gen2", CardTrait.STRAIGHT)
    assert card.transmit(SELECT)[-2:] == b"\x90\x00"
    assert ask(card, "00B2072C00")[-4:] == "9000"


@pytest.mark.parametrize(
    ("apdus", "answer"),
    [
        (["00A40000023F00"], "9000"),
        (["00A40000"], "9000"),
        (["00A4040003414243"], "6A82"),
        (["00A4020002EF05"], "9000"),
        (["00A4020002EF09"], "6A82"),
        (["00A40200020009"], "6A82"),
        (["00A4080002EF05"], "6A86"),
        (["00A40200020005", "00B2010012"[:8] + "12"], "0110350100D1560000050000A202FFFFFFFF9000"),
        (["00A40000020006", "00B2080014"], "0812" + b"350104197811230049".hex().upper() + "9000"),
        (["00B2032C06"], "0304" + b"2.00".hex().upper() + "9000"),
        (["00B2032C00"], "6C06"),
        (["00B2082C00"], "6A83"),
        (["00B2033C00"], "6A82"),
        (["00B2022E00"], "6C2E"),
        (["00B2032F00"], "6A86"),
        (["00B2030406"], "6986"),
        (["00B0850001"], "6981"),
        (["00B0000001"], "6986"),
        (["00B0910001"], "6A82"),
        (["00B20D2C"], "6A83"),
        (["0084000005"], "6700"),
        (["0084000000"], "6700"),
        (["0088000001AA"], "6700"),
        (["0082000A01AA"], "6700"),
        (["0082000B10" + "00" * 16], "6A88"),
        (["0082000A10" + "00" * 16], "6984"),
        (["00D0000000"], "6D00"),
        (["A0A4000000"], "6E00"),
        (["00A4"], "6700"),
        (["00A4040005AA"], "6700"),
    ],
)
def test_command_table(apdus, answer):
    assert ask(selected("gen2"), *apdus) == answer


def test_reading_from_a_record_to_the_last():
    card = selected("gen2")
    assert ask(card, "00B2062D00") == "6C11"
    assert ask(card, "00B2062D11").startswith("0604")
    assert ask(card, "00B2092D00") == "6A83"


@pytest.mark.parametrize("apdu", ["00B2032C06", "00B0850001"])
def test_nothing_is_read_before_select_or_from_a_bank_card(apdu):
    assert ask(powered("gen2"), apdu) == "6986"
    assert ask(powered("bank-only"), apdu) == "6986"


def test_a_bank_card_selects_its_own_application_only():
    card = powered("bank-only")
    assert card.transmit(SELECT).hex().upper() == "6A82"
    assert ask(card, "00A404000E" + b"1PAY.SYS.DDF01".hex())[:2] == "61"
    assert ask(card, "0088000010" + "00" * 16) == "6A88"
    assert ask(card, "0082000A10" + "00" * 16) == "6A88"


def test_ef06_of_a_3_0_card_is_locked():
    assert ask(selected("gen3"), "00B2013414") == "6982"
    assert ask(selected("gen2"), "00B2013414")[-4:] == "9000"


def test_six_wrong_proofs_block_the_read_key():
    card = selected("gen3")
    answers = [ask(card, "0084000008", "0082000A10" + "00" * 16) for _ in range(7)]
    assert answers == ["63C5", "63C4", "63C3", "63C2", "63C1", "63C0", "6983"]


def test_a_challenge_serves_once():
    card = selected("gen3")
    assert ask(card, "0084000008", "0082000A10" + "00" * 16) == "63C5"
    assert ask(card, "0082000A10" + "00" * 16) == "6984"


def test_a_reset_drops_what_was_granted():
    from hardware.card.read_card import read_card
    from hardware.virtual.hsm import VirtualHsm
    from tests.unit.hardware.direct_channel import channel_to

    channel = channel_to("gen3")
    read_card(channel, VirtualHsm())
    assert ask(channel.card, "00B2013414")[-4:] == "9000"
    channel.card.reset()
    assert ask(channel.card, SELECT.hex(), "00B2013414") == "6982"
    read_card(channel, VirtualHsm())
    assert ask(channel.card, "00A40000", SELECT.hex(), "00B2013414") == "6982"


def test_pulled_after_so_many_commands_and_put_back():
    card = powered("gen2")
    card.pull_after(1)
    card.transmit(SELECT)
    for _ in range(2):
        with pytest.raises(CardSilent):
            card.transmit(SELECT)
    assert card.gone
    card.insert()
    assert card.transmit(SELECT)[:1] == b"\x61"


def test_every_command_takes_the_delay():
    card = VirtualCard(load_profile("gen2"), delay=0.01)
    begun = time.perf_counter()
    card.transmit(SELECT)
    assert time.perf_counter() - begun >= 0.01


def test_keys_are_not_shown():
    assert "_keys" not in repr(powered("gen3"))
