"""Draining an outbox against a bare httpx loop that posts the same batches, each to a training province of its own."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx

from app.domain.clock import SystemClock, moment
from app.domain.op_id import new_op_id
from app.domain.operation import Destination, Operation, OperationKind, canonical_json
from app.journal import limits
from app.journal.dispatch import Dispatcher, upload_item
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.province.http_client import HttpProvince
from app.province.upload_body import item_body
from app.training.process import TrainingProvince

DEVICE = "bench"
_CLOCK = SystemClock()
_AT_ONCE = 2000


@dataclass(frozen=True)
class Drained:
    """Seconds of each side for the same operations."""

    operations: int
    ours: float
    bare: float

    @property
    def ratio(self) -> float:
        """Return how many times the bare loop's time the drain takes."""
        return self.ours / self.bare


def open_journal(folder: Path) -> Journal:
    """Open the journal of a folder."""
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), _CLOCK)
    assert isinstance(journal, Journal), journal
    return journal


def fill(journal: Journal, count: int) -> Sequence[Operation]:
    """Queue operations of as many persons."""
    made = []
    for number in range(count):
        payload = {"card_id": f"{number:032X}", "note": "补办资料 " * 8, "offline": True}
        made.append(
            Operation(
                op_id=new_op_id(_CLOCK.now()),
                kind=OperationKind.INTAKE,
                order_key=f"person-{number}",
                payload=canonical_json(payload),
                occurred=moment(_CLOCK),
                clerk="0317",
                acceptance_no=f"350102-20261122-K7QF2M-{number:05d}",
                base_version=None,
            )
        )
    for start in range(0, count, _AT_ONCE):
        some = made[start : start + _AT_ONCE]
        journal.run(lambda tx, some=some: [tx.enqueue(one, (Destination.PROVINCE,)) for one in some]).result()
    return made


def race(folder: Path, operations: int) -> Drained:
    """Drain, and post the same batches bare."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        here = Path(place)
        with closing(open_journal(here / "counter")) as journal:
            fill(journal, operations)
            unsent = journal.run(lambda tx: tx.unsent(Destination.PROVINCE)).result()
            size = limits.load().batch_rows
            items = [item_body(upload_item(delivery)) for delivery in unsent]
            batches = [
                json.dumps(
                    {"device": DEVICE, "incarnation": "bare", "items": items[start : start + size]}, ensure_ascii=False
                ).encode()
                for start in range(0, operations, size)
            ]
            return Drained(operations, _ours(here / "a", journal), _bare(here / "b", batches))


def _ours(folder: Path, journal: Journal) -> float:
    province = TrainingProvince.start(folder, seed=7, holders=20)
    try:
        with closing(HttpProvince(province.url, DEVICE, training=True)) as line:
            dispatcher = Dispatcher(journal, line, _CLOCK, DEVICE, limits.load())
            line.clock()
            started = time.perf_counter()
            while dispatcher.round() == 0.0:
                pass
            took = time.perf_counter() - started
    finally:
        province.stop()
    assert journal.run(lambda tx: tx.summary()).result().pending == 0
    return took


def _bare(folder: Path, batches: Sequence[bytes]) -> float:
    province = TrainingProvince.start(folder, seed=7, holders=20)
    try:
        with httpx.Client(base_url=province.url, trust_env=False, timeout=30) as client:
            client.get("/v1/clock")
            started = time.perf_counter()
            for batch in batches:
                answers = client.post(
                    "/v1/operations", content=batch, headers={"Content-Type": "application/json"}
                ).json()["answers"]
                assert {answer["outcome"] for answer in answers} == {"applied"}
            return time.perf_counter() - started
    finally:
        province.stop()
