from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from hardware.card.authentication import HsmQuestion, HsmReply, InTurn
from hardware.card.psam import Psam
from hardware.card.read_card import read_card
from hardware.card.region_rules import PsamRule, RegionRules, load_region_rules
from hardware.card.social_card import SocialCard
from hardware.crypto.card_cipher import USUAL_FACTORS, CardAlgorithm, diversify, session_key
from hardware.ports import CardFaultKind, CardGone
from hardware.virtual.hsm import VirtualHsm
from tests.unit.hardware.direct_channel import channel_to

MASTER = bytes(range(16))
QUESTION = HsmQuestion(
    region="639900",
    history=bytes.fromhex("00814E43238697159900BF7C7A"),
    algorithm="01",
    card_id="639900D15600000500BF7C7A48FB4966",
    internal_process=bytes.fromhex("1122334455667788"),
    internal_original=bytes.fromhex("A1B2C3D4E5F60718"),
)
FACTORS = USUAL_FACTORS.of(QUESTION.region, QUESTION.history)
IRK, RK = 0x08, 0x09
USUAL = load_region_rules().default
RULES = RegionRules(replace(USUAL, psam=PsamRule({"IRK": IRK, "RKSSSE": RK}, (3, 2, 1))), {})


@dataclass
class SoftPsam:
    """A PSAM that takes one number of levels; its keys are those that remain above them."""

    levels: int
    algorithm: CardAlgorithm = CardAlgorithm.TRIPLE_DES
    masters: dict[int, bytes] = field(default_factory=lambda: {IRK: MASTER, RK: MASTER[::-1]})
    answers: dict[int, bytes] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    atr: bytes = b""
    _session: bytes = b""
    _waiting: bytes = b""

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        self.sent.append(apdu.hex().upper())
        if apdu[1] in self.answers:
            answer = self.answers[apdu[1]]
            return answer[:-2], int.from_bytes(answer[-2:])
        match apdu[1]:
            case 0xDE:
                return self._deliver(apdu)
            case 0xFA:
                self._waiting = self._encrypt(apdu[5:])
                return b"", 0x6100 | len(self._waiting)
            case 0xC0:
                return self._waiting, 0x9000
            case 0xB0:
                return bytes.fromhex("410100813475"), 0x9000
        return b"", 0x9000

    def _deliver(self, apdu: bytes) -> tuple[bytes, int]:
        levels, block = apdu[2] >> 5, self.algorithm.block
        if apdu[3] not in self.masters:
            return b"", 0x6A88
        if levels != self.levels or apdu[2] & 0x1F != 7 or len(apdu) != 5 + 8 * levels + block:
            return b"", 0x6A80
        key = self.masters[apdu[3]]
        for factor in (FACTORS.province, FACTORS.city)[: 3 - levels]:
            key = diversify(self.algorithm, key, factor)
        given = apdu[5:-block]
        for at in range(len(given) - 8, -1, -8):
            key = diversify(self.algorithm, key, given[at : at + 8])
        self._session = session_key(self.algorithm, key, apdu[-block:])
        return b"", 0x9000

    def _encrypt(self, block: bytes) -> bytes:
        key = self._session * 2 if self.algorithm is CardAlgorithm.TRIPLE_DES else self._session
        return session_key(self.algorithm, key, block)


@pytest.mark.parametrize(
    ("levels", "delivered"),
    [
        (3, ["BFDE670820"]),
        (2, ["BFDE670820", "BFDE470818"]),
        (1, ["BFDE670820", "BFDE470818", "BFDE270810"]),
    ],
)
def test_levels_are_tried_from_three_down_and_say_the_same(levels, delivered):
    psam = SoftPsam(levels)
    reply = Psam(psam, RULES).answer(QUESTION)
    assert reply == HsmReply(bytes.fromhex("18F83F376AAE6EAB") + QUESTION.internal_original)
    assert psam.sent[:2] == ["00A4040006D15600000590", "BFEC00000163"]
    assert [sent[:10] for sent in psam.sent if sent.startswith("BFDE")] == delivered
    assert psam.sent[-2:] == ["80FA000008A1B2C3D4E5F60718", "00C0000008"]


def test_the_factors_go_card_city_province_and_the_random_last():
    psam = SoftPsam(3)
    Psam(psam, RULES).answer(QUESTION)
    expected = "8697159900BF7C7A" + "3633393930307378" + "3633303030307368" + "1122334455667788"
    assert psam.sent[2] == "BFDE670820" + expected


def test_sm4_fills_a_block_and_folds_it():
    question = replace(QUESTION, algorithm="03", external_process=bytes(8), external_original=b"12345678")
    reply = Psam(SoftPsam(2, CardAlgorithm.SM4), RULES).answer(question)
    assert reply is not None
    assert reply.internal.hex().upper() == "2CA46DE2E627AC13A1B2C3D4E5F60718"
    assert reply.external[8:] == b"12345678"
    assert reply.external[:8] != reply.internal[:8]


@pytest.mark.parametrize(
    "psam",
    [
        SoftPsam(0),
        SoftPsam(3, masters={}),
        SoftPsam(3, answers={0xA4: b"\x6a\x82"}),
        SoftPsam(3, answers={0xEC: b"\x6d\x00"}),
        SoftPsam(3, answers={0xFA: b"\x69\x85"}),
        SoftPsam(3, answers={0xC0: b"\x01\x02\x90\x00"}),
    ],
)
def test_a_psam_that_cannot_serve_answers_nothing(psam):
    assert Psam(psam, RULES).answer(QUESTION) is None


def test_ssf33_and_a_key_without_an_id_are_not_served():
    assert Psam(SoftPsam(3), RULES).answer(replace(QUESTION, algorithm="02")) is None
    external = replace(QUESTION, external_process=bytes(8), external_original=bytes(8))
    assert Psam(SoftPsam(3)).answer(external) is None
    assert Psam(SoftPsam(3), RULES).answer(external) is not None


class Pulled(SoftPsam):
    def transmit(self, apdu):
        raise CardGone(CardFaultKind.PULLED)


def test_a_psam_that_leaves_is_no_fault_of_the_card():
    psam = Psam(Pulled(3), RULES)
    assert psam.answer(QUESTION) is None
    assert psam.terminal_number() is None


def test_the_terminal_number():
    psam = SoftPsam(3)
    assert Psam(psam, RULES).terminal_number() == "410100813475"
    assert psam.sent[1] == "00B0960006"
    assert Psam(SoftPsam(3, answers={0xB0: b"\x6a\x82"}), RULES).terminal_number() is None
    assert Psam(SoftPsam(3, answers={0xB0: b"\x01\x90\x00"}), RULES).terminal_number() is None


def test_where_the_psam_cannot_the_hsm_is_asked():
    card = read_card(channel_to("gen3"), InTurn((Psam(SoftPsam(0), RULES), VirtualHsm())))
    assert isinstance(card, SocialCard)
    assert card.authenticated
    assert InTurn((Psam(SoftPsam(0), RULES),)).answer(QUESTION) is None
