"""The one doorway: a change of state is a declared command, a read of data a declared query (DESIGN.md rule 1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar

from app.catalogue.permissions import QueryRow
from app.catalogue.services import CardGate, CommandRow, OfflineClass, SecondPerson
from app.domain.actor import Actor
from app.domain.approval import Signed
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.journal.trouble import JournalRefused

T = TypeVar("T")

_NO_QUERIES: Mapping[str, QueryRow] = MappingProxyType({})


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


class NoProvince:
    """Stands where nobody asks the province."""

    online = False


Stops = Callable[[Transaction, CommandRow, bool], Refusal | None]
"""Tells inside a command's transaction why a limit of work without the province, there or away, refuses it."""


def not_permitted(permission: str, actor: Actor) -> Refusal | None:
    """Return NOT-PERMITTED where an actor lacks a permission; the empty one nobody lacks."""
    if permission and permission not in actor.permissions:
        return Refusal.of("NOT-PERMITTED", permission=permission)
    return None


class Doorway:
    """Checks permission, offline class, second person and limits; then writes everything in one journal transaction."""

    def __init__(
        self,
        journal: Journal,
        commands: Mapping[str, CommandRow],
        connectivity: Connectivity,
        *,
        queries: Mapping[str, QueryRow] = _NO_QUERIES,
        drawn: Callable[[], bool] = lambda: True,
        stops: Stops = lambda _tx, _command, _online: None,
    ) -> None:
        """Take the declarations; `drawn` tells of a command marked `sample` whether another person shall look at it."""
        self._journal = journal
        self._commands = commands
        self._connectivity = connectivity
        self._queries = queries
        self._drawn = drawn
        self._stops = stops

    def execute(
        self,
        command: str,
        actor: Actor,
        handler: Callable[[Transaction], Done[T] | Refusal],
        signed: Signed | None = None,
        *,
        card_proved: bool = False,
    ) -> Future[T | Refusal]:
        """Run a command on the journal thread; an undeclared name raises KeyError and nothing starts.

        Exactly one audit row is written, also for denied, refused and failed commands; only where the journal itself
        cannot be written (its Refusal) is there none. A handler that raises leaves nothing but its audit row, and its
        exception is the future's.

        Where the table wants a second person now, `signed` is that one's approval, used in the same transaction; a
        handler that refuses leaves it good for another try. Such a handler names as op_id what was signed.

        Where the table wants the card proved, `card_proved` says that 卡认证 and 卡鉴权 were done for this holder;
        whoever does not say so is denied (CARD-NOT-AUTHENTICATED) while the province can be asked.
        """
        row = self._commands[command]
        denied = self._denied(row, actor) or self._unproved(row, card_proved)

        def work(tx: Transaction) -> T | Refusal:
            unfit = denied or _unsigned(tx, row, actor, signed)
            done = unfit or self._stops(tx, row, self._connectivity.online) or handler(tx)
            if isinstance(done, Refusal):
                tx.audit(row.audit, actor.staff_no, "denied" if unfit else "refused", detail={"code": done.code})
                return done
            detail = dict(done.detail)
            if row.second_person is SecondPerson.NOW and signed is not None:
                if done.op_id != signed.shown.op_id:
                    raise ValueError(f"{command} did something else than what was signed")
                detail["second_person"] = tx.approvals.use(signed.approval_id)
                detail["approval"] = signed.approval_id
            elif row.second_person is SecondPerson.SAMPLE and done.op_id is not None and self._drawn():
                tx.samples.draw(done.op_id, row.name, actor.person_id, actor.staff_no)
            tx.audit(row.audit, actor.staff_no, "done", op_id=done.op_id, detail=detail)
            return done.result

        return self._run(row.audit, actor, work, command)

    def ask(self, query: str, actor: Actor, reader: Callable[[], T | Refusal]) -> T | Refusal:
        """Answer a query on the caller's thread; an undeclared name raises KeyError and nothing is read.

        A denied one leaves an audit row, and one that is answered where the table says so: written before anything is
        read, so that a journal that cannot be written (its Refusal) gives no answer either.
        """
        row = self._queries[query]
        denied = not_permitted(row.permission, actor)
        if denied is None and not row.written:
            return reader()
        noted = self._run(row.audit, actor, lambda tx: _note(tx, row, actor, denied), query).result()
        return noted or reader()

    def _run(
        self, event: str, actor: Actor, work: Callable[[Transaction], T | Refusal], label: str
    ) -> Future[T | Refusal]:
        outcome: Future[T | Refusal] = Future()

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
                lambda tx: tx.audit(event, actor.staff_no, "failed", detail={"error": type(error).__name__})
            )
            failed.add_done_callback(lambda _audited: outcome.set_exception(error))

        self._journal.run(work, label=label).add_done_callback(settle)
        return outcome

    def _unproved(self, row: CommandRow, card_proved: bool) -> Refusal | None:
        if row.card is not CardGate.PROVED or card_proved or not self._connectivity.online:
            return None
        return Refusal("CARD-NOT-AUTHENTICATED")

    def _denied(self, row: CommandRow, actor: Actor) -> Refusal | None:
        denied = not_permitted(row.permission, actor)
        if denied is None and row.offline is OfflineClass.NEVER and not self._connectivity.online:
            return Refusal.of("OFFLINE-NEVER", service=row.name)
        return denied


def _unsigned(tx: Transaction, row: CommandRow, actor: Actor, signed: Signed | None) -> Refusal | None:
    """Return why a command that needs a second person now may not run."""
    if row.second_person is not SecondPerson.NOW:
        return None
    if signed is None:
        return Refusal("SECOND-PERSON-NEEDED")
    if signed.shown.command != row.name:
        return Refusal("APPROVAL-OTHER")
    return tx.approvals.refused(signed.approval_id, signed.shown, actor.person_id)


def _note(tx: Transaction, row: QueryRow, actor: Actor, denied: Refusal | None) -> Refusal | None:
    detail = {} if denied is None else {"code": denied.code}
    tx.audit(row.audit, actor.staff_no, "asked" if denied is None else "denied", detail=detail)
    return denied
