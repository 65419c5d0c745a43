"""The province's changes: pages with their cursor, cards that were seen, tombstones, and what waits aside."""

from __future__ import annotations

import itertools
import queue
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from app.domain.downlink import CardChange, CardState, ChangePage, DownlinkState, SealingKey, Tombstone
from app.domain.operation import Destination, Outcome
from app.domain.province_stop import ProvinceStop, StopKind
from app.domain.refusal import Refusal
from app.domain.states import PersonState, SocialState
from app.journal import limits
from app.journal.downlink import Downlink
from app.journal.journal import Journal
from app.journal.saga_rows import NewSaga
from app.journal.saga_values import SagaState
from app.journal.trouble import JournalRefused
from tests.unit.journal.scenery import CITIZEN_NUMBER, StillClock, operation

PROVINCE = Destination.PROVINCE
CARD, OTHER, STRANGE = "A" * 32, "B" * 32, "C" * 32
AS_OF = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def state(version: int, social: SocialState = SocialState.NORMAL, tombstone: Tombstone | None = None) -> CardState:
    person = PersonState.DEAD if tombstone is Tombstone.DEATH else PersonState.NORMAL
    return CardState(social, person, version, tombstone, AS_OF + timedelta(seconds=version))


@dataclass
class Told:
    """A province that has changes to tell, in pages."""

    changes_: list[CardChange] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    asked: list[tuple[int, int]] = field(default_factory=list)
    stops: tuple[ProvinceStop, ...] | None = None

    def add(self, card_id: str, told: CardState) -> None:
        self.changes_.append(CardChange(len(self.changes_) + 1, card_id, told))

    def changes(self, after: int, limit: int) -> ChangePage | Refusal:
        self.asked.append((after, limit))
        if self.refusals:
            return self.refusals.pop(0)
        rest = [change for change in self.changes_ if change.seq > after]
        page = tuple(rest[:limit])
        return ChangePage(page, page[-1].seq if page else after, len(rest) > limit, self.stops)

    def sealing_key(self) -> SealingKey | Refusal:
        return Refusal("PROVINCE-AWAY")


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def link(journal: Journal, told: Told, clock: StillClock) -> Downlink:
    return Downlink(journal, told, clock, replace(limits.load(), page_rows=2))


@pytest.fixture
def seen(do: Callable) -> str:
    """One holder with two cards was served here; returns whose they are."""
    for card_id in (CARD, OTHER):
        do(lambda tx, card_id=card_id: tx.card_seen(card_id, CITIZEN_NUMBER, state(1)))
    return str(do(lambda tx: tx.person_ref(CITIZEN_NUMBER, CARD)))


def test_only_cards_that_were_seen_here_are_known(do: Callable, seen: str, told: Told, link: Downlink) -> None:
    told.add(STRANGE, state(9))
    told.add(CARD, state(2, SocialState.LOST_TEMPORARY))
    assert link.round() is None
    assert do(lambda tx: tx.known_card(STRANGE)) is None
    assert do(lambda tx: tx.known_card(CARD)) == state(2, SocialState.LOST_TEMPORARY)
    assert do(lambda tx: tx.known_card(OTHER)) == state(1)


def test_pages_follow_each_other_and_the_cursor_stays(
    do: Callable, seen: str, told: Told, link: Downlink, clock: StillClock
) -> None:
    assert do(lambda tx: tx.downlink()) == DownlinkState(0, None, 0)
    for version in range(2, 9):
        told.add(CARD, state(version))
    link.round()
    assert told.asked == [(0, 2), (2, 2), (4, 2), (6, 2)]
    assert do(lambda tx: tx.downlink()) == DownlinkState(7, clock.now(), 0)
    assert do(lambda tx: tx.known_card(CARD)) == state(8)
    clock.pass_by(60)
    link.round()
    assert told.asked[-1] == (7, 2)
    assert do(lambda tx: tx.downlink()).at == clock.now()


def test_a_page_is_taken_as_a_whole_with_its_cursor_or_not_at_all(do: Callable, journal: Journal, seen: str) -> None:
    twice = CardChange(1, CARD, state(2))
    do(lambda tx: tx.enqueue(operation(StillClock(), seen), (PROVINCE,)))
    with pytest.raises(IntegrityError):
        # The second of the page cannot be put aside under the number of the first.
        do(lambda tx: tx.take_changes(ChangePage((twice, twice), 2, False)))
    assert do(lambda tx: tx.downlink()) == DownlinkState(0, None, 0)


def test_a_cursor_never_goes_back(do: Callable, told: Told, link: Downlink) -> None:
    do(lambda tx: tx.take_changes(ChangePage((), 40, False)))
    told.changes = lambda _after, _limit: ChangePage((), 3, False)
    assert link.round() == Refusal("PROVINCE-NONSENSE")
    with pytest.raises((JournalRefused, IntegrityError)):
        do(lambda tx: tx.take_changes(ChangePage((), 3, False)))
    assert do(lambda tx: tx.downlink()).cursor == 40


def test_an_older_word_never_stands_over_a_newer(do: Callable, seen: str, told: Told, link: Downlink) -> None:
    do(lambda tx: tx.card_seen(CARD, CITIZEN_NUMBER, state(5, SocialState.LOST_FORMAL)))
    told.add(CARD, state(4))
    link.round()
    assert do(lambda tx: tx.known_card(CARD)) == state(5, SocialState.LOST_FORMAL)
    do(lambda tx: tx.card_seen(CARD, CITIZEN_NUMBER, state(3)))
    assert do(lambda tx: tx.known_card(CARD)) == state(5, SocialState.LOST_FORMAL)


@pytest.mark.parametrize("tombstone", Tombstone)
def test_tombstones_are_kept(do: Callable, seen: str, told: Told, link: Downlink, tombstone: Tombstone) -> None:
    ended = state(2, SocialState.CANCELLED, tombstone)
    told.add(CARD, ended)
    link.round()
    assert do(lambda tx: tx.known_card(CARD)) == ended


def test_a_row_with_an_operation_of_ours_that_waits_is_left_and_the_change_applied_afterwards(
    do: Callable, seen: str, told: Told, link: Downlink, clock: StillClock
) -> None:
    mine = operation(clock, seen)
    do(lambda tx: tx.enqueue(mine, (PROVINCE,)))
    told.add(CARD, state(2, SocialState.LOST_FORMAL))
    told.add(OTHER, state(2, SocialState.LOCKED))
    told.add(CARD, state(3, SocialState.CANCELLED, Tombstone.CANCELLATION))
    link.round()
    assert do(lambda tx: tx.known_card(CARD)) == state(1)
    assert do(lambda tx: tx.downlink()) == DownlinkState(3, clock.now(), 3)
    link.round()
    assert do(lambda tx: tx.known_card(CARD)) == state(1)
    do(lambda tx: tx.settle(mine.op_id, PROVINCE, Outcome.APPLIED))
    link.round()
    assert do(lambda tx: tx.known_card(CARD)) == state(3, SocialState.CANCELLED, Tombstone.CANCELLATION)
    assert do(lambda tx: tx.known_card(OTHER)) == state(2, SocialState.LOCKED)
    assert do(lambda tx: tx.downlink()).aside == 0


def test_a_row_with_a_saga_of_ours_is_left_before_anything_of_it_is_queued(
    do: Callable, seen: str, told: Told, link: Downlink, clock: StillClock
) -> None:
    mine = operation(clock, seen)
    do(lambda tx: tx.enqueue(mine, ()))
    assert do(lambda tx: tx.sagas.begin(NewSaga(mine.op_id, "formal_loss", 1, seen, {}, "0317"), 0.0))
    told.add(CARD, state(2, SocialState.LOCKED))
    link.round()
    assert do(lambda tx: tx.known_card(CARD)) == state(1)
    assert do(lambda tx: tx.downlink()).aside == 1
    do(lambda tx: tx.sagas.move(mine.op_id, SagaState.UNDONE))
    link.round()
    assert do(lambda tx: tx.known_card(CARD)) == state(2, SocialState.LOCKED)


def test_whoever_was_known_by_a_card_only_is_followed(
    do: Callable, clock: StillClock, told: Told, link: Downlink
) -> None:
    do(lambda tx: tx.card_seen(CARD, None, state(1)))
    by_card = do(lambda tx: tx.person_ref(None, CARD))
    mine = operation(clock, by_card)
    do(lambda tx: tx.enqueue(mine, (PROVINCE,)))
    named = do(lambda tx: [tx.person_ref(CITIZEN_NUMBER), tx.person_ref(CITIZEN_NUMBER, CARD)][1])
    assert named != by_card
    told.add(CARD, state(2))
    link.round()
    assert do(lambda tx: tx.known_card(CARD)) == state(1)
    do(lambda tx: tx.settle(mine.op_id, PROVINCE, Outcome.APPLIED))
    link.round()
    assert do(lambda tx: tx.known_card(CARD)) == state(2)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_any_order_of_word_and_settling_ends_alike(
    do: Callable, seen: str, told: Told, link: Downlink, clock: StillClock, order: tuple[int, ...]
) -> None:
    mine = operation(clock, seen)
    do(lambda tx: tx.enqueue(mine, (PROVINCE,)))
    steps: list[Callable[[], object]] = [
        lambda: [told.add(CARD, state(2, SocialState.LOST_TEMPORARY)), link.round()],
        lambda: do(lambda tx: tx.settle(mine.op_id, PROVINCE, Outcome.APPLIED)),
        lambda: do(lambda tx: tx.card_seen(CARD, CITIZEN_NUMBER, state(1))),
    ]
    for step in order:
        steps[step]()
    link.round()
    assert do(lambda tx: tx.known_card(CARD)) == state(2, SocialState.LOST_TEMPORARY)


def test_the_thread_reads_at_start_when_woken_and_ends(
    journal: Journal, clock: StillClock, told: Told, do: Callable
) -> None:
    do(lambda tx: tx.card_seen(CARD, CITIZEN_NUMBER, state(1)))
    read: queue.Queue[DownlinkState] = queue.Queue()
    told.refusals = [Refusal("PROVINCE-AWAY")]
    link = Downlink(journal, told, clock, limits.load(), read.put)
    link.start()
    with pytest.raises(queue.Empty):
        read.get(timeout=0.2)
    told.add(CARD, state(2))
    link.wake()
    assert read.get(timeout=10).cursor == 1
    assert link.stop()
    assert Downlink(journal, told, clock, limits.load()).stop()


def test_a_closed_journal_ends_the_thread(journal: Journal, clock: StillClock, told: Told) -> None:
    journal.close()
    link = Downlink(journal, told, clock, limits.load())
    link.start()
    link._thread.join(10)
    assert not link._thread.is_alive()


@pytest.mark.expects_log
def test_a_defect_is_logged_without_what_was_read_and_reading_goes_on(
    journal: Journal, clock: StillClock, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    read: queue.Queue[DownlinkState] = queue.Queue()
    real, defects = told.changes, [KeyError(CITIZEN_NUMBER)]

    def broken(after: int, limit: int) -> ChangePage | Refusal:
        if defects:
            raise defects.pop()
        return real(after, limit)

    told.changes = broken
    link = Downlink(journal, told, clock, limits.load(), read.put)
    link.start()
    while defects:
        link.wake()
    link.wake()
    assert read.get(timeout=10).cursor == 0
    assert link.stop()
    assert CITIZEN_NUMBER not in caplog.text
    assert "KeyError" in caplog.text


def test_nothing_of_a_card_is_stored_in_clear(do: Callable, seen: str, raw: Callable) -> None:
    do(lambda tx: tx.take_changes(ChangePage((CardChange(1, CARD, state(2)),), 1, False)))
    rows = raw().execute("SELECT * FROM known_card").fetchall()
    assert len(rows) == 2
    assert all(text not in str(rows) for text in (CARD, OTHER, CITIZEN_NUMBER))


def test_stops_come_with_a_page_and_a_province_that_tells_none_changes_none(
    do: Callable, told: Told, link: Downlink
) -> None:
    stop = ProvinceStop(StopKind.NIGHTLY, AS_OF, AS_OF + timedelta(hours=1))
    for stops, kept in (((stop,), (stop,)), (None, (stop,)), ((), ())):
        told.stops = stops
        assert link.round() is None
        assert do(lambda tx: tx.announced_stops()) == kept
