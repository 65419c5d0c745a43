"""The PSAM in the second slot: computes what an HSM would, from one to three levels of factors (card.md 2.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hardware.card import apdu
from hardware.card.authentication import HsmQuestion, HsmReply
from hardware.card.elements import SSSE_NAME
from hardware.card.region_rules import RegionRules, load_region_rules
from hardware.crypto.card_cipher import CardAlgorithm, fold
from hardware.ports import CardChannel, CardGone

_KEY_DIRECTORY = bytes.fromhex("D15600000590")
_TERMINAL_NUMBER = 0x16
_TERMINAL_LENGTH = 6
_ENCRYPT = 7
"""The key type of a session key that encrypts, low five bits of the usage; the levels are the high three."""
_INTERNAL, _EXTERNAL = "IRK", "RKSSSE"


@dataclass(frozen=True)
class Psam:
    """An Authenticator over a powered PSAM; whoever holds the channel owns it."""

    channel: CardChannel
    rules: RegionRules = field(default_factory=load_region_rules)

    def answer(self, question: HsmQuestion) -> HsmReply | None:
        """Compute both parts; None where the PSAM is gone, lacks a key or the algorithm, or takes no level."""
        if question.algorithm not in tuple(CardAlgorithm):
            return None
        try:
            return self._answer(question)
        except CardGone:
            return None

    def terminal_number(self) -> str | None:
        """Read 终端机编号, twelve digits; None where the PSAM gives none."""
        try:
            selected = apdu.exchange(self.channel, apdu.select_by_name(SSSE_NAME))
            answer = apdu.exchange(self.channel, apdu.read_binary(0, _TERMINAL_LENGTH, sfi=_TERMINAL_NUMBER))
        except CardGone:
            return None
        whole = selected.ok and answer.ok and len(answer.data) == _TERMINAL_LENGTH
        return answer.data.hex().upper() if whole else None

    def _answer(self, question: HsmQuestion) -> HsmReply | None:
        if not apdu.exchange(self.channel, apdu.select_by_name(_KEY_DIRECTORY)).ok:
            return None
        if not apdu.exchange(self.channel, apdu.psam_environment(int(question.card_id[:2], 16))).ok:
            return None
        internal = self._proof(question, _INTERNAL, question.internal_process, question.internal_original)
        if internal is None or not question.external_original:
            return None if internal is None else HsmReply(internal)
        external = self._proof(question, _EXTERNAL, question.external_process, question.external_original)
        return None if external is None else HsmReply(internal, external)

    def _proof(self, question: HsmQuestion, key: str, process: bytes, original: bytes) -> bytes | None:
        """Return `鉴别8‖原始8`; a session key is delivered at the first number of levels that the PSAM takes."""
        rule = self.rules.of(question.region)
        key_id = rule.psam.keys.get(key)
        if key_id is None:
            return None
        factors = rule.factors.of(question.region, question.history)
        delivered = self._deliver(
            key_id, (factors.card, factors.city, factors.province), rule.psam.levels, _block(question, process)
        )
        if not delivered:
            return None
        answer = apdu.exchange(self.channel, apdu.psam_cipher(_block(question, original)))
        if not answer.ok or len(answer.data) not in (8, 16):
            return None
        return (answer.data if len(answer.data) == 8 else fold(answer.data)) + original

    def _deliver(self, key_id: int, factors: Sequence[bytes], levels: Sequence[int], random: bytes) -> bool:
        for level in levels:
            usage = level << 5 | _ENCRYPT
            command = apdu.psam_session_key(usage, key_id, b"".join(factors[:level]), random)
            if apdu.exchange(self.channel, command).ok:
                return True
        return False


def _block(question: HsmQuestion, random: bytes) -> bytes:
    return random.ljust(CardAlgorithm(question.algorithm).block, b"\x00")
