"""UPDATE RECORD and UPDATE BINARY, plain and with a MAC (card.md 2.1)."""

from __future__ import annotations

from hardware.card.file_map import Structure
from hardware.card.status_word import StatusWord
from hardware.virtual.card_memory import VirtualFile
from hardware.virtual.card_state import CardState
from hardware.virtual.command_apdu import Answer, CommandApdu
from hardware.virtual.file_reading import FIRST, NUMBER, PREVIOUS, binary_offset, current_file, record_number
from hardware.virtual.message_check import checked_data, is_secured

_LC_AGAINST_TLV = 0x6A85
_HEAD = 2


def update_record(card: CardState, command: CommandApdu) -> Answer:
    """Write a record; one that is not there yet is appended, to a cyclic file as the newest."""
    file = current_file(card, command.p2 >> 3)
    if isinstance(file, int):
        return b"", file
    if file.structure is Structure.TRANSPARENT:
        return b"", StatusWord.WRONG_FILE_TYPE
    if command.p2 & 0b111 > NUMBER:
        return b"", StatusWord.WRONG_PARAMETERS
    data = _allowed_data(card, file, command)
    if isinstance(data, int):
        return b"", data
    if file.structure is Structure.CYCLIC:
        return b"", _write_cyclic(card, file, command, data)
    if len(data) < _HEAD or data[1] != len(data) - _HEAD:
        return b"", _LC_AGAINST_TLV
    return b"", _write_record(card, file, command, data)


def update_binary(card: CardState, command: CommandApdu) -> Answer:
    """Write within a transparent file; its length stays."""
    if command.p1 & 0x80 and command.p1 & 0x60:
        return b"", StatusWord.WRONG_PARAMETERS
    file = current_file(card, command.p1 & 0x1F if command.p1 & 0x80 else 0)
    if isinstance(file, int):
        return b"", file
    if file.structure is not Structure.TRANSPARENT:
        return b"", StatusWord.WRONG_FILE_TYPE
    data = _allowed_data(card, file, command)
    if isinstance(data, int):
        return b"", data
    offset = binary_offset(command)
    if offset >= len(file.content):
        return b"", StatusWord.WRONG_OFFSET
    end = offset + len(data)
    if not data or end > len(file.content):
        return b"", StatusWord.WRONG_LENGTH

    def put(written: bytes) -> None:
        file.content = file.content[:offset] + written + file.content[end:]

    card.memory.write(file.content[offset:end], data, put)
    return b"", StatusWord.OK


def _allowed_data(card: CardState, file: VirtualFile, command: CommandApdu) -> bytes | StatusWord:
    if not card.allows(file.write):
        return StatusWord.SECURITY_NOT_SATISFIED
    return checked_data(card, command) if is_secured(command) else command.data


def _write_record(card: CardState, file: VirtualFile, command: CommandApdu, data: bytes) -> StatusWord:
    mode = command.p2 & 0b111
    number = record_number(card, file, command.p1, mode)
    old = file.records[number - 1] if number is not None else b""
    if number is None and mode == NUMBER and command.p1 != len(file.records) + 1:
        return StatusWord.RECORD_NOT_FOUND
    if sum(map(len, file.records)) - len(old) + len(data) > file.capacity:
        return StatusWord.NO_SPACE
    at = number if number is not None else len(file.records) + 1

    def put(written: bytes) -> None:
        file.records[at - 1 : at] = [written]

    card.memory.write(old, data, put)
    card.session.record = at
    return StatusWord.OK


def _write_cyclic(card: CardState, file: VirtualFile, command: CommandApdu, data: bytes) -> StatusWord:
    if len(data) != file.record_length:
        return StatusWord.WRONG_LENGTH
    mode = command.p2 & 0b111
    if mode == PREVIOUS and command.p1 == 0:

        def push(written: bytes) -> None:
            file.records[:] = [written, *file.records[: file.capacity - 1]]

        card.memory.write(b"", data, push)
        card.session.record = 1
        return StatusWord.OK
    number = record_number(card, file, command.p1, mode) if mode in (FIRST, NUMBER) else None
    if number is None:
        return StatusWord.RECORD_NOT_FOUND

    def put(written: bytes) -> None:
        file.records[number - 1] = written

    card.memory.write(file.records[number - 1], data, put)
    card.session.record = number
    return StatusWord.OK
