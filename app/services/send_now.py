"""Having everybody who sends try at once; the waits in the journal are lifted by whoever asked for it."""

from __future__ import annotations

from app.services.province_line import ProvinceLine
from app.services.saga_line import SagaLine


def send_now(line: ProvinceLine, sagas: SagaLine) -> None:
    """Look for the province again, and wake the sender and the sagas; returns at once but for one probe."""
    line.circuit.wake()
    line.circuit.probe()
    line.sender.kick()
    sagas.runner.kick()
