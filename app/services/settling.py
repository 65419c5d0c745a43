"""Brings an operation that was taken as far as it goes while a clerk would wait; the rest goes on by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from app.domain.operation import DeliveryState, Destination
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.saga_engine import SagaEngine
from app.services.card_services import Taken
from app.services.doorway import Connectivity
from app.services.events import DeliverySettled, Event, EventBus, ProvinceChanged
from app.services.saga_outcome import as_delivery, nothing_happened

OPEN = (DeliveryState.QUEUED, DeliveryState.SENDING)
"""States of a delivery that the province has not answered."""


class Settling:
    """Waits for the province's word on one operation after the other; methods block."""

    def __init__(
        self,
        journal: Journal,
        sagas: SagaEngine,
        connectivity: Connectivity,
        bus: EventBus,
        send_soon: Callable[[], None],
        wait_s: float,
    ) -> None:
        self._journal = journal
        self._sagas = sagas
        self._connectivity = connectivity
        self._send_soon = send_soon
        self._wait_s = wait_s
        self._moved = threading.Condition()
        self._moves = 0
        bus.subscribe(self._on_event)

    def settle(self, taken: Taken) -> tuple[DeliveryState, str | None] | Refusal:
        """Return how far an operation came; a Refusal where nothing at all happened, so that it may be tried again."""
        if taken.saga is None:
            self._send_soon()
            return self._wait(taken.op_id)
        view = self._sagas.advance(taken.op_id, attended=True)
        if self._journal.run(lambda tx: tx.has_delivery(taken.op_id, Destination.PROVINCE)).result():
            self._wait(taken.op_id)
            view = self._sagas.advance(taken.op_id, attended=True)
        return nothing_happened(view) or as_delivery(view)

    def _wait(self, op_id: str) -> tuple[DeliveryState, str | None]:
        until = time.monotonic() + self._wait_s
        while True:
            seen = self._moves
            state = self._state(op_id)
            if state[0] not in OPEN or not self._connectivity.online or not self._moved_on(seen, until):
                return state

    def _moved_on(self, seen: int, until: float) -> bool:
        """Wait for anything that moves after `seen`; False when nothing does in time."""
        with self._moved:
            return self._moved.wait_for(lambda: self._moves != seen, max(until - time.monotonic(), 0.0))

    def _state(self, op_id: str) -> tuple[DeliveryState, str | None]:
        return self._journal.run(lambda tx: tx.delivery_state(op_id, Destination.PROVINCE)).result()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, DeliverySettled | ProvinceChanged):
            with self._moved:
                self._moves += 1
                self._moved.notify_all()
