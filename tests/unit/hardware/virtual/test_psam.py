from __future__ import annotations

import pytest

from hardware.crypto.card_cipher import USUAL_FACTORS, CardAlgorithm, mac, session_key
from hardware.virtual.chip import CardSilent
from hardware.virtual.chip_settings import ProfileError
from hardware.virtual.profile_names import psam_names
from hardware.virtual.psam import VirtualPsam
from hardware.virtual.psam_profiles import load_psam
from hardware.virtual.training_keys import named_card_key
from tests.unit.hardware.virtual.terminal import GENERATIONS, terminal

KEYS = "00A4040006D15600000590"
ENVIRONMENT = "BFEC00000135"
LEVELS = {"training": 3, "training-province": 2, "training-city": 1}


def ask(psam: VirtualPsam, *apdus: str) -> str:
    answer = b""
    for apdu in apdus:
        answer = psam.transmit(bytes.fromhex(apdu))
    return answer.hex().upper()


def deliver(card, levels: int, random: bytes, *, key_type: int = 7, key_id: int = 0x08) -> str:
    factors = USUAL_FACTORS.of(card.keys.region, card.keys.history)
    data = b"".join((factors.card, factors.city, factors.province)[:levels]) + random.ljust(
        card.keys.algorithm.block, b"\0"
    )
    return f"BFDE{levels << 5 | key_type:02X}{key_id:02X}{len(data):02X}{data.hex()}"


@pytest.mark.parametrize("name", psam_names())
@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_psam_computes_what_every_training_card_answers(name, generation):
    card, psam = terminal(generation), VirtualPsam(load_psam(name))
    process, original = bytes.fromhex("1122334455667788"), bytes.fromhex("A1B2C3D4E5F60718")
    block = card.keys.algorithm.block
    assert ask(psam, KEYS, ENVIRONMENT, deliver(card, LEVELS[name], process)) == "9000"
    assert ask(psam, f"80FA0000{block:02X}{original.ljust(block, bytes(1)).hex()}") == f"61{block:02X}"
    cipher = bytes.fromhex(ask(psam, f"00C00000{block:02X}")[:-4])
    if card.keys.algorithm is CardAlgorithm.SM4:
        cipher = bytes(a ^ b for a, b in zip(cipher[:8], cipher[8:], strict=True))
    assert cipher == card.keys.answer("IRK", process, original)


def test_a_mac_key_makes_the_mac_of_a_message():
    card, psam = terminal("gen2"), VirtualPsam(load_psam("training"))
    random, message = bytes.fromhex("1122334455667788"), bytes.fromhex("8424000004")
    ask(psam, KEYS, ENVIRONMENT, deliver(card, 3, random, key_type=6, key_id=0x0B))
    assert ask(psam, f"80FA050005{message.hex()}") == "6104"
    key = named_card_key("STKSSSE", card.keys.algorithm, card.keys.region, card.keys.history)
    expected = mac(card.keys.algorithm, session_key(card.keys.algorithm, key, random), message)
    assert ask(psam, "00C0000004") == expected.hex().upper() + "9000"


def test_a_session_key_serves_once_and_as_what_it_was_delivered():
    card, psam = terminal("gen2"), VirtualPsam(load_psam("training"))
    ask(psam, KEYS, ENVIRONMENT, deliver(card, 3, bytes(8)))
    assert ask(psam, "80FA000008" + "00" * 8) == "6108"
    assert ask(psam, "80FA000008" + "00" * 8) == "6985"
    ask(psam, deliver(card, 3, bytes(8)))
    assert ask(psam, "80FA050005" + "00" * 5) == "6985"


@pytest.mark.parametrize(("name", "levels"), [("training", 2), ("training", 1), ("training-city", 3)])
def test_another_number_of_levels_is_refused(name, levels):
    psam = VirtualPsam(load_psam(name))
    assert ask(psam, KEYS, ENVIRONMENT, deliver(terminal("gen2"), levels, bytes(8))) == "6A80"


@pytest.mark.parametrize(
    ("apdus", "answer"),
    [
        (["00B0950014"], "6C0F"),
        (["00B096000600"[:10]], "3501000000019000"),
        (["00B0990004"], "000000019000"),
        (["00B0960601"], "6B00"),
        (["00B0970001"], "6A82"),
        (["00B0000001"], "6986"),
        (["00A40000020016", "00B0000402"], "00019000"),
        (["00A4040003414243"], "6A82"),
        (["00A40000"], "9000"),
        ([ENVIRONMENT], "6985"),
        ([KEYS, "BFEC0000"], "6700"),
        ([KEYS, "BFDE670808" + "00" * 8], "6985"),
        ([KEYS, ENVIRONMENT, "BFDE620808" + "00" * 8], "6A81"),
        ([KEYS, ENVIRONMENT, "BFDE677F20" + "00" * 32], "6A88"),
        ([KEYS, ENVIRONMENT, "BFDE67081C" + "00" * 28], "6700"),
        (["80FA010008" + "00" * 8], "6A86"),
        (["80700100"], "6D00"),
        (["80720000"], "6D00"),
        (["A0A40000"], "6E00"),
        (["00C0000001"], "6F00"),
        (["00"], "6700"),
    ],
)
def test_command_table(apdus, answer):
    assert ask(VirtualPsam(load_psam("training")), *apdus) == answer


def test_a_reset_forgets_what_was_begun():
    psam = VirtualPsam(load_psam("training"))
    ask(psam, KEYS, ENVIRONMENT)
    psam.reset()
    assert ask(psam, deliver(terminal("gen2"), 3, bytes(8))) == "6985"


def test_a_psam_is_pulled_and_put_back():
    psam = VirtualPsam(load_psam("training"))
    psam.pull_after(0)
    with pytest.raises(CardSilent):
        ask(psam, KEYS)
    assert psam.gone
    psam.insert()
    assert ask(psam, KEYS)[:2] == "61"


def test_keys_are_not_shown():
    psam = VirtualPsam(load_psam("training"))
    ask(psam, KEYS, ENVIRONMENT, deliver(terminal("gen2"), 3, bytes(8)))
    assert "_Delivered" not in repr(psam)


def test_a_psam_that_is_not_there_says_so():
    with pytest.raises(ProfileError, match="nobody"):
        load_psam("nobody")
