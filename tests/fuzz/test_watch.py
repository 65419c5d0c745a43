"""The fuzzer's own eyes: what raises is found, what hangs is broken off, the same seed gives the same inputs."""

from __future__ import annotations

import signal
import time

import pytest

from hardware.readers.sscard.base_fields import BaseReading, parse_base
from hardware.resident_id.frame import SdtAnswer, take_answer
from hardware.scanners.scanned_code import ScannedCode, ScanSource, check_bytes
from tests.fuzz.breeding import inputs
from tests.fuzz.target import MOST_BYTES
from tests.fuzz.targets import TARGETS
from tests.fuzz.watch import Finding, watch

TLV = TARGETS["tlv"]
NAMES = ("driver-string", "sdt-frame", "qr-payload")


def test_the_first_input_that_raises_is_found() -> None:
    def careless(raw: bytes) -> None:
        if raw.startswith(b"\x6f") and len(raw) % 7 == 3:
            raise IndexError(len(raw))

    seen = watch(careless, inputs(TLV, 1, 1000))
    assert seen.finding is not None
    assert len(seen.finding.raw) % 7 == 3
    assert seen.finding.what.startswith("IndexError")
    assert seen.runs < 1000


def hold(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer of processor time here")
def test_an_input_that_hangs_is_broken_off() -> None:
    began = time.monotonic()
    seen = watch(lambda _: hold(60), [b"\x6f"], limit=0.02)
    assert seen.finding == Finding(b"\x6f", "TooLong: more than a second")
    assert time.monotonic() - began < 20


def test_an_input_that_is_slow_is_found_without_a_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.watch.wind", lambda _: None)
    seen = watch(lambda raw: hold(0.05 if raw else 0.0), [b"", b"\x6f"], limit=0.02)
    assert seen.finding is not None
    assert (seen.runs, seen.finding.raw) == (2, b"\x6f")


def test_the_same_seed_gives_the_same_inputs() -> None:
    first, again, other = (list(inputs(TLV, seed, 500)) for seed in (3, 3, 4))
    assert first == again
    assert first != other
    assert first[: len(TLV.corpus)] == list(TLV.corpus)
    assert max(map(len, first)) <= MOST_BYTES
    assert len(set(first)) > 400


def test_the_inputs_are_not_all_refused() -> None:
    """A generator whose inputs never get past the first check would prove nothing."""
    strings, frames, codes = (list(inputs(TARGETS[name], 5, 2000)) for name in NAMES)
    read = sum(isinstance(parse_base(raw.decode("gb18030", "replace")), BaseReading) for raw in strings)
    whole = sum(taken is not None and isinstance(taken.answer, SdtAnswer) for taken in map(take_answer, frames))
    taken = sum(isinstance(check_bytes(raw, ScanSource.SERIAL), ScannedCode) for raw in codes)
    assert [100 < count < 1900 for count in (read, whole, taken)] == [True] * 3, (read, whole, taken)
