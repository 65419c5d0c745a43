"""Reload and unblock of a 社保密码: PUK shown first, then one secure message under STKSSSE (card.md 2.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from hardware.card import apdu
from hardware.card.authentication import CardFacts, challenges, proof_of
from hardware.card.file_map_table import load_key_ids
from hardware.card.held_card import ask_while_held, who_is_there
from hardware.card.pin import PinDone
from hardware.ports import CardChannel, CardFault, CardFaultKind, Pin

_RANDOM = 8
_MAC_LENGTH = 4
_HEADER = 5
_PUK = "PUK"


@dataclass(frozen=True)
class PukQuestion:
    """What the key holder needs to show the PUK; randoms of 8 bytes."""

    facts: CardFacts
    process: bytes
    original: bytes


@dataclass(frozen=True)
class SealQuestion:
    """What the key holder needs to seal the message; `new_pin` None only unblocks."""

    facts: CardFacts
    challenge: bytes
    """The card's random of 8 bytes, 过程因子 of the session key of STKSSSE."""
    new_pin: Pin | None = field(default=None, repr=False)


@dataclass(frozen=True)
class SealedPin:
    """The message's data: the enciphered 社保密码 (empty to unblock only) and 4 bytes of MAC."""

    sealed: bytes
    mac: bytes


class PinAuthority(Protocol):
    """Whoever holds PUK and STKSSSE: the province's HSM, or a PSAM."""

    def show_puk(self, question: PukQuestion) -> bytes | None:
        """Return `鉴别8‖原始8`; None when it cannot be asked."""
        ...

    def seal(self, question: SealQuestion) -> SealedPin | None:
        """Seal the message; None when it cannot be asked."""
        ...


def unblock_pin(
    channel: CardChannel, authority: PinAuthority, facts: CardFacts, new_pin: Pin | None = None
) -> PinDone | CardFault:
    """Unblock the 社保密码, and set a new one where given, in the application at hand; raises CardGone.

    Afterwards all tries are back. A card swapped or without power between the steps is told as such.
    """
    outcome = _unblock(channel, authority, facts, new_pin)
    if isinstance(outcome, CardFault) and outcome.kind is CardFaultKind.REFUSED:
        return who_is_there(channel, facts.card_id, outcome)
    return outcome


def _unblock(
    channel: CardChannel, authority: PinAuthority, facts: CardFacts, new_pin: Pin | None
) -> PinDone | CardFault:
    randoms = challenges(channel)
    if isinstance(randoms, CardFault):
        return randoms
    original, process = randoms
    group = ask_while_held(channel, lambda: authority.show_puk(PukQuestion(facts, process, original)))
    proof = proof_of(group or b"", original)
    if proof is None:
        return CardFault(CardFaultKind.AUTHENTICATOR_AWAY, _PUK)
    shown = apdu.exchange(channel, apdu.external_authenticate(load_key_ids().of(_PUK), proof, original))
    if not shown.ok:
        return CardFault(CardFaultKind.REFUSED, f"0082 {shown.status:04X}")
    challenge = apdu.exchange(channel, apdu.get_challenge(_RANDOM))
    if not challenge.ok or len(challenge.data) != _RANDOM:
        return CardFault(CardFaultKind.REFUSED, f"0084 {challenge.status:04X}")
    question = SealQuestion(facts, challenge.data, new_pin)
    message = ask_while_held(channel, lambda: authority.seal(question))
    if message is None or len(message.mac) != _MAC_LENGTH or bool(message.sealed) != (new_pin is not None):
        return CardFault(CardFaultKind.AUTHENTICATOR_AWAY, "STK")
    done = apdu.exchange(channel, apdu.pin_unblock(message.sealed, message.mac))
    return PinDone.DONE if done.ok else CardFault(CardFaultKind.REFUSED, f"0024 {done.status:04X}")


def message_header(sealed: bytes) -> bytes:
    """Return the five bytes that the MAC covers before the sealed data: header and Lc, which counts the MAC."""
    return apdu.pin_unblock(sealed, bytes(_MAC_LENGTH))[:_HEADER]
