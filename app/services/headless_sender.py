"""Draining an outbox where no counter runs: the same sender, circuit and sagas, no window."""

from __future__ import annotations

import time
from collections.abc import Mapping

from app.catalogue import sagas, services
from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.journal import limits
from app.journal.anchor_places import AnchorFile
from app.journal.anchors import Anchoring
from app.journal.journal import Journal
from app.journal.reconcile import Reconciling
from app.journal.saga_engine import SagaEngine
from app.journal.sender import Sender
from app.journal.transaction import Transaction
from app.province.circuit import Circuit
from app.province.late_bank import LateBank
from app.province.wires import open_wire
from app.services.device_line import guard_for
from app.services.events import EventBus
from app.services.formal_loss import formal_loss_acts
from app.services.late_guard import false_reply_noter
from app.services.operator import operator_name
from app.services.operator_door import OperatorDoor
from app.services.settings import Settings


def send_all(journal: Journal, settings: Settings, url: str, timeout_s: float) -> Mapping[str, object] | Refusal:
    """Send until nothing waits or time is up; returns pending, tasks and the oldest age in seconds.

    Sagas are carried on too, except those of the hall: they wait for a counter.
    """
    clock = SystemClock()
    guard = guard_for(settings, url, false_reply_noter(journal, EventBus()))
    if isinstance(guard, Refusal):
        return guard
    province = open_wire(settings.endpoint(url, guard), settings.wire)
    circuit = Circuit(province, clock, lambda _online: None)
    anchoring = Anchoring(journal, circuit, clock, settings.device, (AnchorFile(settings.folder),))
    reconciling = Reconciling(journal, circuit, settings.device)
    sender = Sender(
        journal, circuit, clock, settings.device, limits.load(), anchoring=anchoring, reconciling=reconciling
    )
    bank = LateBank(settings.with_bank(url).bank_url, settings.device, settings.training, lambda: guard)
    acts = formal_loss_acts(bank, journal, sender.kick)
    engine = SagaEngine(journal, sagas.load(), acts, lambda: circuit.online, limits.load())
    OperatorDoor(journal, services.load()).retry_all(operator_name())
    sender.start()
    try:
        deadline = time.monotonic() + timeout_s
        while True:
            journal.run(_make_due).result()
            circuit.wake()
            sender.kick()
            engine.run_due()
            summary = journal.run(lambda tx: tx.summary()).result()
            if not (summary.pending or engine.moving()) or time.monotonic() > deadline:
                break
            time.sleep(0.1)
        return {"pending": summary.pending, "tasks": summary.tasks, "oldest_age_s": summary.oldest_age_s}
    finally:
        sender.stop()
        bank.close()
        province.close()


def _make_due(tx: Transaction) -> None:
    tx.make_due_now()
    tx.sagas.drop_holds()
