"""VERIFY, CHANGE PIN, and PIN CHANGE/UNBLOCK under secure messaging; a try is counted before it is compared."""

from __future__ import annotations

import hmac

from hardware.card.status_word import StatusWord
from hardware.virtual.card_state import PIN, CardState
from hardware.virtual.command_apdu import MAC_LENGTH, Answer, CommandApdu
from hardware.virtual.message_check import enciphered_data, mac_only
from hardware.virtual.permitted_answers import TRIES

_UNBLOCK, _RELOAD = 0x00, 0x01
_LENGTHS = range(2, 9)
_BETWEEN = b"\xff"
_UNBLOCKING = "PUK"


def verify(card: CardState, command: CommandApdu) -> Answer:
    """Compare the PIN; without one, tell the tries left and change nothing."""
    if command.p1 or command.p2:
        return b"", StatusWord.WRONG_PARAMETERS
    if not card.social:
        return b"", StatusWord.KEY_NOT_FOUND
    if card.memory.pin is None:
        return b"", StatusWord.OK
    if not command.data:
        return b"", TRIES | card.memory.tries[PIN]
    if len(command.data) not in _LENGTHS:
        return b"", StatusWord.WRONG_LENGTH
    wrong = _compare(card, card.memory.pin, command.data)
    if wrong is None:
        card.memory.restore_tries(PIN)
    card.session.pin_verified = wrong is None
    return b"", StatusWord.OK if wrong is None else wrong


def change_pin(card: CardState, command: CommandApdu) -> Answer:
    """Take `old‖FF‖new` in plain text; the counter is full again."""
    if (command.p1, command.p2) != (0x01, 0x00):
        return b"", StatusWord.WRONG_PARAMETERS
    if not 3 <= len(command.data) <= 17:
        return b"", StatusWord.WRONG_LENGTH
    if not card.social or card.memory.pin is None:
        return b"", StatusWord.NOT_SUPPORTED
    old, between, new = command.data.partition(_BETWEEN)
    if not between or len(old) not in _LENGTHS or not _is_pin(new):
        return b"", StatusWord.WRONG_DATA
    wrong = _compare(card, card.memory.pin, old)
    if wrong is not None:
        return b"", wrong
    _put_pin(card, new)
    return b"", StatusWord.OK


def pin_change_unblock(card: CardState, command: CommandApdu) -> Answer:
    """After the PUK was proved: P2 00 fills the counter, P2 01 also puts a new PIN."""
    if command.p1 or command.p2 not in (_UNBLOCK, _RELOAD):
        return b"", StatusWord.WRONG_PARAMETERS
    expected = MAC_LENGTH + (card.algorithm.block if command.p2 == _RELOAD else 0)
    if len(command.data) != expected:
        return b"", StatusWord.WRONG_LENGTH
    if not card.social or card.memory.pin is None or card.messaging_key() not in card.keys:
        return b"", StatusWord.KEY_NOT_FOUND
    if _UNBLOCKING not in card.session.opened:
        return b"", StatusWord.SECURITY_NOT_SATISFIED
    if command.p2 == _UNBLOCK:
        status = mac_only(card, card.messaging_key(), command)
        if status is StatusWord.OK:
            card.memory.restore_tries(PIN)
        return b"", status
    new = enciphered_data(card, command)
    if isinstance(new, int):
        return b"", new
    if not _is_pin(new):
        return b"", StatusWord.WRONG_DATA
    _put_pin(card, new)
    return b"", StatusWord.OK


def _compare(card: CardState, pin: bytes, given: bytes) -> int | None:
    """Count a try and compare; None when right, else the status word."""
    if card.memory.tries[PIN] == 0:
        return StatusWord.METHOD_BLOCKED
    card.memory.spend_try(PIN)
    if hmac.compare_digest(pin, given):
        return None
    return TRIES | card.memory.tries[PIN]


def _put_pin(card: CardState, pin: bytes) -> None:
    memory = card.memory

    def keep() -> None:
        memory.pin, memory.tries[PIN] = pin, memory.most_tries[PIN]

    memory.change(keep)


def _is_pin(pin: bytes) -> bool:
    digits = pin.hex().upper()
    return len(pin) in _LENGTHS and (digits.isdecimal() or (digits[-1] == "F" and digits[:-1].isdecimal()))
