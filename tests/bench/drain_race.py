"""Draining an outbox against a bare httpx loop that posts the same batches, each to a training province of its own."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
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
from app.province.line_guard import LineGuard, Signed
from app.province.upload_body import item_body
from app.services.device_line import guard_for
from app.services.settings import Settings, load
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


def race(folder: Path, operations: int, guarded: bool) -> Drained:
    """Drain, and post the same batches bare: signed and sealed on both sides, or on neither.

    The bare side's requests are made before its time is taken.
    """
    with tempfile.TemporaryDirectory(dir=folder) as place:
        here = Path(place)
        with closing(open_journal(here / "counter")) as journal:
            fill(journal, operations)
            unsent = journal.run(lambda tx: tx.unsent(Destination.PROVINCE)).result()
            items = [item_body(upload_item(delivery)) for delivery in unsent]
            return Drained(operations, _ours(here / "a", journal, guarded), _bare(here / "b", items, guarded))


@contextmanager
def _province(folder: Path, guarded: bool) -> Iterator[tuple[str, LineGuard | None]]:
    """Start a province; a device that is guarded enrols with it before anybody's time is taken."""
    province = TrainingProvince.start(folder / "province", seed=7, holders=20)
    try:
        if not guarded:
            yield province.url, None
            return
        folder = folder / "device"
        open_journal(folder).close()
        (folder / "counter.toml").write_text(f'device = "{DEVICE}"\nprovince_url = "{province.url}"\n')
        settings = load(folder, training=True, hall_url=None)
        assert isinstance(settings, Settings)
        guard = guard_for(settings, province.url)
        assert isinstance(guard, LineGuard)
        yield province.url, guard
    finally:
        province.stop()


def _ours(folder: Path, journal: Journal, guarded: bool) -> float:
    with _province(folder, guarded) as (url, guard), closing(HttpProvince(url, DEVICE, True, guard=guard)) as line:
        dispatcher = Dispatcher(journal, line, _CLOCK, DEVICE, limits.load())
        assert isinstance(line.clock(), datetime)
        started = time.perf_counter()
        while dispatcher.round() == 0.0:
            pass
        took = time.perf_counter() - started
    assert journal.run(lambda tx: tx.summary()).result().pending == 0
    return took


def _bare(folder: Path, items: Sequence[Mapping[str, object]], guarded: bool) -> float:
    size = limits.load().batch_rows
    with (
        _province(folder, guarded) as (url, guard),
        httpx.Client(base_url=url, headers={"X-Device": DEVICE}, trust_env=False, timeout=30) as client,
    ):
        requests = [_request(items[start : start + size], guard) for start in range(0, len(items), size)]
        client.get("/v1/clock")
        started = time.perf_counter()
        for sent in requests:
            kind = {"Content-Type": "application/json"}
            reply = client.post("/v1/operations", content=sent.content, headers=kind | dict(sent.headers))
            assert {answer["outcome"] for answer in reply.json()["answers"]} == {"applied"}
        return time.perf_counter() - started


def _request(items: Sequence[Mapping[str, object]], guard: LineGuard | None) -> Signed:
    body = {"device": DEVICE, "incarnation": "bare", "items": list(items)}
    if guard is None:
        return Signed({}, canonical_json(body).encode())
    sent = guard.sign(DEVICE, "POST", "/v1/operations", body, "")
    assert isinstance(sent, Signed)
    return sent
