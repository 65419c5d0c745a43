"""GET CHALLENGE, INTERNAL and EXTERNAL AUTHENTICATE, and the two locks that cannot be undone (card.md 2.1, 2.3)."""

from __future__ import annotations

import hmac

from hardware.card.status_word import StatusWord
from hardware.crypto.card_cipher import auth_data
from hardware.virtual.card_state import CardState
from hardware.virtual.command_apdu import MAC_LENGTH, Answer, CommandApdu
from hardware.virtual.message_check import mac_only
from hardware.virtual.permitted_answers import TRIES

_CHALLENGES = (4, 8, 16)
_PROOF = 16
_KEY_VERSION = 0x01
_INTERNAL, _BLOCK = "IRK", "BK"


def get_challenge(card: CardState, command: CommandApdu) -> Answer:
    """Give 4, 8 or 16 random bytes, for one use in the current application."""
    if command.p1 or command.p2:
        return b"", StatusWord.WRONG_PARAMETERS
    if command.le not in _CHALLENGES or command.data:
        return b"", StatusWord.WRONG_LENGTH
    card.session.challenge = card.random(command.le)
    return card.session.challenge, StatusWord.OK


def internal_authenticate(card: CardState, command: CommandApdu) -> Answer:
    """Prove the card: `过程因子8‖原始信息8`, and a key version where one is named."""
    if command.p1:
        return b"", StatusWord.WRONG_PARAMETERS
    refused = _wrong_shape(command.data)
    if refused is not None:
        return b"", refused
    if command.p2 or not card.social or _INTERNAL not in card.keys:
        return b"", StatusWord.KEY_NOT_FOUND
    return card.give(auth_data(card.algorithm, card.keys[_INTERNAL], command.data[:8], command.data[8:16]))


def external_authenticate(card: CardState, command: CommandApdu) -> Answer:
    """Let a key be proved: `鉴别数据8‖原始信息8`, with the card's random as 过程因子; the try is counted first."""
    challenge = card.session.take_challenge()
    if command.p1:
        return b"", StatusWord.WRONG_PARAMETERS
    refused = _wrong_shape(command.data)
    if refused is not None:
        return b"", refused
    key = card.key_named(command.p2)
    if key is None or key == _INTERNAL:
        return b"", StatusWord.KEY_NOT_FOUND
    if card.memory.tries[key] == 0:
        return b"", StatusWord.METHOD_BLOCKED
    if challenge is None or len(challenge) != 8:
        return b"", StatusWord.REFERENCED_DATA_INVALID
    card.memory.spend_try(key)
    expected = auth_data(card.algorithm, card.keys[key], challenge, command.data[8:16])
    if not hmac.compare_digest(expected, command.data[:8]):
        return b"", TRIES | card.memory.tries[key]
    card.memory.restore_tries(key)
    card.session.opened.add(key)
    return b"", StatusWord.OK


def application_block(card: CardState, command: CommandApdu) -> Answer:
    """Block SSSE with all below it, for good."""
    return _block(card, command, p2=0x01)


def card_block(card: CardState, command: CommandApdu) -> Answer:
    """Block the card, for good."""
    return _block(card, command, p2=0x00)


def _block(card: CardState, command: CommandApdu, *, p2: int) -> Answer:
    if (command.p1, command.p2) != (0x00, p2):
        return b"", StatusWord.WRONG_PARAMETERS
    if len(command.data) != MAC_LENGTH:
        return b"", StatusWord.WRONG_LENGTH
    if not card.social or _BLOCK not in card.keys:
        return b"", StatusWord.KEY_NOT_FOUND
    status = mac_only(card, _BLOCK, command)
    if status is not StatusWord.OK:
        return b"", status
    memory = card.memory

    def keep() -> None:
        if p2:
            memory.application_blocked = True
        else:
            memory.card_blocked = True

    memory.change(keep)
    return b"", StatusWord.OK


def _wrong_shape(data: bytes) -> StatusWord | None:
    if len(data) not in (_PROOF, _PROOF + 1):
        return StatusWord.WRONG_LENGTH
    return StatusWord.KEY_NOT_FOUND if data[_PROOF:] not in (b"", bytes([_KEY_VERSION])) else None
