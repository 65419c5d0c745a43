"""A serial scanner on a real pseudo-terminal."""

from __future__ import annotations

import os
import sys
import threading
import time

import pytest

from hardware.scanners.line_state import LineState
from hardware.scanners.serial_scanner import SerialLine, serial_scanner
from tests.plugged_line import PluggedLine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals here")


class Heard:
    def __init__(self):
        self.codes, self.states, self._news = [], [], threading.Condition()

    def code(self, code):
        with self._news:
            self.codes.append(code)
            self._news.notify_all()

    def state(self, state):
        with self._news:
            self.states.append(state)
            self._news.notify_all()

    def wait(self, until):
        with self._news:
            assert self._news.wait_for(until, 10)


@pytest.fixture
def plug(tmp_path):
    return PluggedLine(tmp_path)


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def scanner(plug, heard):
    made = serial_scanner(SerialLine(str(plug.path)), heard.code, heard.state)
    yield made
    made.stop()


def test_codes_come_whole_with_any_terminator_or_none(plug, heard, scanner):
    plug.put_in()
    scanner.start()
    heard.wait(lambda: heard.states == [LineState.READY])
    os.write(plug.scanner, b"first-c")
    time.sleep(0.02)
    os.write(plug.scanner, b"ode\r\nsecond-code\tthird-code")
    heard.wait(lambda: len(heard.codes) == 3)
    assert heard.codes == [b"first-code", b"second-code", b"third-code"]
    plug.pull_out()


def test_a_scanner_that_was_pulled_out_comes_back_by_itself(plug, heard, scanner):
    scanner.start()
    heard.wait(lambda: heard.states == [LineState.AWAY])
    for number in range(3):
        plug.put_in()
        heard.wait(lambda: heard.states[-1] is LineState.READY)
        os.write(plug.scanner, b"code-%d\r" % number)
        heard.wait(lambda wanted=number + 1: len(heard.codes) == wanted)
        plug.pull_out()
        heard.wait(lambda: heard.states[-1] is LineState.AWAY)
    assert heard.states == [LineState.AWAY, *([LineState.READY, LineState.AWAY] * 3)]
    assert heard.codes == [b"code-0", b"code-1", b"code-2"]


def test_a_flood_is_cut_and_ends_as_one(plug, heard, scanner):
    plug.put_in()
    scanner.start()
    heard.wait(lambda: heard.states == [LineState.READY])
    for _ in range(10):
        os.write(plug.scanner, b"x" * 1000)
        time.sleep(0.01)
    os.write(plug.scanner, b"\r")
    heard.wait(lambda: len(heard.codes) == 1)
    assert 2048 < len(heard.codes[0]) < 2100
    plug.pull_out()
