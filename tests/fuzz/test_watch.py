"""The fuzzer's own eyes: what raises is found, what hangs is broken off, the same seed gives the same inputs."""

from __future__ import annotations

import time

import pytest

from tests.fuzz.breeding import MOST_BYTES, inputs
from tests.fuzz.targets import TARGETS
from tests.fuzz.watch import watch

CORPUS = TARGETS["tlv"].corpus


def test_the_first_input_that_raises_is_found() -> None:
    def careless(raw: bytes) -> None:
        if raw.startswith(b"\x6f") and len(raw) % 7 == 3:
            raise IndexError(len(raw))

    seen = watch(careless, inputs(CORPUS, 1, 1000))
    assert seen.finding is not None
    assert len(seen.finding.raw) % 7 == 3
    assert seen.finding.what.startswith("IndexError")
    assert seen.runs < 1000


@pytest.mark.parametrize("loop", ["busy", "slow"])
def test_an_input_that_hangs_is_broken_off(loop: str) -> None:
    def endless(raw: bytes) -> None:
        until = time.process_time() + (60 if loop == "busy" else 0.05)
        while time.process_time() < until:
            pass

    began = time.monotonic()
    seen = watch(endless, [b""], limit=0.02)
    assert seen.finding is not None
    assert "second" in seen.finding.what or "s" in seen.finding.what
    assert time.monotonic() - began < 20


def test_the_same_seed_gives_the_same_inputs() -> None:
    first, again, other = (list(inputs(CORPUS, seed, 500)) for seed in (3, 3, 4))
    assert first == again
    assert first != other
    assert first[: len(CORPUS)] == list(CORPUS)
    assert max(map(len, first)) <= MOST_BYTES
    assert len(set(first)) > 400
