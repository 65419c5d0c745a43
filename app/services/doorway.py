"""The one doorway: every change of state is a declared command (DESIGN.md rule 1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from app.catalogue.services import CommandRow, OfflineClass, SecondPerson
from app.domain.actor import Actor
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.journal.trouble import JournalRefused

T = TypeVar("T")


@dataclass(frozen=True)
class Done(Generic[T]):
    """What a handler wrote: its result, and what the audit row names."""

    result: T
    op_id: str | None = None
    detail: tuple[tuple[str, str], ...] = ()


class Connectivity(Protocol):
    """Whether the province can be asked."""

    @property
    def online(self) -> bool:
        """Tell whether the last contact succeeded."""
        ...


class Doorway:
    """Checks permission, offline class and second person, then writes everything in one journal transaction."""

    def __init__(self, journal: Journal, commands: Mapping[str, CommandRow], connectivity: Connectivity) -> None:
        self._journal = journal
        self._commands = commands
        self._connectivity = connectivity

    def execute(
        self, command: str, actor: Actor, handler: Callable[[Transaction], Done[T] | Refusal]
    ) -> Future[T | Refusal]:
        """Run a command on the journal thread; an undeclared name raises KeyError and nothing starts.

        Exactly one audit row is written, also for denied, refused and failed commands; only where the journal itself
        cannot be written (its Refusal) is there none. A handler that raises leaves nothing but its audit row, and its
        exception is the future's.
        """
        row = self._commands[command]
        denied = self._denied(row, actor)
        outcome: Future[T | Refusal] = Future()

        def work(tx: Transaction) -> T | Refusal:
            done = denied or handler(tx)
            if isinstance(done, Refusal):
                tx.audit(row.audit, actor.staff_no, "denied" if denied else "refused", detail={"code": done.code})
                return done
            tx.audit(row.audit, actor.staff_no, "done", op_id=done.op_id, detail=dict(done.detail))
            return done.result

        def settle(finished: Future[T | Refusal]) -> None:
            error = finished.exception()
            if error is None:
                outcome.set_result(finished.result())
                return
            if isinstance(error, JournalRefused):
                # The disk is full or failing: an audit row could not be written either.
                outcome.set_result(error.refusal)
                return
            failed = self._journal.run(
                lambda tx: tx.audit(row.audit, actor.staff_no, "failed", detail={"error": type(error).__name__})
            )
            failed.add_done_callback(lambda _audited: outcome.set_exception(error))

        self._journal.run(work, label=command).add_done_callback(settle)
        return outcome

    def _denied(self, row: CommandRow, actor: Actor) -> Refusal | None:
        if row.permission and row.permission not in actor.permissions:
            return Refusal.of("NOT-PERMITTED", permission=row.permission)
        if row.second_person is SecondPerson.NOW:
            return Refusal("SECOND-PERSON-NEEDED")
        if row.offline is OfflineClass.NEVER and not self._connectivity.online:
            return Refusal.of("OFFLINE-NEVER", service=row.name)
        return None
