"""One box, one thread: its uses in turn, a loss that opens it anew, and an end that leaves nobody waiting."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from hardware.readers.box import BoxFault, BoxFaultKind, BoxLost, ReaderBox


@dataclass
class Device:
    number: int
    closed: int = 0
    threads: set[str] = field(default_factory=set)
    inside: int = 0
    most: int = 0

    def use(self) -> int:
        self.threads.add(threading.current_thread().name)
        self.inside += 1
        self.most = max(self.most, self.inside)
        threading.Event().wait(0.001)
        self.inside -= 1
        return self.number

    def close(self) -> None:
        self.closed += 1
        self.threads.add(threading.current_thread().name)


class Shelf:
    """Opens devices one after the other; `away` makes opening fail."""

    def __init__(self) -> None:
        self.opened: list[Device] = []
        self.away = False
        self.box: ReaderBox[Device] = ReaderBox(self.open, "box")

    def open(self) -> Device:
        if self.away:
            raise BoxLost(BoxFaultKind.NO_LINE, "COM3")
        self.opened.append(Device(len(self.opened)))
        return self.opened[-1]


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    shelf = Shelf()
    shelf.box.start()
    yield shelf
    shelf.box.stop()


def lose(_device: Device) -> None:
    raise BoxLost(BoxFaultKind.HUNG, "iReadCardBas")


def test_nothing_is_opened_before_the_first_use(shelf):
    assert shelf.opened == []
    assert [shelf.box.use(Device.use).result(5) for _ in range(3)] == [0, 0, 0]
    assert len(shelf.opened) == 1


def test_whoever_asks_the_uses_go_in_turn_on_one_thread(shelf):
    answers: list[int | BoxFault] = []

    def ask() -> None:
        answers.extend(shelf.box.use(Device.use).result(5) for _ in range(25))

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert answers == [0] * 100
    assert (shelf.opened[0].most, shelf.opened[0].threads) == (1, {"box"})


def test_a_box_that_is_lost_is_closed_and_opened_anew(shelf):
    assert shelf.box.use(lose).result(5) == BoxFault(BoxFaultKind.HUNG, "iReadCardBas")
    assert shelf.opened[0].closed == 1
    assert shelf.box.use(Device.use).result(5) == 1


def test_a_box_that_is_not_there_is_looked_for_at_every_use(shelf):
    shelf.away = True
    assert [shelf.box.use(Device.use).result(5) for _ in range(2)] == [BoxFault(BoxFaultKind.NO_LINE, "COM3")] * 2
    shelf.away = False
    assert shelf.box.use(Device.use).result(5) == 0


def test_a_defect_does_not_close_the_box(shelf):
    with pytest.raises(ZeroDivisionError):
        shelf.box.use(lambda device: device.number // 0).result(5)
    assert shelf.opened[0].closed == 0


def test_a_use_that_was_cancelled_is_left_out(shelf):
    hold = threading.Event()
    shelf.box.use(lambda _device: hold.wait(5))
    cancelled = shelf.box.use(Device.use)
    assert cancelled.cancel()
    hold.set()
    assert shelf.box.use(lambda device: device.most).result(5) == 0


def test_the_end_closes_the_box_on_its_own_thread_and_answers_what_waits(shelf):
    begun, hold = threading.Event(), threading.Event()

    def work(_device: Device) -> bool:
        begun.set()
        return hold.wait(5)

    first = shelf.box.use(work)
    waiting = shelf.box.use(Device.use)
    assert begun.wait(5)
    threading.Timer(0.05, hold.set).start()
    shelf.box.stop()
    assert first.result(0) is True
    assert waiting.result(0) == BoxFault(BoxFaultKind.STOPPED)
    assert shelf.box.use(Device.use).result(0) == BoxFault(BoxFaultKind.STOPPED)
    assert (shelf.opened[0].closed, shelf.opened[0].threads) == (1, {"box"})
