from __future__ import annotations

import logging
import pickle
import sys
from dataclasses import replace

import pytest

from app.catalogue import pin_pads
from hardware.pin_pad.driver_pad import DriverPad, DriverTold
from hardware.pin_pad.entry_asked import EntryAsked
from hardware.pin_pad.pad_frames import key_frame, keys_in
from hardware.pin_pad.pin_digits import MOST, PinDigits
from hardware.pin_pad.ports import PinEnd, PinOutcome
from hardware.pin_pad.reader_pad import PinBlock, ReaderPad, pin_verify, read_features
from hardware.pin_pad.shuffled_keys import shuffled_keys
from hardware.pin_pad.verification import outcome_of
from hardware.ports import Pin, PinPadFault, PinPurpose
from hardware.readers.box import BoxFault, BoxFaultKind
from hardware.readers.sscard.card_driver import DriverRefusal
from hardware.readers.sscard.driver_host import NoFunction
from hardware.readers.sscard.functions import Function

PADS = pin_pads.load()
PRESSED = (3, 1, 4, 1, 5, 9)


def digits(pressed=PRESSED):
    made = PinDigits()
    for digit in pressed:
        made.press(digit)
    return made


class Reader:
    def __init__(self, answer=b"\x90\x00", features="06 04 42 33 00 06"):
        self.answer, self.list, self.sent = answer, bytes.fromhex(features), []

    def features(self):
        return self.list

    def control(self, code, command):
        self.sent.append((code, command))
        return self.answer


def test_digits_show_nothing_and_are_wiped():
    made = digits()
    assert "314159" not in f"{made!r}{made}"
    with pytest.raises(TypeError):
        pickle.dumps(made)
    buffer = made._buffer
    with made, made.ascii() as seen:
        assert bytes(seen) == b"314159"
    assert bytes(buffer) == b""
    assert len(made) == 0


def test_no_more_digits_than_the_pads_take():
    made = digits([7] * MOST)
    assert not made.press(7)
    made.take_back()
    assert len(made) == MOST - 1


@pytest.mark.parametrize(
    ("status_word", "outcome"),
    [
        (0x9000, PinOutcome(PinEnd.VERIFIED)),
        (0x63C2, PinOutcome(PinEnd.WRONG, 2, "63C2")),
        (0x63C0, PinOutcome(PinEnd.BLOCKED, 0, "63C0")),
        (0x6983, PinOutcome(PinEnd.BLOCKED, 0, "6983")),
        (0x9303, PinOutcome(PinEnd.REFUSED, None, "9303")),
    ],
)
def test_what_verify_answers(status_word, outcome):
    assert outcome_of(status_word) == outcome


def test_the_readers_own_pad_fills_in_the_verify():
    """PIN_VERIFY_STRUCTURE of PC/SC part 10: 19 bytes, then the APDU; BCD from the left, 6 digits, zh-CN."""
    reader = Reader()
    assert ReaderPad(reader, PinBlock()).verify() == PinOutcome(PinEnd.VERIFIED)
    wanted = bytes.fromhex("1E1E 81 03 00 0606 02 01 0408 00 000000 08000000 0020000003FFFFFF")
    assert reader.sent == [(0x42330006, wanted)]
    assert len(pin_verify(PinBlock(4, 8))) == 19 + 9


def test_the_readers_own_pad_fills_in_the_change():
    """PIN_MODIFY_STRUCTURE of PC/SC part 10: 24 bytes, then the APDU; the new one at byte 4, entered twice."""
    reader = Reader(features="06 04 42 33 00 06 07 04 42 33 00 07")
    assert ReaderPad(reader, PinBlock()).change() == PinOutcome(PinEnd.VERIFIED)
    head = "1E1E 81 03 00 00 04 0606 03 02 03 0408 00 01 02 000000 0C000000"
    assert reader.sent == [(0x42330007, bytes.fromhex(head + "805E010007 FFFFFF FF FFFFFF"))]


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        ("6400", PinEnd.TIMED_OUT),
        ("6401", PinEnd.CANCELLED),
        ("6402", PinEnd.DIFFERENT),
        ("6403", PinEnd.BAD_LENGTH),
        ("63C1", PinEnd.WRONG),
        ("", PinEnd.REFUSED),
    ],
)
def test_what_the_readers_pad_answers(answer, end):
    assert ReaderPad(Reader(bytes.fromhex(answer)), PinBlock()).verify().end is end


def test_a_reader_without_a_pad():
    assert ReaderPad(Reader(features=""), PinBlock()).verify() == PinOutcome(PinEnd.NO_PAD)
    assert ReaderPad(Reader(), PinBlock()).change() == PinOutcome(PinEnd.NO_PAD)
    assert read_features(bytes.fromhex("0604000000010704")) == {6: 1}


@pytest.mark.parametrize(
    ("code", "told", "outcome"),
    [
        (0, "", PinOutcome(PinEnd.VERIFIED)),
        (-51, "密码错误，剩余2次", PinOutcome(PinEnd.WRONG, 2, "-51")),
        (-51, "错误51，剩余2次", PinOutcome(PinEnd.WRONG, None, "-51")),
        (-25538, "", PinOutcome(PinEnd.WRONG, 2, "63C2")),
        (-27011, "", PinOutcome(PinEnd.BLOCKED, 0, "6983")),
        (-52, "", PinOutcome(PinEnd.BLOCKED, 0, "-52")),
        (-31, "", PinOutcome(PinEnd.CANCELLED, None, "-31")),
        (-32, "", PinOutcome(PinEnd.TIMED_OUT, None, "-32")),
        (-34, "", PinOutcome(PinEnd.DIFFERENT, None, "-34")),
        (-2213, "", PinOutcome(PinEnd.REFUSED, None, "-2213")),
    ],
)
def test_what_the_driver_answers(code, told, outcome):
    asked: list[str] = []

    def run(function: Function) -> DriverTold:
        asked.append(function.name)
        return DriverRefusal(function.name, code, told) if code else told

    assert (DriverPad(run).verify(), DriverPad(run).change()) == (outcome, outcome)
    assert asked == ["iVerifyPIN", "iChangePIN"]


def test_a_driver_without_a_keypad_and_a_box_that_is_lost():
    assert DriverPad(lambda function: NoFunction(function.name)).verify().end is PinEnd.NO_PAD
    lost = DriverPad(lambda _function: BoxFault(BoxFaultKind.HUNG, "iVerifyPIN")).verify()
    assert lost == PinOutcome(PinEnd.PAD_AWAY, None, "hung")


def test_keys_are_found_among_noise():
    frames = PADS["training"]
    stream = b"\x02\x02" + key_frame(frames, 0x31) + b"\x02\x31\x00\x03" + key_frame(frames, 0x0D)
    assert list(keys_in(frames, stream)) == ["1", "enter"]
    assert list(keys_in(PADS["plain"], b"12\r")) == ["1", "2", "enter"]


def test_each_entry_has_its_own_order():
    orders = {shuffled_keys() for _ in range(20)}
    assert len(orders) > 15
    assert all(sorted(order) == list(range(10)) for order in orders)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals here")
class TestOnARealLine:
    def enter(self, words, *, hang_up=False, timeout=None):
        from hardware.pin_pad.serial_pad import SerialPad
        from tests.virtual_pad import virtual_pad

        frames = PADS["training"]
        if timeout is not None:
            frames = replace(frames, timeout=timeout)
        with virtual_pad(frames, words, hang_up=hang_up) as pad:
            entered = SerialPad(pad.port, frames).enter()
        return entered, pad.heard, frames

    def test_an_entry(self, caplog):
        with caplog.at_level(logging.DEBUG):
            entered, heard, frames = self.enter([*"3141509", "back", "enter"])
        assert isinstance(entered, PinDigits)
        with entered, entered.ascii() as seen:
            assert bytes(seen) == b"314150"
        assert heard == [frames.begin, frames.end]
        assert "314150" not in caplog.text

    def test_a_holder_who_cancels(self):
        assert self.enter([*"12", "cancel"])[0] == PinOutcome(PinEnd.CANCELLED)

    def test_a_holder_who_goes_away(self):
        assert self.enter([*"12"], timeout=0.3)[0] == PinOutcome(PinEnd.TIMED_OUT)

    def test_a_pad_that_is_pulled_out(self):
        assert self.enter([*"12"], hang_up=True)[0] == PinOutcome(PinEnd.PAD_AWAY)

    def test_whoever_asks_for_a_password_gets_it_or_why_not(self):
        from hardware.pin_pad.serial_pad import SerialPad
        from tests.virtual_pad import virtual_pad

        frames = PADS["training"]
        entries = [*"314159", "enter"], [*"12", "enter"], ["cancel"]
        with virtual_pad(frames, *entries) as pad:
            asked = EntryAsked(SerialPad(pad.port, frames))
            assert asked.ask(PinPurpose.CURRENT) == Pin("314159")
            assert asked.ask(PinPurpose.NEW) is PinPadFault.WRONG_LENGTH
            assert asked.ask(PinPurpose.NEW) is PinPadFault.CANCELLED
        assert asked.ask(PinPurpose.AGAIN) is PinPadFault.AWAY

    def test_a_pad_that_is_not_there(self):
        from hardware.pin_pad.serial_pad import SerialPad

        absent = SerialPad("/dev/serial-pad-that-is-not-there", PADS["training"])
        assert absent.enter() == PinOutcome(PinEnd.PAD_AWAY)
