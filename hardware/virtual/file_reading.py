"""READ RECORD in all its modes and READ BINARY (card.md 2.1)."""

from __future__ import annotations

from collections.abc import Sequence

from hardware.card.elements import EF06
from hardware.card.file_map import SSSE, Structure
from hardware.card.status_word import StatusWord
from hardware.virtual.card_memory import VirtualFile
from hardware.virtual.card_state import CardState
from hardware.virtual.chip import CardSilent
from hardware.virtual.command_apdu import Answer, CommandApdu
from hardware.virtual.permitted_answers import RIGHT_LENGTH
from hardware.virtual.profiles import CardTrait

FIRST, LAST, NEXT, PREVIOUS = 0b000, 0b001, 0b010, 0b011
NUMBER, FROM_NUMBER, TO_NUMBER = 0b100, 0b101, 0b110
_MOST = 256


def read_record(card: CardState, command: CommandApdu) -> Answer:
    """Read by number, from a number to the last, back to it, or by identifier."""
    found = current_file(card, command.p2 >> 3)
    if isinstance(found, int):
        return b"", found
    if found.structure is Structure.TRANSPARENT:
        return b"", StatusWord.WRONG_FILE_TYPE
    refused = _refused(card, found)
    if refused is not None:
        return b"", refused
    mode = command.p2 & 0b111
    if mode > TO_NUMBER or command.data:
        return b"", StatusWord.WRONG_PARAMETERS
    records = found.records
    if mode in (FROM_NUMBER, TO_NUMBER):
        first = command.p1 or card.session.record or 0
        if not 1 <= first <= len(records):
            return b"", StatusWord.RECORD_NOT_FOUND
        chosen = records[first - 1 :] if mode == FROM_NUMBER else records[: first - 2 if first > 1 else None : -1]
        return _answer(card, b"".join(chosen), command.le)
    number = record_number(card, found, command.p1, mode)
    if number is None:
        return b"", StatusWord.RECORD_NOT_FOUND
    data, status = _answer(card, records[number - 1], command.le)
    if status == StatusWord.OK:
        card.session.record = number
    return data, status


def read_binary(card: CardState, command: CommandApdu) -> Answer:
    """Read a transparent file: P1 100xxxxx is its identifier and P2 the offset, else P1 and P2 are the offset."""
    if command.p1 & 0x80 and command.p1 & 0x60:
        return b"", StatusWord.WRONG_PARAMETERS
    found = current_file(card, command.p1 & 0x1F if command.p1 & 0x80 else 0)
    if isinstance(found, int):
        return b"", found
    if found.structure is not Structure.TRANSPARENT:
        return b"", StatusWord.WRONG_FILE_TYPE
    refused = _refused(card, found)
    if refused is not None:
        return b"", refused
    offset = binary_offset(command)
    if offset >= len(found.content):
        return b"", StatusWord.WRONG_OFFSET
    left = found.content[offset:]
    if command.le is not None and command.le <= len(left):
        return left[: command.le], StatusWord.OK
    return _answer(card, left, command.le)


def current_file(card: CardState, sfi: int) -> VirtualFile | StatusWord:
    """Make the file of a short identifier the current one, 0 keeping it, or say why not."""
    session = card.session
    if session.directory is None:
        return StatusWord.NO_CURRENT_FILE
    number = sfi or session.file
    if number is None:
        return StatusWord.NO_CURRENT_FILE
    file = card.file(number)
    if file is None:
        return StatusWord.FILE_NOT_FOUND
    if session.file != number:
        session.file, session.record = number, None
    return file


def binary_offset(command: CommandApdu) -> int:
    """Return the offset in a transparent file."""
    return command.p2 if command.p1 & 0x80 else command.p1 << 8 | command.p2


def record_number(card: CardState, file: VirtualFile, p1: int, mode: int) -> int | None:
    """Find a record by number, or by identifier from an end or from the current record; None where there is none.

    P1 0 is the current record by number, and any identifier otherwise.
    """
    records, here = file.records, card.session.record
    if mode == NUMBER:
        number = p1 or here or 0
        return number if 1 <= number <= len(records) else None
    order: Sequence[int] = range(1, len(records) + 1)
    match mode:
        case 0b001:
            order = order[::-1]
        case 0b010:
            order = order[here or 0 :]
        case 0b011:
            order = order[: here - 1 if here else None][::-1]
    tagged = file.structure is Structure.RECORD
    return next((number for number in order if p1 == 0 or (tagged and records[number - 1][0] == p1)), None)


def _refused(card: CardState, file: VirtualFile) -> StatusWord | None:
    here = (card.session.directory, card.session.file)
    if here == (SSSE, EF06) and CardTrait.MUTE_EF06 in card.profile.traits:
        raise CardSilent
    return None if card.allows(file.read) else StatusWord.SECURITY_NOT_SATISFIED


def _answer(card: CardState, data: bytes, le: int | None) -> Answer:
    data = data[:_MOST]
    if le == len(data) or (le == _MOST and CardTrait.STRAIGHT in card.profile.traits):
        return data, StatusWord.OK
    return b"", RIGHT_LENGTH | len(data) & 0xFF
