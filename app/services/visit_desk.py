"""One window's work as plain blocking calls: the face's visit thread and the headless visit use it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

from app.catalogue.banks import Banks
from app.catalogue.services import Catalogue
from app.catalogue.texts import Texts
from app.domain.actor import Actor
from app.domain.identity import Identity
from app.domain.operation import DeliveryState, Destination
from app.domain.refusal import Refusal
from app.hall.hall import Hall
from app.hall.values import TicketState
from app.journal.journal import Journal
from app.journal.saga_engine import SagaEngine
from app.journal.transaction import Transaction
from app.services.card_memory import remembered
from app.services.card_services import CardServices, Taken
from app.services.doorway import Connectivity, Done, Doorway
from app.services.events import DeliverySettled, Event, EventBus, ProvinceChanged, QueueChanged
from app.services.forms import check_form, make_form, make_review
from app.services.identify import Identification
from app.services.receipts import Receipts
from app.services.saga_outcome import as_delivery, nothing_happened
from app.services.ticket_holder import TicketHolders
from app.services.tickets import Tickets
from app.services.views import Acceptance, FormView, QueueView, ReceiptView, ReviewView, TicketView, VisitView


class VisitDesk:
    """Sign in, call, identify, fill in, review, submit, print, finish."""

    def __init__(
        self,
        *,
        journal: Journal,
        hall: Hall,
        doorway: Doorway,
        tickets: Tickets,
        holders: TicketHolders,
        identification: Identification,
        card_services: CardServices,
        sagas: SagaEngine,
        receipts: Receipts,
        connectivity: Connectivity,
        catalogue: Catalogue,
        banks: Banks,
        texts: Texts,
        bus: EventBus,
        send_soon: Callable[[], None],
        window: str,
        settle_wait_s: float,
    ) -> None:
        self._journal = journal
        self._hall = hall
        self._doorway = doorway
        self._tickets = tickets
        self._holders = holders
        self._identification = identification
        self._card_services = card_services
        self._sagas = sagas
        self._receipts = receipts
        self._connectivity = connectivity
        self._catalogue = catalogue
        self._banks = banks
        self._texts = texts
        self._bus = bus
        self._send_soon = send_soon
        self._window = window
        self._settle_wait_s = settle_wait_s
        self._settled = threading.Condition()
        self._settled_ops: set[str] = set()
        bus.subscribe(self._note_settled)
        self.actor: Actor | None = None
        self.ticket: TicketView | None = None
        self.visit: VisitView | None = None
        self.form: FormView | None = None
        self.review: ReviewView | None = None
        self._values: Mapping[str, str] = {}

    def sign_in(self, staff_no: str, password: str, window: str | None = None) -> Actor | Refusal:
        """Check a member of staff's password; the answer does not say which part was wrong."""
        record = self._hall.check_password(staff_no, password)
        if isinstance(record, Refusal):
            nobody = Actor(staff_no, "", "", window or self._window)
            refused = Refusal("HALL-STAFF-NONE") if self._hall.has_staff() is False else record
            self._doorway.execute("sign_in", nobody, lambda _tx: refused).result()
            return refused
        permissions, titles = self._catalogue.permissions(record.roles), self._catalogue.titles(record.roles)
        actor = Actor(record.staff_no, record.name, record.person_id, window or self._window, permissions, titles)
        signed_in = self._doorway.execute("sign_in", actor, lambda _tx: Done(actor)).result()
        if isinstance(signed_in, Actor):
            self.actor = actor
            queue = self._tickets.queue(actor.window)
            self.ticket = queue.current if isinstance(queue, QueueView) else None
        return signed_in

    def unlock(self, password: str) -> Refusal | None:
        """Check the password of whoever is signed in; the visit in hand stays as it is."""
        if self.actor is None:
            return Refusal("NOT-SIGNED-IN")
        record = self._hall.check_password(self.actor.staff_no, password)
        return record if isinstance(record, Refusal) else None

    def close_task(self, op_id: str) -> Refusal | None:
        """Note that a person settled what the province refused."""
        if self.actor is None:
            return Refusal("NOT-SIGNED-IN")
        actor = self.actor

        def close(tx: Transaction) -> Done[None]:
            tx.close_task(op_id, actor.staff_no, "")
            return Done(None, op_id)

        return self._doorway.execute("close_task", actor, close).result()

    def sign_out(self) -> None:
        """End the session; what is in the journal stays."""
        if self.actor is not None:
            actor = self.actor
            self._doorway.execute("sign_out", actor, lambda _tx: Done(None)).result()
        self.actor, self.visit, self.form, self.review = None, None, None, None

    def issue_number(self, group: str) -> TicketView | Refusal:
        """Give out a number; with a card in the reader it is bound to its holder, without one it is a plain one."""
        if self.actor is None:
            return Refusal("NOT-SIGNED-IN")
        ticket = self._tickets.issue(group, self.actor, self._holders.in_reader())
        self._bus.publish(QueueChanged())
        return ticket

    def queue(self) -> QueueView | Refusal:
        """Return the queue strip."""
        return self._tickets.queue(self.actor.window if self.actor else self._window)

    def call_next(self) -> TicketView | Refusal:
        """Call the next number; refused while a visit is in hand."""
        if self.actor is None:
            return Refusal("NOT-SIGNED-IN")
        if self.ticket is not None or self.visit is not None:
            return Refusal("VISIT-OPEN")
        ticket = self._tickets.call_next(self.actor)
        if isinstance(ticket, TicketView):
            self.ticket = ticket
        self._bus.publish(QueueChanged())
        return ticket

    def recall(self) -> TicketView | Refusal:
        """Call the number in hand once more."""
        if self.ticket is None or self.actor is None:
            return Refusal("NO-VISIT")
        return self._tickets.recall(self.ticket, self.actor)

    def finish(self, no_show: bool = False) -> Refusal | None:
        """End the visit and its number."""
        if self.actor is None:
            return Refusal("NOT-SIGNED-IN")
        if self.ticket is None and self.visit is None:
            return Refusal("NO-VISIT")
        refusal = self._tickets.finish(self.ticket, self.actor, no_show) if self.ticket is not None else None
        if refusal is None:
            self.ticket, self.visit, self.form, self.review = None, None, None, None
            self._bus.publish(QueueChanged())
        return refusal

    def identify(self) -> VisitView | Refusal:
        """Read the card and open the visit; whoever was served before is put aside, also when the reading fails."""
        if self.actor is None:
            return Refusal("NOT-SIGNED-IN")
        actor = self.actor
        self.visit, self.form, self.review = None, None, None
        found = self._identification.by_card(actor)
        if isinstance(found, Refusal):
            return found
        notice = self._other_holder(found.identity)
        visit = replace(found, notice=notice)
        detail = (("number_of_another", self.ticket.number),) if notice is not None and self.ticket is not None else ()
        opened = self._doorway.execute(
            "open_visit", actor, lambda tx: Done(remembered(tx, visit, actor, self._banks), detail=detail)
        ).result()
        if isinstance(opened, Refusal):
            return opened
        self.visit = self._identification.judge(opened, actor)
        self._serve(actor)
        return self.visit

    def open_form(self, code: str) -> FormView | Refusal:
        """Open a service's form; refused with the reason that the profile shows."""
        if self.visit is None or self.actor is None:
            return Refusal("NO-VISIT")
        self.visit = self._identification.renew(self.visit, self.actor)
        service = next((row for row in self.visit.services if row.code == code), None)
        if service is None:
            return Refusal.of("INPUT-WRONG", detail=code)
        if service.refusal is not None:
            return service.refusal
        row = self._catalogue.forms[service.kind]
        self.form, self.review = make_form(row, service, self.visit, self._texts), None
        return self.form

    def make_review(self, values: Mapping[str, str]) -> ReviewView | tuple[tuple[str, Refusal], ...] | Refusal:
        """Check the form; returns the review, or every field's refusal."""
        if self.visit is None or self.form is None:
            return Refusal("NO-VISIT")
        wrong = check_form(self.form, values)
        if wrong:
            return wrong
        self._values = dict(values)
        self.review = make_review(self.form, values, self.visit, self._texts)
        return self.review

    def submit(self, digest: str) -> Acceptance | Refusal:
        """Write the reviewed form as one command, then wait a moment for the province's word."""
        if self.visit is None or self.form is None or self.review is None or self.actor is None:
            return Refusal("NO-VISIT")
        if digest != self.review.digest:
            return Refusal("REVIEW-STALE")
        kind, visit, actor = self.form.service.kind, self.visit, self.actor
        if self._catalogue.services[kind].needs_card:
            moved = self._identification.card_still_there(visit.identity.card_id)
            if moved is not None:
                return moved
        taken = self._card_services.submit(kind, visit, self._values, actor).result()
        if isinstance(taken, Refusal):
            return taken
        reviewed, self.review = self.review, None
        settled = self._carry_through(taken) if taken.saga is not None else self._sent(taken)
        if isinstance(settled, Refusal):
            # Nothing happened: the same review may be confirmed again.
            self.review = reviewed
            return settled
        state, reason = settled
        if state not in (DeliveryState.QUEUED, DeliveryState.SENDING):
            self.visit = self._identification.renew(visit, actor)
        return Acceptance(taken.op_id, taken.acceptance_no, state, reason)

    def receipt(self, op_id: str) -> ReceiptView | Refusal:
        """Compose the receipt of an operation of this visit."""
        if self.visit is None or self.actor is None:
            return Refusal("NO-VISIT")
        return self._receipts.compose(op_id, self.visit, self.actor)

    def print_receipt(self, receipt: ReceiptView) -> ReceiptView | Refusal:
        """Print one copy of a receipt."""
        actor = self.actor
        return Refusal("NOT-SIGNED-IN") if actor is None else self._receipts.print_copy(receipt, actor)

    def rejudge(self) -> VisitView | None:
        """Say again what may be done, after the province came or went."""
        if self.visit is not None and self.actor is not None:
            self.visit = self._identification.renew(self.visit, self.actor)
        return self.visit

    def _serve(self, actor: Actor) -> None:
        """Note in the hall that the number in hand is being served; a hall that is away holds nobody up."""
        other = self.visit is not None and self.visit.notice is not None
        if self.ticket is not None and self.ticket.state == TicketState.CALLED and not other:
            started = self._tickets.start(self.ticket, actor)
            self.ticket = started if isinstance(started, TicketView) else self.ticket
            self._bus.publish(QueueChanged())

    def _other_holder(self, identity: Identity) -> Refusal | None:
        """Return a notice when the number in hand was taken by card, and not by this person."""
        ticket, person = self.ticket, identity.citizen_number
        if ticket is None or ticket.holder_index is None or person is None:
            return None
        index = self._holders.index(person)
        if isinstance(index, Refusal) or index == ticket.holder_index:
            return None
        return Refusal.of("QUEUE-OTHER-HOLDER", number=ticket.number, name=ticket.masked_name or "—")

    def _sent(self, taken: Taken) -> tuple[DeliveryState, str | None]:
        self._send_soon()
        return self._wait_settled(taken.op_id)

    def _carry_through(self, taken: Taken) -> tuple[DeliveryState, str | None] | Refusal:
        """Carry the saga as far as it goes now; what waits longer than a clerk would goes on by itself."""
        view = self._sagas.advance(taken.op_id, attended=True)
        if self._journal.run(lambda tx: tx.has_delivery(taken.op_id, Destination.PROVINCE)).result():
            self._wait_settled(taken.op_id)
            view = self._sagas.advance(taken.op_id, attended=True)
        return nothing_happened(view) or as_delivery(view)

    def _wait_settled(self, op_id: str) -> tuple[DeliveryState, str | None]:
        with self._settled:
            self._settled.wait_for(
                lambda: op_id in self._settled_ops or not self._connectivity.online, self._settle_wait_s
            )
            self._settled_ops.discard(op_id)
        return self._journal.run(lambda tx: tx.delivery_state(op_id, Destination.PROVINCE)).result()

    def _note_settled(self, event: Event) -> None:
        if not isinstance(event, DeliverySettled | ProvinceChanged):
            return
        with self._settled:
            if isinstance(event, DeliverySettled):
                self._settled_ops.add(event.op_id)
            self._settled.notify_all()
