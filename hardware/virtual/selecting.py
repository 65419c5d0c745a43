"""SELECT: applications by name, directories and files by id, and what becomes of the security state (card.md 2.1)."""

from __future__ import annotations

from hardware.card.elements import SSSE_NAME
from hardware.card.file_map import SSSE
from hardware.card.status_word import StatusWord
from hardware.virtual.bank_side import ADF, PSE
from hardware.virtual.card_files import application_names
from hardware.virtual.card_state import CardState, Session
from hardware.virtual.command_apdu import Answer, CommandApdu

_MASTER_FILE = b"\x3f\x00"
_BY_ID, _BELOW, _BY_NAME = 0x00, 0x02, 0x04
_FIRST, _NEXT = 0x00, 0x02
_SHORTEST_NAME = 5
"""Bytes of a name that is cut short: the registered provider (ISO 7816-5)."""


def select(card: CardState, command: CommandApdu) -> Answer:
    """Select by P1: 00 by id, 02 an EF of the current directory, 04 by name; P2 00 the first, 02 the next."""
    if command.p1 not in (_BY_ID, _BELOW, _BY_NAME) or command.p2 not in (_FIRST, _NEXT):
        return b"", StatusWord.WRONG_PARAMETERS
    if command.p1 == _BY_NAME:
        return _select_name(card, command)
    if command.p2 == _NEXT:
        return b"", StatusWord.FILE_NOT_FOUND
    if command.p1 == _BY_ID and command.data in (b"", _MASTER_FILE):
        card.session = Session()
        return b"", StatusWord.OK
    if command.p1 == _BY_ID and command.data[:1] == b"\xdf" and card.social:
        name = f"DF{command.data[1:].hex().upper()}"
        return _enter(card, name) if name in card.directories else (b"", StatusWord.FILE_NOT_FOUND)
    # Some readers select an EF with P1 00, and name it EFxx as well as 00xx.
    if len(command.data) == 2 and command.data[0] in (0x00, 0xEF) and card.file(command.data[1]) is not None:
        if card.social and card.memory.application_blocked:
            return b"", StatusWord.APPLICATION_BLOCKED
        card.session.file, card.session.record = command.data[1], None
        return b"", StatusWord.OK
    return b"", StatusWord.FILE_NOT_FOUND


def _select_name(card: CardState, command: CommandApdu) -> Answer:
    names = application_names(card.generation is None)
    whole = [name for name in card.directories if names[name] == command.data]
    found = whole or [
        name
        for name in card.directories
        if len(command.data) >= _SHORTEST_NAME and names[name].startswith(command.data) and name != SSSE
    ]
    if command.p2 == _NEXT:
        here = card.session.directory
        found = found[found.index(here) + 1 :] if here in found else []
    if not found:
        return b"", StatusWord.FILE_NOT_FOUND
    return _enter(card, found[0])


def _enter(card: CardState, directory: str) -> Answer:
    if directory not in (PSE, ADF) and card.memory.application_blocked:
        return b"", StatusWord.APPLICATION_BLOCKED
    if card.session.directory != directory:
        # What was proved belongs to a directory; beyond the firewall nothing of it may be left either.
        card.session = Session(directory=directory)
    card.session.file = card.session.record = None
    return card.give(_fci(card, directory))


def _fci(card: CardState, directory: str) -> bytes:
    name = SSSE_NAME if directory == SSSE else application_names(card.generation is None)[directory]
    proprietary = bytes.fromhex("88011E")
    if directory not in (PSE, ADF):
        proprietary += bytes.fromhex("9F0C038601" + card.algorithm.value)
    body = b"\x84" + bytes([len(name)]) + name + b"\xa5" + bytes([len(proprietary)]) + proprietary
    return b"\x6f" + bytes([len(body)]) + body
