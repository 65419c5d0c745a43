from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from hardware.card.authentication import HsmQuestion, HsmReply
from hardware.card.read_card import read_card
from hardware.card.social_card import SocialCard
from hardware.ports import CardFault, CardFaultKind
from hardware.virtual.hsm import VirtualHsm
from tests.unit.hardware.direct_channel import channel_to


@dataclass
class Listening:
    """The HSM with an ear at the door."""

    twist: Callable[[HsmReply], HsmReply] = lambda reply: reply
    questions: list[HsmQuestion] = field(default_factory=list)

    def answer(self, question: HsmQuestion) -> HsmReply | None:
        self.questions.append(question)
        reply = VirtualHsm().answer(question)
        return None if reply is None else self.twist(reply)


def test_step_one_sends_what_the_keys_depend_on():
    hsm = Listening()
    card = read_card(channel_to("gen3"), hsm)
    assert isinstance(card, SocialCard)
    [question] = hsm.questions
    assert (question.region, question.algorithm) == ("350100", "03")
    assert question.history == bytes.fromhex("00814E4323869735010000A303")
    assert question.card_id == card.card_id
    factors = {question.internal_process, question.internal_original, question.external_process}
    assert {len(factor) for factor in factors} == {8}
    assert len(factors) == 3


def test_only_a_3_0_card_is_shown_an_external_proof():
    hsm = Listening()
    channel = channel_to("gen2")
    assert isinstance(read_card(channel, hsm), SocialCard)
    assert hsm.questions[0].external_process == b""
    assert {apdu[1] for apdu in channel.sent} == {0xA4, 0xB2, 0x88, 0xC0}


def test_the_card_gets_the_second_group_under_the_read_key():
    channel = channel_to("gen3")
    read_card(channel, VirtualHsm())
    [external] = [apdu for apdu in channel.sent if apdu[1] == 0x82]
    assert external[:5].hex().upper() == "0082000A10"


def test_randoms_are_new_each_time():
    hsm = Listening()
    channel = channel_to("gen3")
    read_card(channel, hsm)
    read_card(channel, hsm)
    first, second = hsm.questions
    assert first.internal_process != second.internal_process
    assert first.external_process != second.external_process


@pytest.mark.parametrize(
    ("twist", "kind"),
    [
        (lambda reply: replace(reply, internal=bytes(8) + reply.internal[8:]), CardFaultKind.NOT_GENUINE),
        (lambda reply: replace(reply, internal=bytes(16)), CardFaultKind.AUTHENTICATOR_AWAY),
        (lambda reply: replace(reply, internal=b"nonsense"), CardFaultKind.AUTHENTICATOR_AWAY),
        (lambda reply: replace(reply, external=b""), CardFaultKind.AUTHENTICATOR_AWAY),
        (lambda reply: replace(reply, external=bytes(8) + reply.external[8:]), CardFaultKind.REFUSED),
    ],
)
def test_replies_that_do_not_fit(twist, kind):
    outcome = read_card(channel_to("gen3"), Listening(twist))
    assert isinstance(outcome, CardFault)
    assert outcome.kind is kind


@pytest.mark.parametrize(("ins", "status"), [(0x88, "6A88"), (0x84, "6A81"), (0x82, "6983")])
def test_a_card_that_refuses_is_told_with_its_status_word(ins, status):
    channel = channel_to("gen3")
    channel.change = lambda sent, given: bytes.fromhex(status) if sent[1] == ins else given
    assert read_card(channel, VirtualHsm()) == CardFault(CardFaultKind.REFUSED, f"{ins:04X} {status}")


@pytest.mark.parametrize(
    "change",
    [
        {"algorithm": "02"},
        {"history": b"short"},
        {"region": "35010x"},
        {"region": "3501"},
        {"internal_process": b""},
        {"external_original": b"123"},
    ],
)
def test_the_hsm_answers_only_whole_questions(change):
    whole = HsmQuestion("350100", bytes(13), "01", "", bytes(8), bytes(8))
    assert VirtualHsm().answer(whole) is not None
    assert VirtualHsm().answer(replace(whole, **change)) is None


class Meddling(Listening):
    """The HSM, while whose answer is on its way somebody does something to the card."""

    def __init__(self, meddle: Callable[[], None]) -> None:
        super().__init__()
        self.meddle = meddle

    def answer(self, question: HsmQuestion) -> HsmReply | None:
        reply = super().answer(question)
        self.meddle()
        return reply


@pytest.mark.parametrize("name", ["gen2", "gen3"])
@pytest.mark.parametrize("other", ["gen1", "gen2", "gen3", "bank-only"])
def test_a_card_swapped_between_the_steps_is_told_as_such(name, other):
    channel = channel_to(name)
    outcome = read_card(channel, Meddling(lambda: setattr(channel, "card", channel_to(other).card)))
    assert isinstance(outcome, CardFault)
    assert outcome.kind is (CardFaultKind.PULLED if other == name else CardFaultKind.SWAPPED)


def test_another_card_that_was_selected_meanwhile_is_told_too():
    channel, other = channel_to("gen2"), channel_to("gen1")
    read_card(other, None)
    outcome = read_card(channel, Meddling(lambda: setattr(channel, "card", other.card)))
    assert outcome == CardFault(CardFaultKind.SWAPPED, "0088")


def test_a_card_that_lost_its_power_between_the_steps_is_told_as_pulled():
    channel = channel_to("gen3")
    outcome = read_card(channel, Meddling(lambda: channel.card.reset()))
    assert outcome == CardFault(CardFaultKind.PULLED, "0088 6A88")


@pytest.mark.parametrize("commands", range(19))
def test_a_3_0_card_pulled_at_any_command_is_told_as_pulled(commands):
    outcome = read_card(channel_to("gen3", pull_after=commands), VirtualHsm())
    assert isinstance(outcome, CardFault)
    assert outcome.kind is CardFaultKind.PULLED
