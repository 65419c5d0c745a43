"""A resident ID reader behind a real serial line: a pseudo terminal with the virtual reader at its other end."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from hardware.readers.box import BoxFault, BoxFaultKind, ReaderBox
from hardware.resident_id.command import Command, Sw3
from hardware.resident_id.serial_box import SerialIdBox
from hardware.resident_id.session import IdFault, IdFaultKind, IdReading
from hardware.resident_id.text_block import IdKind, decode_text_block
from hardware.virtual.sdt_reader import IdCard, SdtTrait, VirtualSdtReader, text_block
from tests.unit.hardware.resident_id.people import PEOPLE

if sys.platform == "win32":
    pytest.skip("pseudo terminals are POSIX's", allow_module_level=True)

import tty

ANSWER_S = 0.4
CARDS = {kind: IdCard(text_block(kind, texts), b"\x01" * 1024) for kind, texts in PEOPLE.items()}


class Line:
    """A reader on a pseudo terminal, and the box that uses it."""

    def __init__(self) -> None:
        self.reader = VirtualSdtReader()
        self.far, self.near = os.openpty()
        tty.setraw(self.near)
        self.port = os.ttyname(self.near)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="sdt-reader")
        self._thread.start()
        self.box: ReaderBox[SerialIdBox] = ReaderBox(lambda: SerialIdBox(self.port, answer_s=ANSWER_S))
        self.box.start()

    def _serve(self) -> None:
        while not self._end.is_set():
            if select.select([self.far], [], [], 0.05)[0]:
                with contextlib.suppress(OSError):
                    os.write(self.far, self.reader.feed(os.read(self.far, 4096)))

    def read(self) -> IdReading | IdFault | BoxFault:
        return self.box.use(lambda box: box.read_id()).result(10)

    def unplug(self) -> None:
        """Take the reader's end away, as pulling a USB plug does."""
        self._end.set()
        self._thread.join()
        os.close(self.near)
        os.close(self.far)

    def close(self) -> None:
        self.box.stop()
        if not self._end.is_set():
            self.unplug()


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.close()


@pytest.mark.parametrize("kind", IdKind)
def test_every_kind_is_read_over_the_line(line, kind):
    line.reader.put(CARDS[kind])
    assert line.read() == IdReading(decode_text_block(CARDS[kind].text))


def test_the_same_card_again_has_to_be_taken_away_first(line):
    assert line.read() == IdFault(IdFaultKind.NO_CARD, 0x80)
    line.reader.put(CARDS[IdKind.CITIZEN])
    assert isinstance(line.read(), IdReading)
    assert line.read() == IdFault(IdFaultKind.TAKE_AWAY, 0x80)
    line.reader.put(CARDS[IdKind.FOREIGNER_2023])
    assert line.read().card.kind is IdKind.FOREIGNER_2023


@pytest.mark.parametrize("trait", [SdtTrait.NOISE_BEFORE, SdtTrait.BAD_CHECKSUM, SdtTrait.NO_FRAME])
def test_one_damaged_answer_costs_nothing_but_a_question(line, trait):
    line.reader.put(CARDS[IdKind.CITIZEN])
    line.reader.traits.append(trait)
    assert isinstance(line.read(), IdReading)


def test_a_question_that_the_reader_got_damaged_is_put_again(line):
    line.reader.put(CARDS[IdKind.CITIZEN])
    line.reader.codes[Command.SELECT] = Sw3.CHECKSUM
    fault = line.read()
    assert fault == BoxFault(BoxFaultKind.GARBAGE, "SELECT checksum")
    assert line.reader.seen == [Command.FIND, Command.SELECT, Command.SELECT]


@pytest.mark.parametrize("trait", [SdtTrait.BAD_CHECKSUM, SdtTrait.HALF, SdtTrait.NO_FRAME])
def test_a_line_that_stays_damaged_is_lost_and_opened_again(line, trait):
    line.reader.put(CARDS[IdKind.CITIZEN])
    line.reader.traits += [trait] * 2
    assert line.read().kind is BoxFaultKind.GARBAGE
    assert isinstance(line.read(), IdReading)


def test_a_reader_that_says_nothing_is_given_up_in_time(line):
    line.reader.traits.append(SdtTrait.SILENT)
    began = time.monotonic()
    assert line.read() == BoxFault(BoxFaultKind.HUNG, "SDT")
    assert time.monotonic() - began < ANSWER_S + 1
    assert line.read() == IdFault(IdFaultKind.NO_CARD, 0x80)


def test_a_reader_that_is_pulled_is_a_fault_and_so_is_one_that_is_not_there(line):
    line.reader.put(CARDS[IdKind.CITIZEN])
    assert isinstance(line.read(), IdReading)
    line.unplug()
    assert line.read().kind in (BoxFaultKind.NO_LINE, BoxFaultKind.HUNG)
    assert line.read() == BoxFault(BoxFaultKind.NO_LINE, line.port)


def test_the_modules_own_number(line):
    assert line.box.use(lambda box: box.sam.sam_id()).result(10) == bytes(range(16))


def test_two_hundred_readings_leave_no_handle_behind(line):
    def handles() -> int:
        return len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0

    line.read()
    before = handles()
    for number in range(200):
        line.reader.put(CARDS[IdKind.CITIZEN])
        if number % 50 == 0:
            line.reader.traits += [SdtTrait.BAD_CHECKSUM] * 2
            assert line.read().kind is BoxFaultKind.GARBAGE
        assert isinstance(line.read(), IdReading)
    assert handles() == before
