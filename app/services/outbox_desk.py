"""What a person at the window does about what waits: try one again now, or take everything out in a sealed file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.domain.actor import Actor
from app.domain.clock import Clock
from app.domain.operation import Destination
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.journal.trouble import JournalRefused
from app.services.doorway import Done, Doorway
from app.services.sealed_file import Exported, seal, write_sealed

RETRY, RETRY_ALL, EXPORT = "retry_operation", "retry_all", "export_outbox"


def lift_all(tx: Transaction) -> Done[None]:
    """Lift every wait, as a command; its row says how many."""
    return Done(None, detail=(("lifted", str(tx.make_due_now())),))


class OutboxDesk:
    """Every action is a command; methods block."""

    def __init__(
        self,
        doorway: Doorway,
        journal: Journal,
        clock: Clock,
        device: str,
        folder: Path,
        wake: Callable[[], None],
        send_now: Callable[[], None],
    ) -> None:
        """Take the data folder's `exports` for sealed files; `wake` has the sender look, `send_now` all who send."""
        self._doorway = doorway
        self._journal = journal
        self._clock = clock
        self._device = device
        self._folder = folder / "exports"
        self._wake = wake
        self._send_now = send_now

    def retry(self, op_id: str, actor: Actor) -> Refusal | None:
        """Make one queued operation due; refused, with the reason, for one that was answered."""

        def work(tx: Transaction) -> Done[None] | Refusal:
            return tx.retry(op_id, Destination.PROVINCE) or Done(None, op_id)

        refusal = self._doorway.execute(RETRY, actor, work).result()
        if refusal is None:
            self._wake()
        return refusal

    def retry_all(self, actor: Actor) -> Refusal | None:
        """Lift every wait: try all again at once, whatever the back-off says."""

        refusal = self._doorway.execute(RETRY_ALL, actor, lift_all).result()
        if refusal is None:
            self._send_now()
        return refusal

    def export(self, actor: Actor) -> Exported | Refusal:
        """Write a sealed file of everything unsent; its name says when."""
        now = self._clock.now()
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            found = self._journal.run(lambda tx: seal(tx, self._device, now)).result()
        except OSError as error:
            return Refusal.of("EXPORT-NOT-WRITTEN", file=self._folder, error=error.strerror)
        except JournalRefused as refused:
            return refused.refusal
        if isinstance(found, Refusal):
            return found
        file = self._folder / f"{self._device}-{now:%Y%m%dT%H%M%S}.sealed.json"

        def audited(done: Exported) -> Refusal | None:
            row = Done(None, detail=tuple(done.row.items()))
            return self._doorway.execute(EXPORT, actor, lambda _tx: row).result()

        return write_sealed(found, file, audited)
