"""Numbers: issued, called, served, done; the hall is a world outside, so intended → claim → done (DESIGN.md rule 2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.domain.actor import Actor
from app.domain.clock import Clock
from app.domain.op_id import new_op_id
from app.domain.refusal import Refusal
from app.hall.hall import Hall
from app.hall.values import HallTicket, IssuedBy
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.services.doorway import Done, Doorway
from app.services.views import QueueView, TicketView

CLAIM = "hall.claim"
ISSUE = "hall.issue"
FINISH = "hall.finish"
NEVER_HAPPENED = "never happened"


@dataclass(frozen=True)
class TicketFor:
    """Whom a number is for: nobody known, or a holder by keyed hash and masked name."""

    by: IssuedBy = IssuedBy.TAP
    holder_index: str | None = None
    masked_name: str | None = None
    priority: bool = False


class Tickets:
    """The queue as one counter uses it. Every method may block on journal and hall."""

    def __init__(self, doorway: Doorway, journal: Journal, hall: Hall, clock: Clock) -> None:
        self._doorway = doorway
        self._journal = journal
        self._hall = hall
        self._clock = clock

    def issue(self, group: str, actor: Actor, holder: TicketFor = TicketFor()) -> TicketView | Refusal:
        """Give out the next number of a group."""

        def claim(op_id: str) -> HallTicket | Refusal:
            return self._hall.issue(op_id, group, holder.by, holder.holder_index, holder.masked_name, holder.priority)

        ticket = self._in_the_hall("issue_ticket", ISSUE, actor, claim)
        assert ticket is not None
        return ticket if isinstance(ticket, Refusal) else _view(ticket, self._clock)

    def call_next(self, actor: Actor) -> TicketView | Refusal:
        """Claim exactly one waiting number for this window."""
        ticket = self._in_the_hall("call_ticket", CLAIM, actor, lambda op: self._hall.claim_next(op, actor.window))
        if ticket is None:
            return Refusal("QUEUE-EMPTY")
        return ticket if isinstance(ticket, Refusal) else _view(ticket, self._clock)

    def start(self, ticket: TicketView, actor: Actor) -> TicketView | Refusal:
        """Begin to serve a called number; that the card was read is proof enough."""
        started = self._hall.start(ticket.ticket_id, actor.window)
        return started if isinstance(started, Refusal) else _view(started, self._clock)

    def recall(self, ticket: TicketView, actor: Actor) -> TicketView | Refusal:
        """Call the number in hand once more."""
        recalled = self._hall.recall(ticket.ticket_id, actor.window)
        return recalled if isinstance(recalled, Refusal) else _view(recalled, self._clock)

    def finish(self, ticket: TicketView, actor: Actor, no_show: bool = False) -> Refusal | None:
        """End a number: done, or nobody came."""
        end = self._hall.no_show if no_show else self._hall.finish
        ended = self._in_the_hall("finish_visit", FINISH, actor, lambda _op: end(ticket.ticket_id, actor.window))
        return ended if isinstance(ended, Refusal) else None

    def queue(self, window: str) -> QueueView | Refusal:
        """Return the queue strip of a window."""
        view = self._hall.view(window)
        if isinstance(view, Refusal):
            return view
        return QueueView(
            current=_view(view.current, self._clock) if view.current else None,
            counts=view.counts,
            next_tickets=tuple(_view(ticket, self._clock) for ticket in view.next_tickets),
            done_today=view.done_today,
        )

    def settle_unknown(self) -> tuple[str, ...]:
        """Ask the hall about steps that a crash left open; returns the op_ids that were settled.

        An end that was intended carries no op_id in the hall and stays unknown: its number is still in the window's
        hand, or is not, and the clerk sees which.
        """
        probes: dict[str, Callable[[str], HallTicket | Refusal | None]] = {
            CLAIM: self._hall.probe_claim,
            ISSUE: self._hall.probe_issue,
        }
        settled = []
        for step in self._journal.run(lambda tx: tx.unsettled_steps()).result():
            probe = probes.get(step.step)
            if probe is None:
                continue
            found = probe(step.op_id)
            if isinstance(found, Refusal):
                continue
            if found is None:
                self._write_failed(step.op_id, step.step, NEVER_HAPPENED)
            else:
                self._write_end(step.op_id, step.step, found)
            settled.append(step.op_id)
        return tuple(settled)

    def _in_the_hall(
        self, command: str, step: str, actor: Actor, act: Callable[[str], HallTicket | Refusal | None]
    ) -> HallTicket | Refusal | None:
        op_id = new_op_id(self._clock.now())

        def intend(tx: Transaction) -> Done[str]:
            tx.step_intended(op_id, step)
            return Done(op_id, op_id)

        intended = self._doorway.execute(command, actor, intend).result()
        if isinstance(intended, Refusal):
            return intended
        result = act(op_id)
        if isinstance(result, Refusal):
            self._write_failed(op_id, step, result.code)
        else:
            self._write_end(op_id, step, result)
        return result

    def _write_failed(self, op_id: str, step: str, evidence: str) -> None:
        self._journal.run(lambda tx: tx.step_failed(op_id, step, evidence)).result()

    def _write_end(self, op_id: str, step: str, ticket: HallTicket | None) -> None:
        self._journal.run(lambda tx: tx.step_done(op_id, step, ticket.number if ticket else "none")).result()


def _view(ticket: HallTicket, clock: Clock) -> TicketView:
    return TicketView(
        number=ticket.number,
        group=ticket.group,
        state=ticket.state,
        waiting_s=max((clock.now() - ticket.issued_at).total_seconds(), 0.0),
        priority=ticket.priority,
        masked_name=ticket.masked_name,
        window=ticket.window,
        ticket_id=ticket.ticket_id,
    )
