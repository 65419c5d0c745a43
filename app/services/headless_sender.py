"""Draining an outbox where no counter runs: the same sender, the same circuit, no window."""

from __future__ import annotations

import time
from collections.abc import Mapping

from app.domain.clock import SystemClock
from app.journal import limits
from app.journal.anchor_places import AnchorFile
from app.journal.anchors import Anchoring
from app.journal.journal import Journal
from app.journal.sender import Sender
from app.province.circuit import Circuit
from app.province.http_client import HttpProvince
from app.services.settings import Settings


def send_all(journal: Journal, settings: Settings, url: str, timeout_s: float) -> Mapping[str, object]:
    """Send until nothing waits or time is up; returns pending, tasks and the oldest age in seconds."""
    clock = SystemClock()
    province = HttpProvince(url, settings.device, settings.training)
    circuit = Circuit(province, clock, lambda _online: None)
    anchoring = Anchoring(journal, circuit, clock, settings.device, (AnchorFile(settings.folder),))
    sender = Sender(journal, circuit, clock, settings.device, limits.load(), anchoring=anchoring)
    sender.start()
    try:
        deadline = time.monotonic() + timeout_s
        while (summary := journal.run(lambda tx: tx.summary()).result()).pending and time.monotonic() < deadline:
            journal.run(lambda tx: tx.make_due_now()).result()
            circuit.wake()
            sender.kick()
            time.sleep(0.1)
        return {"pending": summary.pending, "tasks": summary.tasks, "oldest_age_s": summary.oldest_age_s}
    finally:
        sender.stop()
        province.close()
