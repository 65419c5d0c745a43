"""A journal whose clock is moved by hand, filled in bulk, delivered over a real line, and counted at the province."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.domain.op_id import new_op_id
from app.domain.operation import Destination, Operation, OperationKind
from app.journal import limits
from app.journal.dispatch import Dispatcher
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.province.http_client import HttpProvince
from app.training.store import FILE_NAME
from tests.unit.journal.scenery import StillClock, operation

DEVICE = "窗口-72"
PERSONS = 400
IN_BULK = 500


@dataclass
class DarkCounter:
    """A counter as far as its outbox goes."""

    journal: Journal
    clock: StillClock
    province: HttpProvince
    made: list[Operation] = field(default_factory=list)
    rounds: int = 0

    def __post_init__(self) -> None:
        self.dispatcher = Dispatcher(self.journal, self.province, self.clock, DEVICE, limits.load())

    def register(self, count: int, kind: OperationKind = OperationKind.INTAKE) -> Sequence[Operation]:
        """Take down operations of many persons, in one transaction, the persons by turns."""
        new = []
        for _ in range(count):
            made = operation(self.clock, f"person-{len(self.made) % PERSONS}", kind, note=str(len(self.made)))
            made = replace(made, op_id=new_op_id(self.clock.now()))
            new.append(made)
            self.made.append(made)

        def write(tx: Transaction) -> None:
            for wanted in new:
                tx.enqueue(wanted, (Destination.PROVINCE,))

        self.journal.run(write).result()
        return new

    def round(self) -> None:
        """Deliver once and let the time pass that the outbox wants to wait."""
        self.rounds += 1
        self.clock.pass_by(self.dispatcher.round())

    def pass_by(self, seconds: float) -> None:
        """Let time pass, the outbox trying as it likes."""
        until = self.clock.seconds + seconds
        while self.clock.seconds < until:
            self.round()

    def drain(self, rounds: int) -> None:
        """Deliver until nothing waits."""
        for _ in range(rounds):
            if not self.journal.run(lambda tx: tx.summary()).result().pending:
                return
            self.round()
        raise AssertionError(f"{self.journal.run(lambda tx: tx.summary()).result()} after {rounds} rounds")


@dataclass(frozen=True)
class Arrived:
    """What a province has, by its own file."""

    order: tuple[str, ...]
    """op_ids as they came."""
    effects: dict[str, int]
    sequence: tuple[int, ...]


def arrived(folder: Path) -> Arrived:
    """Read a training province's file."""
    with sqlite3.connect(f"file:{folder / FILE_NAME}?mode=ro", uri=True) as file:
        rows = file.execute("SELECT op_id, device_seq FROM operations WHERE device = ? ORDER BY rowid", (DEVICE,))
        found = rows.fetchall()
        counted = dict(file.execute("SELECT op_id, count(*) FROM effects GROUP BY op_id").fetchall())
    file.close()
    return Arrived(
        tuple(op_id for op_id, _ in found),
        {op_id: counted.get(op_id, 0) for op_id, _ in found},
        tuple(sorted(number for _, number in found)),
    )


def assert_once_and_in_order(counter: DarkCounter, found: Arrived) -> None:
    """Hold the province against what was promised: everything, once, each person's in the order of taking down."""
    assert sorted(found.order) == sorted(made.op_id for made in counter.made)
    assert set(found.effects.values()) == {1}
    assert found.sequence == tuple(range(1, len(counter.made) + 1))
    wanted: dict[str, list[str]] = defaultdict(list)
    came: dict[str, list[str]] = defaultdict(list)
    person = {made.op_id: made.order_key for made in counter.made}
    for made in counter.made:
        wanted[made.order_key].append(made.op_id)
    for op_id in found.order:
        came[person[op_id]].append(op_id)
    assert came == wanted
