"""卡认证: the card proves itself, and on 3.0 is shown that the asker may read EF06 (card.md 2.6)."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from hardware.card.apdu import exchange, external_authenticate, get_challenge, internal_authenticate
from hardware.card.elements import Generation
from hardware.card.file_map_table import load_key_ids
from hardware.card.held_card import ask_while_held, who_is_there
from hardware.ports import CardChannel, CardFault, CardFaultKind

_RANDOM = 8
_READ_KEY = "RKSSSE"
"""The key that opens EF06 of a 3.0 card (card.md 2.3)."""


@dataclass(frozen=True)
class HsmQuestion:
    """What step 1 asks the HSM; factors are 8 bytes."""

    region: str
    history: bytes
    """Historical bytes of the ATR, 13 of them."""
    algorithm: str
    """FCI tag 86: 01 3DES, 03 SM4."""
    card_id: str
    internal_process: bytes
    internal_original: bytes
    external_process: bytes = b""
    external_original: bytes = b""
    """Both external values are empty unless the card is 3.0."""


@dataclass(frozen=True)
class HsmReply:
    """What the HSM computed: `鉴别8‖原始8`, 16 bytes each; `external` empty unless asked for."""

    internal: bytes
    external: bytes = b""


class Authenticator(Protocol):
    """Whoever holds the keys: the province's HSM behind the network, or a PSAM in the second slot."""

    def answer(self, question: HsmQuestion) -> HsmReply | None:
        """Answer within a few seconds, for the card stays powered meanwhile; None when it cannot be asked."""
        ...


@dataclass(frozen=True)
class Distant:
    """An Authenticator behind the network, for the card in hand: that is kept from going idle meanwhile."""

    channel: CardChannel
    authenticator: Authenticator

    def answer(self, question: HsmQuestion) -> HsmReply | None:
        """Ask on another thread; raises CardGone for a card that leaves before the answer."""
        return ask_while_held(self.channel, lambda: self.authenticator.answer(question))


@dataclass(frozen=True)
class InTurn:
    """An Authenticator that asks several, such as the PSAM and then the HSM, until one answers."""

    authenticators: tuple[Authenticator, ...]

    def answer(self, question: HsmQuestion) -> HsmReply | None:
        """Return the first answer; None when nobody can be asked."""
        return next((reply for one in self.authenticators if (reply := one.answer(question)) is not None), None)


class Authentication(Enum):
    """How 卡认证 ended, faults aside."""

    DONE = auto()
    NOT_ASKED = auto()
    """The authenticator could not be asked; nothing is known against the card."""


@dataclass(frozen=True)
class CardFacts:
    """What of the card its keys depend on."""

    region: str
    history: bytes
    algorithm: str
    card_id: str
    generation: Generation


def authenticate(channel: CardChannel, authenticator: Authenticator, facts: CardFacts) -> Authentication | CardFault:
    """Run the two-step flow in the session at hand; raises CardGone.

    The randoms of the internal part are ours, so that a copy cannot prepare for them; those of the external
    part are the card's, of which it remembers the second. Between the steps the card stays powered: one that was
    swapped or lost its power meanwhile is told as such.
    """
    question = first_step(channel, facts)
    if isinstance(question, CardFault):
        return question
    reply = authenticator.answer(question)
    if reply is None:
        return Authentication.NOT_ASKED
    outcome = second_step(channel, question, reply)
    if isinstance(outcome, CardFault) and outcome.kind is not CardFaultKind.AUTHENTICATOR_AWAY:
        return who_is_there(channel, facts.card_id, outcome)
    return outcome


def first_step(channel: CardChannel, facts: CardFacts) -> HsmQuestion | CardFault:
    """Gather the randoms; raises CardGone."""
    process, original = secrets.token_bytes(_RANDOM), secrets.token_bytes(_RANDOM)
    external = challenges(channel) if facts.generation is Generation.THIRD else (b"", b"")
    if isinstance(external, CardFault):
        return external
    external_original, external_process = external
    return HsmQuestion(
        facts.region,
        facts.history,
        facts.algorithm,
        facts.card_id,
        process,
        original,
        external_process,
        external_original,
    )


def second_step(channel: CardChannel, question: HsmQuestion, reply: HsmReply) -> Authentication | CardFault:
    """Let the card prove itself, and open EF06 of a 3.0 card; raises CardGone."""
    expected = proof_of(reply.internal, question.internal_original)
    if expected is None:
        return CardFault(CardFaultKind.AUTHENTICATOR_AWAY, "internal")
    answer = exchange(channel, internal_authenticate(question.internal_process, question.internal_original))
    if not answer.ok:
        return CardFault(CardFaultKind.REFUSED, f"0088 {answer.status:04X}")
    if not hmac.compare_digest(answer.data, expected):
        return CardFault(CardFaultKind.NOT_GENUINE, "0088")
    if not question.external_original:
        return Authentication.DONE
    proof = proof_of(reply.external, question.external_original)
    if proof is None:
        return CardFault(CardFaultKind.AUTHENTICATOR_AWAY, "external")
    opened = exchange(channel, external_authenticate(load_key_ids().of(_READ_KEY), proof, question.external_original))
    return Authentication.DONE if opened.ok else CardFault(CardFaultKind.REFUSED, f"0082 {opened.status:04X}")


def challenges(channel: CardChannel) -> tuple[bytes, bytes] | CardFault:
    """Take two randoms from the card: 原始信息, and 过程因子, which it remembers; raises CardGone."""
    found = []
    for _ in range(2):
        answer = exchange(channel, get_challenge(_RANDOM))
        if not answer.ok or len(answer.data) != _RANDOM:
            return CardFault(CardFaultKind.REFUSED, f"0084 {answer.status:04X}")
        found.append(answer.data)
    return found[0], found[1]


def proof_of(group: bytes, original: bytes) -> bytes | None:
    """Take 鉴别数据 out of a reply that names the same 原始信息; None for any other reply."""
    return group[:8] if len(group) == 16 and group[8:] == original else None
