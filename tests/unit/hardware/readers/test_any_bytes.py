"""Any bytes of a driver or an SDT reader end in a value or the one declared error: seeded, none over a second."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest

from hardware.readers.sscard.base_fields import BaseReading, MalformedReading, parse_base
from hardware.readers.sscard.file_address import FileItems, parse_values
from hardware.readers.sscard.hsm_question import card_question
from hardware.readers.sscard.social_card import social_card
from hardware.readers.sscard.wire import (
    Loaded,
    NotOfTheWire,
    Out,
    Returned,
    answer_line,
    call_request,
    parse_answer,
    parse_request,
)
from hardware.resident_id.frame import FrameFault, SdtAnswer, encode_answer, take_answer
from hardware.resident_id.text_block import IdKind, MalformedText, ResidentId, decode_address, decode_text_block
from hardware.virtual.sdt_reader import VirtualSdtReader, text_block
from tests.unit.hardware.readers.sscard.test_base_fields import NATIONAL, UNAUTHENTICATED
from tests.unit.hardware.readers.sscard.test_card_driver import STEP1
from tests.unit.hardware.resident_id.people import PEOPLE

SEED = 20261122
INPUTS = 100_000
BUDGET_S = 6.0
"""Of one entry point; counts give way to seconds."""
SLOWEST_S = 1.0
"""Of the processor, for one input."""
_TELLING = (b"\x00", b"\x7c", b"\x24", b"\x81", b"\xaa", b"\xff", b"\xaa\xaa\xaa\x96\x69", b"\x00\x04", b"\xff\xff")


def sdt_frame(raw: bytes) -> None:
    """Frames of a reader, one after the other, as long as there are any."""
    rest = raw
    while (taken := take_answer(rest)) is not None:
        assert len(taken.rest) < len(rest)
        assert isinstance(taken.answer, SdtAnswer | FrameFault)
        rest = taken.rest
    VirtualSdtReader().feed(raw)


def text_of_an_id(raw: bytes) -> None:
    """The text block, and the newest address."""
    assert isinstance(decode_text_block(raw), ResidentId | MalformedText)
    assert isinstance(decode_text_block(raw[:256].ljust(256, b" ")), ResidentId | MalformedText)
    decode_address(raw)


def driver_string(raw: bytes) -> None:
    """pOutInfo: base data, files, a step for the HSM."""
    text = raw.decode("gb18030", "replace")
    reading = parse_base(text)
    assert isinstance(reading, BaseReading | MalformedReading)
    if isinstance(reading, BaseReading):
        social_card(reading)
    parse_values(text, (FileItems("SSSEEF05", ("06",)), FileItems("SSSEEF08")))
    card_question(text)


def host_line(raw: bytes) -> None:
    """A line between program and host."""
    for parse in (parse_answer, parse_request):
        try:
            parse(raw)
        except NotOfTheWire:
            continue


TARGETS: Mapping[str, tuple[Callable[[bytes], None], Sequence[bytes]]] = {
    "sdt-frame": (
        sdt_frame,
        [
            encode_answer(SdtAnswer(b"\x00\x00\x90", b"\x01\x00\x04\x00" + bytes(40))),
            encode_answer(SdtAnswer(b"\x00\x00\x9f", bytes(4))) * 2,
        ],
    ),
    "id-text": (text_of_an_id, [text_block(kind, PEOPLE[kind]) for kind in IdKind]),
    "driver-string": (driver_string, [text.encode("gb18030") for text in (NATIONAL, UNAUTHENTICATED, STEP1, "a|$b|$")]),
    "host-line": (
        host_line,
        [
            answer_line(Returned(-2, ("张三|", b"\xff"))),
            answer_line(Loaded("sscard")),
            call_request("sscard", "iReadCard", (1, "a|", Out.TEXT)),
        ],
    ),
}


def inputs(corpus: Sequence[bytes], seed: int) -> Iterator[bytes]:
    """Sound bytes changed a little, and now and then wholly random ones."""
    dice = random.Random(seed)
    for number in range(INPUTS):
        if number % 10 == 0:
            yield dice.randbytes(dice.randrange(64))
            continue
        raw = bytearray(dice.choice(corpus))
        for _ in range(dice.randrange(4)):
            at = dice.randrange(len(raw) + 1)
            match dice.randrange(4):
                case 0:
                    raw[at : at + 1] = dice.randbytes(1)
                case 1:
                    raw[at : at + dice.randrange(4)] = dice.choice(_TELLING)
                case 2:
                    del raw[at : at + dice.randrange(1, 9)]
                case _:
                    raw[at:at] = raw[at : at + dice.randrange(1, 30)]
        yield bytes(raw)


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_end_in_a_value(name):
    run, corpus = TARGETS[name]
    began, slowest, done = time.monotonic(), 0.0, 0
    for raw in inputs(corpus, SEED):
        start = time.process_time()
        run(raw)
        slowest, done = max(slowest, time.process_time() - start), done + 1
        if time.monotonic() - began > BUDGET_S:
            break
    assert slowest < SLOWEST_S
    assert done == INPUTS or time.monotonic() - began >= BUDGET_S


def test_the_inputs_are_not_all_refused():
    """A generator whose inputs never get past the first check would prove nothing."""
    read = sum(
        isinstance(parse_base(raw.decode("gb18030", "replace")), BaseReading)
        for raw in (raw for raw, _ in zip(inputs(TARGETS["driver-string"][1], SEED), range(2000), strict=False))
    )
    whole = sum(
        isinstance(taken.answer, SdtAnswer)
        for raw, _ in zip(inputs(TARGETS["sdt-frame"][1], SEED), range(2000), strict=False)
        if (taken := take_answer(raw)) is not None
    )
    assert 200 < read < 1900
    assert 200 < whole < 1900
