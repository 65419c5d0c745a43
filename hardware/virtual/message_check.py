"""Takes a message with a MAC apart: the random it was made for, the MAC, then its data (card.md 2.4)."""

from __future__ import annotations

import hmac

from hardware.card.status_word import StatusWord
from hardware.crypto.card_cipher import CardAlgorithm, decrypted_data, mac, session_key
from hardware.virtual.card_state import CardState
from hardware.virtual.command_apdu import MAC_LENGTH, CommandApdu

_SECURED = 0x04


def challenge_serves(algorithm: CardAlgorithm, challenge: bytes) -> bool:
    """Tell whether a session key is made of a random of this length."""
    return len(challenge) == 8 or (algorithm is CardAlgorithm.SM4 and len(challenge) in (4, 16))


def is_secured(command: CommandApdu) -> bool:
    """Tell whether the class says that a MAC is at the end."""
    return bool(command.cla & _SECURED)


def checked_data(card: CardState, command: CommandApdu) -> bytes | StatusWord:
    """Return the data before a right MAC under the directory's key of secure messaging."""
    session = _session(card, card.messaging_key(), command)
    return session if isinstance(session, int) else command.data[:-MAC_LENGTH]


def enciphered_data(card: CardState, command: CommandApdu) -> bytes | StatusWord:
    """Return the deciphered data before a right MAC, both under the directory's key of secure messaging."""
    session = _session(card, card.messaging_key(), command)
    if isinstance(session, int):
        return session
    plain = decrypted_data(card.algorithm, session, command.data[:-MAC_LENGTH])
    return plain if plain is not None else StatusWord.WRONG_DATA


def mac_only(card: CardState, key: str, command: CommandApdu) -> StatusWord:
    """Judge a message that is nothing but its MAC, under the key of a name."""
    session = _session(card, key, command)
    return session if isinstance(session, int) else StatusWord.OK


def _session(card: CardState, key: str, command: CommandApdu) -> bytes | StatusWord:
    challenge = card.session.take_challenge()
    if len(command.data) < MAC_LENGTH:
        return StatusWord.WRONG_LENGTH
    if challenge is None or not challenge_serves(card.algorithm, challenge):
        return StatusWord.REFERENCED_DATA_INVALID
    if key not in card.keys:
        return StatusWord.SECURE_MESSAGING_WRONG
    session = session_key(card.algorithm, card.keys[key], challenge)
    if not hmac.compare_digest(mac(card.algorithm, session, command.signed), command.data[-MAC_LENGTH:]):
        return StatusWord.SECURE_MESSAGING_WRONG
    return session
