"""Numbers: issued, called, served, done; the hall is a world outside, so each step has rows in the journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from app.domain.actor import Actor
from app.domain.clock import Clock
from app.domain.refusal import Refusal
from app.hall.hall import Hall
from app.hall.values import HallStep, HallTicket
from app.services.hall_steps import HallSteps
from app.services.ticket_holder import TicketFor
from app.services.views import QueueView, TicketView


class Tickets:
    """The queue as one counter uses it. Every method may block on journal and hall."""

    def __init__(self, steps: HallSteps, hall: Hall, clock: Clock) -> None:
        self._steps = steps
        self._hall = hall
        self._clock = clock

    def issue(self, group: str, actor: Actor, holder: TicketFor) -> TicketView | Refusal:
        """Give out the next number of a group; `problem` says of a holder's open number that it is not a new one."""

        def give(op_id: str) -> tuple[HallTicket, bool] | Refusal:
            given = self._hall.issue(op_id, group, holder.by, holder.holder_index, holder.masked_name, holder.priority)
            return given if isinstance(given, Refusal) else (given, given.issue_op_id == op_id)

        given = self._steps.take("issue_ticket", HallStep.ISSUE, actor, give, lambda given: given[0].number)
        if isinstance(given, Refusal):
            return given
        ticket, new = given
        problem = holder.problem if new else Refusal.of("QUEUE-NUMBER-HELD", number=ticket.number)
        return replace(_view(ticket, self._clock), problem=problem)

    def call_next(self, actor: Actor) -> TicketView | Refusal:
        """Claim exactly one waiting number for this window."""

        def claim(op_id: str) -> HallTicket | Refusal:
            claimed = self._hall.claim_next(op_id, actor.window)
            return Refusal("QUEUE-EMPTY") if claimed is None else claimed

        return self._take("call_ticket", HallStep.CLAIM, actor, claim)

    def start(self, ticket: TicketView, actor: Actor) -> TicketView | Refusal:
        """Begin to serve a called number; that the card was read is proof enough."""
        start = partial(self._hall.start, ticket_id=ticket.ticket_id, window=actor.window)
        return self._take("serve_ticket", HallStep.START, actor, start)

    def recall(self, ticket: TicketView, actor: Actor) -> TicketView | Refusal:
        """Call the number in hand once more."""
        recall = partial(self._hall.recall, ticket_id=ticket.ticket_id, window=actor.window)
        return self._take("recall_ticket", HallStep.RECALL, actor, recall)

    def finish(self, ticket: TicketView, actor: Actor, no_show: bool = False) -> Refusal | None:
        """End a number: done, or nobody came."""
        end = self._hall.no_show if no_show else self._hall.finish
        end_this = partial(end, ticket_id=ticket.ticket_id, window=actor.window)
        ended = self._take("finish_visit", HallStep.END, actor, end_this)
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

    def _take(
        self, command: str, step: HallStep, actor: Actor, act: Callable[[str], HallTicket | Refusal]
    ) -> TicketView | Refusal:
        ticket = self._steps.take(command, step.value, actor, act, lambda ticket: ticket.number)
        return ticket if isinstance(ticket, Refusal) else _view(ticket, self._clock)


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
        holder_index=ticket.holder_index,
    )
