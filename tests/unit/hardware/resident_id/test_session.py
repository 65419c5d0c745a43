"""One reading after the other: what a reader answers, and the outcome that it ends in."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from hardware.resident_id.command import Command, Sw3
from hardware.resident_id.frame import encode_command, take_answer
from hardware.resident_id.sam import SamReading
from hardware.resident_id.session import IdFault, IdFaultKind, IdReading, IdSession
from hardware.resident_id.text_block import IdKind, decode_text_block
from hardware.virtual.sdt_reader import IdCard, VirtualSdtReader, text_block
from tests.unit.hardware.resident_id.people import PEOPLE


@dataclass
class DirectSam:
    """The virtual reader without a line."""

    reader: VirtualSdtReader = field(default_factory=VirtualSdtReader)

    def ask(self, command: Command) -> tuple[int, bytes]:
        answer = take_answer(self.reader.feed(encode_command(*command.value))).answer
        return answer.code, answer.data

    def find(self) -> int:
        return self.ask(Command.FIND)[0]

    def select(self) -> int:
        return self.ask(Command.SELECT)[0]

    def read(self) -> SamReading:
        code, data = self.ask(Command.READ)
        return SamReading(code, data[4:260], data[260:])

    def newest_address(self) -> SamReading:
        return SamReading(*self.ask(Command.READ_NEWEST_ADDRESS))


@pytest.fixture
def sam() -> DirectSam:
    return DirectSam()


def card(kind: IdKind = IdKind.CITIZEN, newest_address: str = "") -> IdCard:
    return IdCard(text_block(kind, PEOPLE[kind]), bytes([7]) * 1024, newest_address)


@pytest.mark.parametrize("kind", IdKind)
def test_every_kind_is_read(sam, kind):
    sam.reader.put(card(kind))
    reading = IdSession(sam).read()
    assert reading == IdReading(decode_text_block(text_block(kind, PEOPLE[kind])))
    assert reading.card.number
    assert sam.reader.seen == [Command.FIND, Command.SELECT, Command.READ, Command.READ_NEWEST_ADDRESS]


def test_no_card(sam):
    assert IdSession(sam).read() == IdFault(IdFaultKind.NO_CARD, 0x80)


def test_a_card_that_was_read_is_taken_away_and_put_down_again(sam):
    session = IdSession(sam)
    sam.reader.put(card())
    assert isinstance(session.read(), IdReading)
    assert session.read() == IdFault(IdFaultKind.TAKE_AWAY, 0x80)
    sam.reader.take_away()
    sam.reader.put(card(IdKind.HK_MACAU_TAIWAN))
    assert session.read().card.kind is IdKind.HK_MACAU_TAIWAN


def test_the_newest_address_is_kept_apart_from_the_printed_one(sam):
    sam.reader.put(card(newest_address="测试市新区虚构路9号"))
    read = IdSession(sam).read().card
    assert (read.newest_address, read.address) == ("测试市新区虚构路9号", "测试省测试市训练区虚构路1号")


@pytest.mark.parametrize("code", [Sw3.NO_CONTENT, Sw3.COMMAND, Sw3.READ_FAILED])
def test_a_card_or_reader_without_newest_address_is_read_all_the_same(sam, code):
    sam.reader.put(card(newest_address="unread"))
    sam.reader.codes[Command.READ_NEWEST_ADDRESS] = code
    assert IdSession(sam).read().card.newest_address == ""


def test_an_older_reader_is_not_asked_for_the_newest_address(sam):
    sam.reader.put(card(newest_address="unread"))
    assert IdSession(sam, newest_address=False).read().card.newest_address == ""
    assert sam.reader.seen == [Command.FIND, Command.SELECT, Command.READ]


class Decoder:
    def decode(self, wlt: bytes) -> bytes | None:
        return b"BM" + wlt[:2]


def test_a_photo_is_there_only_with_a_licensed_decoder(sam):
    sam.reader.put(card())
    assert IdSession(sam).read().photo is None
    sam.reader.put(card())
    assert IdSession(sam, Decoder()).read().photo == b"BM\x07\x07"


@pytest.mark.parametrize(
    ("command", "good", "outcome"),
    [
        (Command.FIND, Sw3.FOUND, IdReading(decode_text_block(card().text))),
        # The reader itself was never asked to select, and refuses to read.
        (Command.SELECT, Sw3.GOOD, IdFault(IdFaultKind.NOT_READ, Sw3.READ_FAILED)),
        # Good without any text behind it.
        (Command.READ, Sw3.GOOD, IdFault(IdFaultKind.MALFORMED, None, "length")),
    ],
)
def test_every_code_at_every_step_ends_in_an_outcome(command, good, outcome):
    told = {}
    for code in range(256):
        sam = DirectSam()
        sam.reader.put(card())
        sam.reader.codes[command] = code
        told[code] = IdSession(sam).read()
    assert told.pop(good) == outcome
    assert [fault.code for fault in told.values()] == list(told)
    known = set(Sw3) - {Sw3.UNKNOWN, Sw3.GOOD, Sw3.FOUND}
    assert {code for code, fault in told.items() if fault.kind is not IdFaultKind.UNKNOWN} == known


@pytest.mark.parametrize(
    ("command", "code", "kind"),
    [
        (Command.SELECT, 0x81, IdFaultKind.NOT_SELECTED),
        (Command.SELECT, 0x40, IdFaultKind.WRONG_CARD),
        (Command.READ, 0x41, IdFaultKind.NOT_READ),
        (Command.READ, 0x31, IdFaultKind.NOT_AUTHENTICATED),
        (Command.READ, 0x32, IdFaultKind.NOT_AUTHENTICATED),
        (Command.READ, 0x33, IdFaultKind.NOT_AUTHENTICATED),
        (Command.FIND, 0x60, IdFaultKind.SAM_FAULT),
        (Command.FIND, 0x66, IdFaultKind.NOT_AUTHORISED),
        (Command.FIND, 0x10, IdFaultKind.LINE),
        (Command.FIND, 0x24, IdFaultKind.UNKNOWN),
        (Command.FIND, 0x77, IdFaultKind.UNKNOWN),
    ],
)
def test_codes_and_their_faults(sam, command, code, kind):
    sam.reader.put(card())
    sam.reader.codes[command] = code
    assert IdSession(sam).read() == IdFault(kind, code)


def test_a_block_that_is_none_is_malformed(sam):
    sam.reader.put(IdCard(b"\xff" * 256))
    assert IdSession(sam).read() == IdFault(IdFaultKind.MALFORMED, detail="kind")


def test_a_failed_read_may_be_tried_again_without_taking_the_card_away(sam):
    session = IdSession(sam)
    sam.reader.put(card())
    sam.reader.codes[Command.READ] = Sw3.READ_FAILED
    assert session.read().kind is IdFaultKind.NOT_READ
    sam.reader.codes.clear()
    assert isinstance(session.read(), IdReading)
