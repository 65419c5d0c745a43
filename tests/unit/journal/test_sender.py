"""The sender's thread: it wakes, is kicked, stops, and says when it cannot go on."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.domain.clock import SystemClock
from app.domain.operation import Destination
from app.domain.refusal import Refusal
from app.journal import limits
from app.journal.anchor_places import AnchorFile
from app.journal.anchors import Anchoring
from app.journal.dispatch import Watchers
from app.journal.journal import Journal
from app.journal.sender import Sender
from app.journal.trouble import JournalRefused
from app.province.port import Away
from tests.unit.journal.desk_province import DeskProvince
from tests.unit.journal.scenery import ToldProvince, operation

PROVINCE = Destination.PROVINCE


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


@pytest.fixture
def settled() -> queue.Queue:
    return queue.Queue()


@pytest.fixture
def trouble() -> queue.Queue:
    return queue.Queue()


@pytest.fixture
def make_sender(
    journal: Journal, clock: SystemClock, settled: queue.Queue, trouble: queue.Queue
) -> Iterator[Callable[[ToldProvince], Sender]]:
    made: list[Sender] = []

    def make(province: ToldProvince, start_delay_s: float = 0.0) -> Sender:
        watchers = Watchers(on_settled=lambda *told: settled.put(told), on_trouble=trouble.put)
        sender = Sender(
            journal, province, clock, "device-3", limits.load(), watchers, start_delay_s, lambda _low, high: high
        )
        made.append(sender)
        return sender

    yield make
    for sender in made:
        sender.stop()


def test_an_upload_is_anchored_and_an_anchor_that_is_refused_is_told(
    journal: Journal, clock: SystemClock, settled: queue.Queue, trouble: queue.Queue, tmp_path: Path, folder: Path
) -> None:
    province, place = DeskProvince(tmp_path / "province", clock), AnchorFile(folder)
    anchored: queue.Queue = queue.Queue()
    real = province.anchor
    province.anchor = lambda asked: [answer := real(asked), anchored.put(answer)][0]
    watchers = Watchers(on_settled=lambda *told: settled.put(told))
    anchoring = Anchoring(journal, province, clock, "device-3", (place,), trouble.put)
    sender = Sender(journal, province, clock, "device-3", limits.load(), watchers, anchoring=anchoring)
    sender.start()
    first = enqueue(journal, clock)
    sender.kick()
    assert settled.get(timeout=10)[0] == first
    assert anchored.get(timeout=10).n == 1
    province.refusals = [Refusal("ANCHOR-DIFFERS")]
    enqueue(journal, clock)
    sender.kick()
    assert trouble.get(timeout=10) == Refusal("ANCHOR-DIFFERS")
    assert sender.stop()
    province.close()
    assert [anchor.n for anchor in place.read()] == [1]


def enqueue(journal: Journal, clock: SystemClock) -> str:
    wanted = operation(clock)
    journal.run(lambda tx: tx.enqueue(wanted, (PROVINCE,))).result()
    return wanted.op_id


def test_what_waits_is_sent_at_start_and_what_comes_when_woken(
    journal: Journal, clock: SystemClock, make_sender: Callable, settled: queue.Queue
) -> None:
    first = enqueue(journal, clock)
    sender = make_sender(ToldProvince())
    sender.start()
    assert settled.get(timeout=10) == (first, "applied", None)
    second = enqueue(journal, clock)
    sender.wake()
    assert settled.get(timeout=10) == (second, "applied", None)
    assert sender.stop()


def test_kick_does_not_wait_for_the_back_off(
    journal: Journal, clock: SystemClock, make_sender: Callable, settled: queue.Queue
) -> None:
    op_id = enqueue(journal, clock)
    asked = threading.Event()
    province = ToldProvince(away=[Away(Refusal("PROVINCE-BUSY"), 3600.0)])
    real = province.upload

    def upload(batch):
        answer = real(batch)
        asked.set()
        return answer

    province.upload = upload
    sender = make_sender(province)
    sender.start()
    assert asked.wait(10)
    sender.wake()
    with pytest.raises(queue.Empty):
        settled.get(timeout=0.2)
    sender.kick()
    assert settled.get(timeout=10) == (op_id, "applied", None)


def test_start_may_be_delayed(journal: Journal, clock, make_sender: Callable, settled: queue.Queue) -> None:
    enqueue(journal, clock)
    sender = make_sender(ToldProvince(), 60.0)
    sender.start()
    with pytest.raises(queue.Empty):
        settled.get(timeout=0.2)
    assert sender.stop()


def test_a_province_that_comes_does_not_cut_the_delay_of_the_start_short_and_a_person_does(
    journal: Journal, clock: SystemClock, make_sender: Callable, settled: queue.Queue
) -> None:
    op_id = enqueue(journal, clock)
    sender = make_sender(ToldProvince(), 60.0)
    sender.start()
    sender.came_or_went()
    with pytest.raises(queue.Empty):
        settled.get(timeout=0.2)
    sender.kick()
    assert settled.get(timeout=10)[0] == op_id
    second = enqueue(journal, clock)
    sender.came_or_went()
    assert settled.get(timeout=10)[0] == second


def test_stop_is_bounded_while_an_upload_hangs(journal: Journal, clock: SystemClock, make_sender: Callable) -> None:
    enqueue(journal, clock)
    entered, leave = threading.Event(), threading.Event()
    province = ToldProvince()
    real = province.upload

    def upload(batch):
        entered.set()
        leave.wait(10)
        return real(batch)

    province.upload = upload
    sender = make_sender(province)
    sender.start()
    assert entered.wait(10)
    assert not sender.stop(timeout_s=0.05)
    leave.set()
    assert sender.stop()


def test_sender_that_was_never_started_stops(make_sender: Callable) -> None:
    assert make_sender(ToldProvince()).stop()


def test_closed_journal_ends_the_thread_quietly(journal: Journal, make_sender: Callable, trouble: queue.Queue) -> None:
    journal.close()
    sender = make_sender(ToldProvince())
    sender.start()
    sender._thread.join(10)
    assert not sender._thread.is_alive()
    assert trouble.empty()


def test_journal_that_cannot_be_written_is_told_and_tried_again(
    journal: Journal, clock: SystemClock, make_sender: Callable, settled: queue.Queue, trouble: queue.Queue
) -> None:
    op_id = enqueue(journal, clock)
    sender = make_sender(ToldProvince())
    real = sender._dispatcher.round
    full = [JournalRefused(Refusal("DISK-FULL"))]

    def round_on_full_disk() -> float:
        if full:
            raise full.pop()
        return real()

    sender._dispatcher.round = round_on_full_disk
    sender.start()
    assert trouble.get(timeout=10) == Refusal("DISK-FULL")
    sender.wake()
    assert settled.get(timeout=10)[0] == op_id


@pytest.mark.expects_log
def test_a_defect_is_told_and_logged_and_what_waits_is_sent_all_the_same(
    journal: Journal,
    clock: SystemClock,
    make_sender: Callable,
    settled: queue.Queue,
    trouble: queue.Queue,
    caplog: pytest.LogCaptureFixture,
) -> None:
    op_id = enqueue(journal, clock)
    sender = make_sender(ToldProvince())
    real = sender._dispatcher.round
    defects = [ZeroDivisionError(), KeyError("x")]

    def broken_at_first() -> float:
        if defects:
            raise defects.pop()
        return real()

    sender._dispatcher.round = broken_at_first
    sender.start()
    for _ in range(2):
        assert trouble.get(timeout=10) == Refusal("SENDER-STUMBLED")
        sender.wake()
    assert settled.get(timeout=10) == (op_id, "applied", None)
    assert sender.stop()
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.expects_log
def test_a_sender_that_only_meets_defects_is_stopped_all_the_same(
    journal: Journal, clock: SystemClock, make_sender: Callable, trouble: queue.Queue
) -> None:
    def broken(_item: object) -> None:
        raise ZeroDivisionError

    enqueue(journal, clock)
    sender = make_sender(ToldProvince(answer=broken))
    sender.start()
    assert trouble.get(timeout=10) == Refusal("SENDER-STUMBLED")
    assert sender.stop()
