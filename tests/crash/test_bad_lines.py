"""Lost, half, repeated and late replies between the real sender and a real training province."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.clock import SystemClock
from app.domain.operation import DeliveryState, OperationKind
from app.journal import limits
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.sender import Sender
from app.province.http_client import HttpProvince
from app.training.process import TrainingProvince
from tests.crash.lab.bad_line import Mishap, bad_line
from tests.crash.lab.ledger import Line, note
from tests.crash.lab.service import CLERK, DEVICE, Design, Service
from tests.crash.saga.carry_through import Pages, visit
from tests.memory_folder import memory_folder

SEED = 20261122
OPERATIONS, LONG_OPERATIONS, HOLDERS = 60, 3000, 12
FORM = {"business": "replacement", "phone": "19900000000"}
IMPATIENT = replace(limits.load(), back_off_base_s=0.001, back_off_cap_s=0.002, idle_poll_s=0.05, batch_rows=4)


@pytest.fixture(scope="module")
def province() -> Iterator[TrainingProvince]:
    with memory_folder() as folder:
        served = TrainingProvince.start(folder, holders=60)
        yield served
        served.stop()


def test_a_bad_line_loses_doubles_and_reorders_nothing(
    tmp_path: Path, province: TrainingProvince, request: pytest.FixtureRequest
) -> None:
    began, pages = time.monotonic(), Pages(province.url)
    clock = SystemClock()
    count = LONG_OPERATIONS if request.config.getoption("--long") else OPERATIONS
    straight = HttpProvince(province.url, DEVICE, True)
    cards = [
        row["card_id"] for row in pages.get("/training/holders?social=normal&limit=60") if row["person"] == "normal"
    ]
    visits = [visit(straight, card) for card in cards[:HOLDERS]]
    straight.close()
    journal = Journal.open(tmp_path, FolderKeyStore(tmp_path, no_ring), clock)
    assert isinstance(journal, Journal)
    desk = Service(journal, clock, SEED, Design(), lambda _op_id: None, tmp_path).desk
    given = [desk.submit(OperationKind.INTAKE, visits[n % HOLDERS], FORM, CLERK).result() for n in range(count)]
    with bad_line(province.url, SEED) as (url, line):
        door = HttpProvince(url, DEVICE, True)
        sender = Sender(journal, door, clock, DEVICE, IMPATIENT)
        sender.start()
        until = time.monotonic() + 60
        while journal.run(lambda tx: tx.summary()).result().pending and time.monotonic() < until:
            sender.kick()
            time.sleep(0.01)
        sender.stop()
        door.close()
    rows = journal.run(lambda tx: tx.rows()).result()
    journal.close()
    effects = {row["op_id"]: row["applied"] for row in pages.get("/training/ledger")}
    arrived = [row["op_id"] for row in pages.get("/training/ledger")]
    overtaken = 0
    for key in {row.order_key for row in rows}:
        written = sorted((row for row in rows if row.order_key == key), key=lambda row: row.device_seq)
        places = [arrived.index(row.op_id) for row in written if row.op_id in arrived]
        overtaken += places != sorted(places)
    lost = sum(taken.op_id not in effects for taken in given)
    twice = sum(effects[taken.op_id] > 1 for taken in given if taken.op_id in effects)
    unsettled = sum(row.state is not DeliveryState.APPLIED for row in rows)
    held = not (lost or twice or overtaken or unsettled)
    mishaps = {str(name): times for name, times in sorted(line.happened.items()) if name is not Mishap.NONE}
    found = {"lost": lost, "twice": twice, "overtaken": overtaken, "unsettled": unsettled, **mishaps}
    note(request.config, Line("bad lines", count, SEED, found, held, time.monotonic() - began))
    assert held, found
    assert set(line.happened) == set(Mishap)
