"""The decoder chain on 400 seeded camera-like frames: above zxing-cpp's own rate, at 1.2 × its time where it reads."""

from __future__ import annotations

import sys
import threading
import time

import numpy as np
import pytest

from hardware.camera.camera_state import CameraState
from hardware.camera.code_camera import CodeCamera
from hardware.virtual.camera import VirtualCamera
from tests.bench.camera_frames import Hardness, frames, make_frame
from tests.bench.decoder_race import CHAIN, PLAIN, race
from tests.bench.report import Line, note

SEED = 20261122
EACH = 100
LIMIT = 1.2
RATE = 30.0
SCANS = 40
PAUSE = 12
"""Frames without a code between two codes."""


@pytest.mark.bench
@pytest.mark.timeout(600)
def test_the_chain_against_its_first_part(pytestconfig, capsys):
    found = race(list(frames(SEED, EACH)), with_others=True)
    line = Line(
        f"decoder chain, {len(found.frames)} frames in four classes, on those that zxing-cpp reads",
        f"{found.share(CHAIN):.3f} read",
        ", ".join(f"{name} {found.share(name):.3f}" for name in found.results if name != CHAIN),
        found.ratio,
        LIMIT,
    )
    note(pytestconfig, line)
    with capsys.disabled():
        sys.stdout.write(f"\n{found.table()}\n")
    assert found.results[CHAIN].wrong == 0
    assert found.share(CHAIN) > found.share(PLAIN)
    assert not [hardness for hardness in Hardness if found.read_in(CHAIN, hardness) < found.read_in(PLAIN, hardness)]
    assert line.held


@pytest.mark.bench
def test_scan_to_event(pytestconfig):
    """Codes come into the picture one after another; a frame counts from its time at the camera."""
    rng = np.random.default_rng(SEED)
    shown = [make_frame(rng, Hardness(number % 2)) for number in range(SCANS)]
    empty = np.full_like(shown[0].image, 90)
    asked: dict[str, float] = {}
    heard: dict[str, float] = {}
    ended = threading.Event()

    def stream():
        for frame in shown:
            for _ in range(PAUSE):
                yield empty
            # The camera's own wait for the picture is part of it: at most a frame.
            asked[frame.text] = time.monotonic()
            for _ in range(3):
                yield frame.image

    camera = CodeCamera(
        VirtualCamera(stream, RATE),
        lambda text: heard.setdefault(text, time.monotonic()),
        lambda state: ended.set() if state is CameraState.ENDED else None,
    )
    camera.start()
    assert ended.wait(60)
    camera.stop()
    assert heard.keys() == asked.keys()
    delays = sorted(heard[text] - asked[text] for text in asked)
    line = Line(
        f"scan to event, {SCANS} codes at {RATE:.0f} frames a second, p95",
        f"{delays[len(delays) * 95 // 100] * 1000:.0f} ms",
        f"two frames {2000 / RATE:.0f} ms",
        delays[len(delays) * 95 // 100] * RATE / 2,
        1.0,
    )
    note(pytestconfig, line)
    assert line.held
