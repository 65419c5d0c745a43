from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from hardware.card.authentication import CardFacts
from hardware.card.elements import Generation
from hardware.card.pin import PinDone
from hardware.card.pin_unblock import PukQuestion, SealedPin, SealQuestion, message_header, unblock_pin
from hardware.crypto.card_cipher import CardAlgorithm, auth_data, card_key, encrypted_data, mac, session_key
from hardware.ports import CardFault, CardFaultKind, Pin
from tests.unit.hardware.direct_channel import ScriptedChannel

MASTER = bytes(range(16))
CARD_ID = "639900D15600000500BF7C7A48FB4966"
FACTS = CardFacts("639900", bytes.fromhex("00814E43238697159900BF7C7A"), "01", CARD_ID, Generation.SECOND)
ORIGINAL, PROCESS = "A1B2C3D4E5F60718", "1122334455667788"
CHALLENGE = PROCESS
GOOD = [ORIGINAL + "9000", PROCESS + "9000", "9000", CHALLENGE + "9000", "9000"]
STILL_THERE = "0110" + CARD_ID + "9000"


@dataclass
class Keys:
    """PUK and STKSSSE in software, the same invented key for both (card.md 11)."""

    algorithm: CardAlgorithm = CardAlgorithm.TRIPLE_DES
    puk: bool = True
    stk: bool = True
    asked: list[PukQuestion | SealQuestion] = field(default_factory=list)

    def show_puk(self, question: PukQuestion) -> bytes | None:
        self.asked.append(question)
        proof = auth_data(self.algorithm, self._key(question.facts), question.process, question.original)
        return proof + question.original if self.puk else None

    def seal(self, question: SealQuestion) -> SealedPin | None:
        self.asked.append(question)
        session = session_key(self.algorithm, self._key(question.facts), question.challenge)
        pin = question.new_pin
        sealed = encrypted_data(self.algorithm, session, pin.bcd) if pin is not None else b""
        return SealedPin(sealed, mac(self.algorithm, session, message_header(sealed) + sealed)) if self.stk else None

    def _key(self, facts: CardFacts) -> bytes:
        return card_key(self.algorithm, MASTER, facts.region, facts.history)


def test_unblock_is_puk_then_one_message_of_the_vector():
    channel = ScriptedChannel(GOOD)
    assert unblock_pin(channel, Keys(), FACTS) is PinDone.DONE
    assert channel.sent == [
        "0084000008",
        "0084000008",
        "0082000610" + "18F83F376AAE6EAB" + ORIGINAL,
        "0084000008",
        "8424000004D4688EA4",
    ]


def test_reload_carries_the_new_pin_of_the_vector():
    channel = ScriptedChannel(GOOD)
    assert unblock_pin(channel, Keys(), FACTS, Pin("123456")) is PinDone.DONE
    assert channel.sent[-1] == "842400010C" + "03AD76A346004FE5" + "1A6DAC1E"


def test_a_reload_with_sm4_is_a_block_and_a_mac():
    channel = ScriptedChannel(GOOD)
    assert unblock_pin(channel, Keys(CardAlgorithm.SM4), FACTS, Pin("123456")) is PinDone.DONE
    assert channel.sent[-1].startswith("8424000114")
    assert len(channel.sent[-1]) == 2 * (5 + 0x14)


@pytest.mark.parametrize(("keys", "sent"), [(Keys(puk=False), 2), (Keys(stk=False), 4)])
def test_a_key_holder_that_cannot_be_asked(keys, sent):
    channel = ScriptedChannel(GOOD)
    outcome = unblock_pin(channel, keys, FACTS)
    assert isinstance(outcome, CardFault)
    assert outcome.kind is CardFaultKind.AUTHENTICATOR_AWAY
    assert len(channel.sent) == sent


@pytest.mark.parametrize(
    ("at", "status", "detail"),
    [
        (0, "6A81", "0084 6A81"),
        (2, "63C5", "0082 63C5"),
        (2, "6983", "0082 6983"),
        (3, "6A81", "0084 6A81"),
        (4, "6988", "0024 6988"),
        (4, "9302", "0024 9302"),
        (4, "6984", "0024 6984"),
    ],
)
def test_a_card_that_refuses_is_told_with_its_status_word(at, status, detail):
    channel = ScriptedChannel([*GOOD[:at], status, STILL_THERE])
    assert unblock_pin(channel, Keys(), FACTS) == CardFault(CardFaultKind.REFUSED, detail)


def test_another_card_at_the_second_step_is_told_as_swapped():
    channel = ScriptedChannel([*GOOD[:2], "6A88", "0110" + "35" * 16 + "9000"])
    assert unblock_pin(channel, Keys(), FACTS) == CardFault(CardFaultKind.SWAPPED, "0082 6A88")


def test_the_pin_is_not_shown_by_what_carries_it():
    assert "123456" not in repr(SealQuestion(FACTS, b"", Pin("123456")))
