"""The saga thread: settles what a crash left in doubt, and carries on what waits, without a clerk."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.saga_engine import SagaEngine
from app.journal.trouble import JournalRefused

IDLE_S = 30.0


class SagaRunner:
    """Carries sagas on in the background until stopped; `on_trouble` is called on its thread."""

    def __init__(
        self, journal: Journal, engine: SagaEngine, on_trouble: Callable[[Refusal], None] = lambda _refusal: None
    ) -> None:
        self._journal = journal
        self._engine = engine
        self._on_trouble = on_trouble
        self._wanted: deque[str] = deque()
        self._all = threading.Event()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sagas", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def settled(self, op_id: str) -> None:
        """Carry on the saga of an operation whose delivery was answered; one without a saga is left alone."""
        self._wanted.append(op_id)
        self._wake.set()

    def kick(self) -> None:
        """Try every saga now, whatever it waits for, as when the province came back or a person asked."""
        self._all.set()
        self._wake.set()

    def stop(self, timeout_s: float = 8.0) -> bool:
        """End the thread; False when a call of the world still hangs: what it did is probed at the next start."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._loop()
        finally:
            if not self._stopping.is_set():
                self._on_trouble(Refusal("SAGAS-STOPPED"))

    def _loop(self) -> None:
        wait = 0.0
        while True:
            self._wake.wait(wait)
            self._wake.clear()
            if self._stopping.is_set():
                return
            try:
                wait = self._round()
            except JournalRefused as refused:
                if refused.refusal.code == "JOURNAL-CLOSED":
                    self._stopping.set()
                    return
                self._on_trouble(refused.refusal)
                wait = IDLE_S

    def _round(self) -> float:
        while self._wanted:
            op_id = self._wanted.popleft()
            if self._has_saga(op_id):
                self._engine.advance(op_id)
        if self._all.is_set():
            self._all.clear()
            self._journal.run(lambda tx: tx.sagas.drop_holds()).result()
        next_in = self._engine.run_due()
        return IDLE_S if next_in is None else min(next_in, IDLE_S)

    def _has_saga(self, op_id: str) -> bool:
        return self._journal.run(lambda tx: tx.sagas.exists(op_id)).result()
