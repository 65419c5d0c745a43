"""After a restore nothing is sent before the province was asked; what is missing comes back and is never made again."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.domain.anchor import LastSequence
from app.domain.digest import payload_sm3
from app.domain.operation import DeliveryState, Destination, OperationKind, Outcome
from app.domain.refusal import Refusal
from app.journal import limits, restore
from app.journal.copier import Copying, CopySource
from app.journal.database import Access
from app.journal.dispatch import Dispatcher
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.reconcile import Reconciling
from app.journal.second_place import SecondFolder
from app.province.port import Away, ItemAnswer, OwnOperation, UploadBatch
from tests.memory_folder import memory_folder
from tests.unit.journal.scenery import StillClock, ToldProvince, operation

# What runs here by the thousand is measured elsewhere, where it runs once.
pytestmark = pytest.mark.no_cover

PAGE = 3


@dataclass
class KeepingProvince(ToldProvince):
    """Keeps what it was sent, each once, and gives it back."""

    kept: dict[str, OwnOperation] = field(default_factory=dict)
    effects: list[str] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    gone: bool = False
    reject: bool = False

    def upload(self, batch: UploadBatch) -> tuple[ItemAnswer, ...] | Away:
        answers = []
        for item in batch.items:
            if item.op_id not in self.kept:
                outcome = Outcome.REJECTED if self.reject else Outcome.APPLIED
                answer = ItemAnswer(item.op_id, outcome, "OP-STATE-MOVED" if self.reject else None)
                self.kept[item.op_id] = OwnOperation(
                    batch.incarnation, item.device_seq, item.op_id, OperationKind(item.kind), item.order_key,
                    item.payload, item.payload_sm3, item.schema_ver, item.occurred_at, item.base_version, answer,
                )  # fmt: skip
                self.effects.append(item.op_id)
            answers.append(self.kept[item.op_id].answer)
        return tuple(answers)

    def last_sequence(self, device: str) -> tuple[LastSequence, ...] | Refusal:
        if self.gone:
            return Refusal("PROVINCE-AWAY")
        highest: dict[str, OwnOperation] = {}
        for own in self.kept.values():
            if own.incarnation not in highest or highest[own.incarnation].device_seq < own.device_seq:
                highest[own.incarnation] = own
        return tuple(LastSequence(o.incarnation, o.device_seq, o.op_id, o.payload_sm3) for o in highest.values())

    def own_operations(self, device: str, after: int) -> tuple[OwnOperation, ...] | Refusal:
        self.asked.append(after)
        return tuple(sorted((o for o in self.kept.values() if o.device_seq > after), key=lambda o: o.device_seq)[:PAGE])


@dataclass
class Machine:
    """One machine that writes, delivers, is copied, lost and restored."""

    root: Path
    clock: StillClock
    province: KeepingProvince
    told: list[Refusal] = field(default_factory=list)
    turn: int = 0

    def open(self) -> None:
        self.folder = self.root / f"data-{self.turn}"
        self.store = FolderKeyStore(self.folder, no_ring)
        journal = Journal.open(self.folder, self.store, self.clock)
        assert isinstance(journal, Journal), journal
        self.journal = journal
        journal.run(lambda tx: tx.copying(True)).result()
        self.place = SecondFolder(self.root, journal.machine_id)
        self.dispatcher = Dispatcher(journal, self.province, self.clock, "device-3", limits.load())
        self.reconciling = Reconciling(journal, self.province, "device-3", self.told.append)

    def write(self, how_many: int) -> list[str]:
        made = [operation(self.clock, f"person-{number % 2}", note=str(number)) for number in range(how_many)]
        for one in made:
            self.journal.run(lambda tx, one=one: tx.enqueue(one, (Destination.PROVINCE,))).result()
        return [one.op_id for one in made]

    def send(self, rounds: int = 1) -> bool:
        if not self.reconciling.round():
            return False
        for _ in range(rounds):
            self.dispatcher.round()
        return True

    def copy(self) -> None:
        key = self.store.load()
        copying = Copying(
            self.journal, CopySource(Access(self.folder / "journal.db", key), "d"), self.place, self.clock
        )
        copying.step()
        copying.close()

    def lose_and_restore(self) -> None:
        key, copy = self.store.load(), self.place.folder
        self.journal.close()
        self.turn += 1
        folder = self.root / f"data-{self.turn}"
        folder.mkdir()
        FolderKeyStore(folder, no_ring).keep(key)
        restored = restore.restore_copy(copy, key, folder, self.clock)
        assert isinstance(restored, restore.Restored), restored
        self.open()

    def rows(self) -> dict[str, DeliveryState]:
        return {row.op_id: row.state for row in self.journal.run(lambda tx: tx.rows()).result()}


@pytest.fixture
def province() -> KeepingProvince:
    return KeepingProvince()


@pytest.fixture
def machine(clock: StillClock, province: KeepingProvince) -> Iterator[Machine]:
    with memory_folder() as root:
        one = Machine(root, clock, province)
        one.open()
        yield one
        one.journal.close()


def test_what_the_province_has_comes_back_as_it_was(machine: Machine, province: KeepingProvince) -> None:
    before = machine.write(2)
    machine.send(3)
    machine.copy()
    lost = machine.write(7)
    machine.send(9)
    machine.lose_and_restore()
    assert set(machine.rows()) == set(before)
    uploads = len(province.uploads)
    assert machine.send(3)
    assert machine.rows() == dict.fromkeys((*before, *lost), DeliveryState.APPLIED)
    assert len(province.uploads) == uploads
    assert province.effects == [*before, *lost]
    assert province.asked == [1, 4, 7]
    for op_id in lost:
        own = machine.journal.run(lambda tx, op_id=op_id: tx.operation(op_id)).result()
        assert payload_sm3(own.payload) == province.kept[op_id].payload_sm3
    pulled = machine.journal.run(
        lambda tx: (
            tx._book.connection.exec_driver_sql("SELECT op_id FROM audit WHERE event = 'operation.pulled_back'")
            .scalars()
            .all()
        )
    ).result()
    assert list(pulled) == lost
    assert machine.journal.run(lambda tx: tx.verify()).result().ok
    fresh = machine.write(1)
    assert machine.send()
    assert province.kept[fresh[0]].device_seq == restore.LEAP + 1
    assert machine.told == []
    assert machine.journal.run(lambda tx: tx.summary()).result().pending == 0


def test_what_was_refused_there_is_a_persons_again(machine: Machine, province: KeepingProvince) -> None:
    machine.copy()
    province.reject = True
    lost = machine.write(1)
    machine.send(2)
    machine.lose_and_restore()
    assert machine.send()
    assert machine.rows() == {lost[0]: DeliveryState.REJECTED}
    (task,) = machine.journal.run(lambda tx: tx.tasks()).result()
    assert (task.op_id, task.reason, task.next_action) == (lost[0], "OP-STATE-MOVED", "TASK-REJECTED")


def test_nothing_is_sent_before_the_province_was_asked_and_what_waits_goes_once(
    machine: Machine, province: KeepingProvince
) -> None:
    waiting = machine.write(2)
    machine.copy()
    machine.send(3)
    machine.lose_and_restore()
    province.gone = True
    offline = machine.write(2)
    assert not machine.send()
    assert province.effects == waiting
    province.gone = False
    assert machine.send(6)
    assert province.effects == [*waiting, *offline]
    assert set(machine.rows().values()) == {DeliveryState.APPLIED}


def test_a_number_that_is_another_operation_there_stops_sending_until_a_person_closed_the_task(
    machine: Machine, province: KeepingProvince
) -> None:
    mine = machine.write(1)
    machine.copy()
    # Another machine under the same name, or an older copy of this journal, has used the number.
    other = operation(machine.clock, note="another")
    machine.send(1)
    own = province.kept.pop(mine[0])
    province.kept[other.op_id] = OwnOperation(
        "elsewhere", own.device_seq, other.op_id, own.kind, own.order_key, other.payload,
        payload_sm3(other.payload), 1, own.occurred_at, 3, ItemAnswer(other.op_id, Outcome.APPLIED),
    )  # fmt: skip
    province.effects.clear()
    machine.lose_and_restore()
    for _ in range(2):
        assert not machine.send()
    assert machine.told == [Refusal.of("RESTORE-SEQUENCE-REUSED", device_seq=1)]
    (task,) = machine.journal.run(lambda tx: tx.tasks()).result()
    assert (task.op_id, task.next_action) == (mine[0], "TASK-SEQUENCE-REUSED")
    assert province.effects == []
    machine.journal.run(lambda tx: tx.close_task(mine[0], "0007", "looked into")).result()
    assert machine.send(2)
    assert province.effects == mine
    assert machine.journal.run(lambda tx: tx.verify()).result().ok


def test_a_journal_that_was_never_restored_asks_nothing(machine: Machine, province: KeepingProvince) -> None:
    province.gone = True
    machine.write(1)
    assert machine.send(2)
    assert province.asked == []
    assert len(province.effects) == 1


def lead_a_life(root: Path, chance: random.Random) -> None:
    """Write, send, copy and be lost at any time; then everything is there once."""
    machine = Machine(root, StillClock(), KeepingProvince())
    machine.open()
    written: set[str] = set()
    acts: list[Callable[[], object]] = [
        lambda: written.update(machine.write(chance.randrange(1, 6))),
        lambda: machine.send(chance.randrange(1, 4)),
        machine.copy,
    ]
    try:
        for _turn in range(chance.randrange(2, 5)):
            machine.copy()
            for _ in range(chance.randrange(1, 7)):
                chance.choice(acts)()
                machine.clock.pass_by(chance.choice((1, 3600, 30 * 86400)))
            machine.lose_and_restore()
        there = set(machine.rows())
        assert machine.send(12)
        effects = machine.province.effects
        assert len(effects) == len(set(effects))
        assert set(effects) <= set(machine.rows())
        assert there <= set(machine.rows()) <= written
        numbers = [row.device_seq for row in machine.journal.run(lambda tx: tx.rows()).result()]
        assert len(numbers) == len(set(numbers))
        assert machine.told == []
        assert machine.journal.run(lambda tx: tx.verify()).result().ok
    finally:
        machine.journal.close()


@pytest.mark.parametrize("seed", [*range(5), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(5, 200))])
def test_restored_at_any_time_everything_is_there_once(seed: int) -> None:
    with memory_folder() as root:
        lead_a_life(root, random.Random(seed))
