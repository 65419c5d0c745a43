"""The card's side of vpcd's wire, against a listener that plays vpcd."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from hardware.card.elements import SSSE_NAME
from hardware.virtual import vpcd_card
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.profiles import load_profile
from hardware.virtual.vpcd_card import PlugEnd, run_vpcd_card

SELECT = bytes.fromhex("00A404000F") + SSSE_NAME


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        yield server


class Plugged:
    def __init__(self, server: socket.socket, **options: object) -> None:
        self.stop = threading.Event()
        self.pool = ThreadPoolExecutor(1)
        self.count = 0
        port = server.getsockname()[1]
        self.end: Future[PlugEnd] = self.pool.submit(
            run_vpcd_card, load_profile("gen2"), "127.0.0.1", port, self.stop, on_plugged=self.note, **options
        )

    def note(self) -> None:
        self.count += 1


@contextlib.contextmanager
def plugged(server: socket.socket, **options: object) -> Iterator[Plugged]:
    card = Plugged(server, **options)
    try:
        yield card
    finally:
        card.stop.set()
        card.pool.shutdown()


def say(line: socket.socket, message: bytes) -> None:
    line.sendall(len(message).to_bytes(2))
    line.sendall(message)


def hear(line: socket.socket) -> bytes:
    line.settimeout(5)
    head = line.recv(2, socket.MSG_WAITALL)
    return line.recv(int.from_bytes(head), socket.MSG_WAITALL)


def says_nothing(line: socket.socket, message: bytes) -> bool:
    """Tell whether vpcd would drop this line: it is closed at the other end."""
    try:
        line.sendall(len(message).to_bytes(2) + message)
        return hear(line) == b""
    except ConnectionError:
        return True


def test_the_wire(listener):
    with plugged(listener) as card:
        line, _ = listener.accept()
        with line:
            say(line, b"\x01")
            say(line, b"\x04")
            assert hear(line) == VirtualCard(load_profile("gen2")).atr
            say(line, SELECT)
            assert hear(line) == b"\x61\x1e"
            say(line, b"\x02")
            say(line, bytes.fromhex("00B2032C06"))
            assert hear(line) == b"\x69\x86"
            card.stop.set()
            assert card.end.result(5) is PlugEnd.STOPPED
        assert card.count == 1


def test_it_comes_back_when_vpcd_does(listener):
    with plugged(listener) as card:
        for _ in range(2):
            line, _ = listener.accept()
            with line:
                say(line, b"\x04")
                assert hear(line)
        assert not card.end.done()
        card.stop.set()
        assert card.end.result(5) is PlugEnd.STOPPED
        assert card.count == 2


def test_a_line_that_breaks_inside_a_message_is_no_end(listener):
    with plugged(listener) as card:
        line, _ = listener.accept()
        line.sendall(b"\x00\x14\x00")
        line.close()
        line, _ = listener.accept()
        with line:
            say(line, b"\x04")
            assert hear(line)
        assert not card.end.done()


def test_a_torn_card_leaves_without_an_answer(listener):
    with plugged(listener, pull_after=1) as card:
        line, _ = listener.accept()
        with line:
            say(line, SELECT)
            assert hear(line) == b"\x61\x1e"
            say(line, bytes.fromhex("00C000001E"))
            assert hear(line) == b""
        assert card.end.result(5) is PlugEnd.PULLED


@pytest.mark.parametrize("pull_after", [None, 0])
def test_the_next_look_after_a_card_that_left_finds_the_slot_empty(listener, pull_after):
    """vpcd drops a closed line when a command is sent to it; its next look takes whoever waits there."""
    with plugged(listener, pull_after=pull_after) as card:
        line, _ = listener.accept()
        with line:
            say(line, b"\x04")
            assert hear(line)
            if pull_after is None:
                card.stop.set()
            else:
                line.sendall(len(SELECT).to_bytes(2) + SELECT)
            card.end.result(5)
            with plugged(listener):
                assert says_nothing(line, SELECT)
                dead, _ = listener.accept()
                with dead:
                    assert says_nothing(dead, b"\x04")
                following, _ = listener.accept()
                with following:
                    say(following, b"\x04")
                    assert hear(following)


def test_without_insistence_nobody_is_an_end():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert run_vpcd_card(load_profile("gen2"), "127.0.0.1", port, threading.Event(), insist=False) is (
        PlugEnd.NOBODY_LISTENS
    )


def test_without_insistence_a_reader_that_holds_another_card_is_an_end(listener, monkeypatch):
    monkeypatch.setattr(vpcd_card, "_PATIENCE", 0.1)
    with plugged(listener, insist=False) as card:
        assert card.end.result(5) is PlugEnd.OCCUPIED


def test_without_insistence_a_line_that_stays_full_is_an_end(monkeypatch):
    monkeypatch.setattr(vpcd_card, "_PATIENCE", 0.1)
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as server,
        socket.create_connection(server.getsockname()),
        plugged(server, insist=False) as card,
    ):
        assert card.end.result(5) is PlugEnd.OCCUPIED


def test_with_insistence_it_waits_until_told_to_stop():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    stop = threading.Event()
    timer = threading.Timer(0.3, stop.set)
    timer.start()
    assert run_vpcd_card(load_profile("gen2"), "127.0.0.1", port, stop) is PlugEnd.STOPPED
    timer.join()
