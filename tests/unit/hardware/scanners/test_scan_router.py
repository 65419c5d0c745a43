from __future__ import annotations

import logging
import random
import time

import pytest

from hardware.scanners.scan_router import ScanRouter
from hardware.scanners.scanned_code import ScanFault, ScanFaultKind, ScannedCode, ScanSource, check_bytes, check_code

CODE = "YKT-350100A3-0123456789"
SEED = 4
INPUTS = 100_000
LIMIT_S = 1.0


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def heard():
    return []


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def router(heard, clock):
    return ScanRouter(heard.append, again_after=2.0, clock=clock)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("A" * 7, ScanFaultKind.TOO_SHORT),
        ("", ScanFaultKind.TOO_SHORT),
        ("A" * 513, ScanFaultKind.TOO_LONG),
        ("A" * 10 + "\x1d", ScanFaultKind.UNPRINTABLE),
        ("A" * 10 + "\ud800", ScanFaultKind.UNPRINTABLE),
        ("A" * 10 + "\u202e", ScanFaultKind.UNPRINTABLE),
    ],
)
def test_what_is_no_code(text, kind):
    assert check_code(text, ScanSource.WEDGE) == ScanFault(kind, ScanSource.WEDGE, len(text))


@pytest.mark.parametrize("text", ["A" * 8, "A" * 512, "训练电子社保卡 3501", "a b c d e"])
def test_what_is_a_code(text):
    assert check_code(text, ScanSource.CAMERA) == ScannedCode(text, ScanSource.CAMERA)
    assert check_bytes(text.encode("gb18030"), ScanSource.SERIAL) == ScannedCode(text, ScanSource.SERIAL)
    assert check_bytes(text.encode(), ScanSource.SERIAL) == ScannedCode(text, ScanSource.SERIAL)


def test_neither_code_nor_fault_tells_the_text(router, heard, caplog):
    with caplog.at_level(logging.DEBUG):
        router.text(CODE, ScanSource.CAMERA)
        router.text(CODE + "\n", ScanSource.CAMERA)
    assert "YKT" not in f"{heard[0]}{heard[0]!r}{heard[1]}{heard!r}{vars(router)}{caplog.text}"


def test_a_code_that_stays_before_the_camera_comes_once(router, heard, clock):
    for _ in range(300):
        router.text(CODE, ScanSource.CAMERA)
        clock.now += 1 / 30
    assert len(heard) == 1
    clock.now += 2.1
    router.text(CODE, ScanSource.CAMERA)
    assert len(heard) == 2


def test_the_same_code_by_two_ways_comes_once(router, heard):
    router.text(CODE, ScanSource.WEDGE)
    router.payload(CODE.encode(), ScanSource.SERIAL)
    assert [code.source for code in heard] == [ScanSource.WEDGE]


def test_another_code_comes_at_once_and_a_new_visit_begins_anew(router, heard):
    router.text(CODE, ScanSource.CAMERA)
    router.text(CODE + "B", ScanSource.CAMERA)
    router.forget()
    router.text(CODE + "B", ScanSource.CAMERA)
    assert len(heard) == 3


def test_an_incomplete_scan_is_a_fault_each_time(router, heard):
    for _ in range(2):
        router.incomplete(12, ScanSource.WEDGE)
    assert heard == [ScanFault(ScanFaultKind.INCOMPLETE, ScanSource.WEDGE, 12)] * 2


def some_payload(rng):
    length = rng.choice((0, 1, 7, 8, 9, 40, 511, 512, 513, 600))
    shape = rng.randrange(3)
    if shape == 0:
        return rng.randbytes(length)
    if shape == 1:
        return "".join(chr(rng.randrange(0x20, 0x7F)) for _ in range(length)).encode()
    return "".join(chr(rng.choice((0x4E2D, 0x20BB7, 0xA0, 0x1D, 0x41))) for _ in range(length)).encode()[: length + 1]


def test_a_hundred_thousand_payloads_end_in_a_code_or_a_fault(router, heard):
    """Fuzz of the payload check, seeded: no exception, nothing that takes a second, no text that breaks the rule."""
    rng = random.Random(SEED)
    payloads = [some_payload(rng) for _ in range(1000)]
    slowest = 0.0
    for number in range(INPUTS):
        payload = payloads[number % len(payloads)] if number < len(payloads) else bytearray(rng.choice(payloads))
        if isinstance(payload, bytearray) and payload:
            payload[rng.randrange(len(payload))] = rng.randrange(256)
        # Of its own time: a machine that stands still for a second is not this code's.
        begun = time.thread_time()
        router.payload(bytes(payload), ScanSource.SERIAL)
        slowest = max(slowest, time.thread_time() - begun)
    assert slowest < LIMIT_S
    codes = [found for found in heard if isinstance(found, ScannedCode)]
    assert 1000 < len(codes) < len(heard)
    assert all(8 <= len(code.text) <= 512 and code.text.isprintable() for code in codes)
