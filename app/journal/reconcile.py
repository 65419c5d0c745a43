"""After a restore: the province is asked what it has of the time before, before anything is sent.

What is missing here is pulled back as it was sent, with its outcome, and never made again. A number of the time before
that is another operation there stops all sending, until a person has looked into it and closed the task: two machines
under one name, or one journal on two machines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.reconcile_book import Reused
from app.province.port import OwnOperation, Province


class Reconciling:
    """Asks once after a restore; used by one thread, the sender's. Raises JournalRefused."""

    def __init__(
        self,
        journal: Journal,
        province: Province,
        device: str,
        on_trouble: Callable[[Refusal], None] = lambda _refusal: None,
    ) -> None:
        self._journal = journal
        self._province = province
        self._device = device
        self._on_trouble = on_trouble
        self._done = False
        self._told = False

    def round(self) -> bool:
        """Go on as far as the province answers; tells whether anything may be sent."""
        if not self._done:
            self._done = not self._journal.run(lambda tx: tx.reconciling.due()).result() or self._reconcile()
        return self._done

    def _reconcile(self) -> bool:
        stopped = self._journal.run(lambda tx: tx.reconciling.stopped()).result()
        if stopped is not None:
            self._tell(stopped)
            return False
        last = self._province.last_sequence(self._device)
        if isinstance(last, Refusal):
            return False
        highest = max((incarnation.device_seq for incarnation in last), default=0)
        after = self._journal.run(lambda tx: tx.reconciling.ask_after()).result()
        while after < highest:
            page = self._province.own_operations(self._device, after)
            if isinstance(page, Refusal):
                return False
            if not page:
                break
            reused = self._take(page)
            if reused is not None:
                self._tell(reused)
                return False
            after = page[-1].device_seq
        self._journal.run(lambda tx: tx.reconciling.finish(highest), label="reconciled").result()
        return True

    def _take(self, page: Sequence[OwnOperation]) -> Reused | None:
        return self._journal.run(lambda tx: tx.reconciling.take(page), label="pulled_back").result()

    def _tell(self, reused: Reused) -> None:
        if not self._told:
            self._told = True
            self._on_trouble(Refusal.of("RESTORE-SEQUENCE-REUSED", device_seq=reused.device_seq))
