"""One window's work as plain blocking calls: the face's visit thread and the headless visit use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from app.catalogue.services import Catalogue
from app.catalogue.texts import Texts
from app.domain.actor import Actor
from app.domain.approval import Approval, Signed
from app.domain.identity import Identity
from app.domain.refusal import Refusal
from app.hall.values import TicketState
from app.services.card_memory import CardMemory
from app.services.card_services import CardServices
from app.services.doorway import Doorway
from app.services.events import EventBus, QueueChanged
from app.services.forms import check_form, make_form, make_review
from app.services.identify import Identification
from app.services.identify_by_ecard import IdentificationByEcard
from app.services.identify_by_id import IdentificationById
from app.services.in_hand import InHand
from app.services.receipts import Receipts
from app.services.second_person import SecondPersonDesk
from app.services.settling import OPEN, Settling
from app.services.staff_door import StaffDoor
from app.services.ticket_holder import TicketHolders
from app.services.tickets import Tickets
from app.services.views import Acceptance, FormView, QueueView, ReceiptView, ReviewView, TicketView, VisitView


class VisitDesk:
    """Sign in, call, identify, fill in, review, submit, print, finish.

    Everything that changes what is in hand is called on one thread, the visit's; anybody may look at it.
    """

    def __init__(
        self,
        *,
        door: StaffDoor,
        doorway: Doorway,
        tickets: Tickets,
        holders: TicketHolders,
        identification: Identification,
        by_id: IdentificationById,
        by_ecard: IdentificationByEcard,
        memory: CardMemory,
        card_services: CardServices,
        second: SecondPersonDesk,
        settling: Settling,
        receipts: Receipts,
        catalogue: Catalogue,
        texts: Texts,
        bus: EventBus,
        window: str,
    ) -> None:
        self._door = door
        self._doorway = doorway
        self._tickets = tickets
        self._holders = holders
        self._identification = identification
        self._by_id = by_id
        self._by_ecard = by_ecard
        self._memory = memory
        self._card_services = card_services
        self._second = second
        self._settling = settling
        self._receipts = receipts
        self._catalogue = catalogue
        self._texts = texts
        self._bus = bus
        self._window = window
        self._in_hand = InHand()

    @property
    def in_hand(self) -> InHand:
        """Return what lies on the desk at this moment."""
        return self._in_hand

    def sign_in(self, staff_no: str, password: str, window: str | None = None) -> Actor | Refusal:
        """Check a member of staff's password; the answer does not say which part was wrong."""
        actor = self._door.enter(staff_no, password, window or self._window)
        if isinstance(actor, Actor):
            queue = self._tickets.queue(actor.window)
            self._in_hand = InHand(actor, queue.current if isinstance(queue, QueueView) else None)
        return actor

    def unlock(self, password: str) -> Refusal | None:
        """Check the password of whoever is signed in; the visit in hand stays as it is."""
        actor = self._in_hand.actor
        return Refusal("NOT-SIGNED-IN") if actor is None else self._door.unlock(actor, password)

    def sign_out(self) -> None:
        """End the session; what is in the journal stays."""
        if self._in_hand.actor is not None:
            self._door.leave(self._in_hand.actor)
        self._in_hand = InHand()

    def issue_number(self, group: str) -> TicketView | Refusal:
        """Give out a number; with a card in the reader it is bound to its holder, without one it is a plain one."""
        actor = self._in_hand.actor
        if actor is None:
            return Refusal("NOT-SIGNED-IN")
        holder = self._doorway.ask("ticket_holder", actor, self._holders.in_reader)
        ticket = holder if isinstance(holder, Refusal) else self._tickets.issue(group, actor, holder)
        self._bus.publish(QueueChanged())
        return ticket

    def queue(self) -> QueueView | Refusal:
        """Return the queue strip."""
        actor = self._in_hand.actor
        if actor is None:
            return Refusal("NOT-SIGNED-IN")
        return self._doorway.ask("queue", actor, lambda: self._tickets.queue(actor.window))

    def call_next(self) -> TicketView | Refusal:
        """Call the next number; refused while a visit is in hand."""
        held = self._in_hand
        if held.actor is None:
            return Refusal("NOT-SIGNED-IN")
        if held.ticket is not None or held.visit is not None:
            return Refusal("VISIT-OPEN")
        ticket = self._tickets.call_next(held.actor)
        if isinstance(ticket, TicketView):
            self._in_hand = replace(held, ticket=ticket)
        self._bus.publish(QueueChanged())
        return ticket

    def recall(self) -> TicketView | Refusal:
        """Call the number in hand once more."""
        held = self._in_hand
        if held.ticket is None or held.actor is None:
            return Refusal("NO-VISIT")
        return self._tickets.recall(held.ticket, held.actor)

    def finish(self, no_show: bool = False) -> Refusal | None:
        """End the visit and its number."""
        held = self._in_hand
        if held.actor is None:
            return Refusal("NOT-SIGNED-IN")
        if held.ticket is None and held.visit is None:
            return Refusal("NO-VISIT")
        refusal = self._tickets.finish(held.ticket, held.actor, no_show) if held.ticket is not None else None
        if refusal is None:
            self._in_hand = InHand(held.actor)
            self._bus.publish(QueueChanged())
        return refusal

    def identify(self) -> VisitView | Refusal:
        """Read the card and open the visit; whoever was served before is put aside, also when the reading fails."""
        return self._open_visit(self._identification.by_card)

    def identify_by_id(self) -> VisitView | Refusal:
        """Read a resident ID and open the visit of its holder, as `identify` does."""
        return self._open_visit(lambda _actor: self._by_id.visit())

    def identify_by_ecard(self, code: str) -> VisitView | Refusal:
        """Have the province verify a scanned code and open the visit of its holder, as `identify` does."""
        return self._open_visit(lambda _actor: self._by_ecard.visit(code))

    def _open_visit(self, identified: Callable[[Actor], VisitView | Refusal]) -> VisitView | Refusal:
        actor = self._in_hand.actor
        if actor is None:
            return Refusal("NOT-SIGNED-IN")
        self._in_hand = self._in_hand.put_aside()
        found = self._doorway.ask("profile", actor, lambda: identified(actor))
        if isinstance(found, Refusal):
            return found
        notice = self._other_holder(found.identity)
        opened = self._memory.open_visit(replace(found, notice=notice), actor, self._in_hand.ticket)
        if isinstance(opened, Refusal):
            return opened
        visit = self._identification.judge(opened, actor)
        self._in_hand = replace(self._in_hand, visit=visit, ticket=self._served(actor, visit))
        return visit

    def open_form(self, code: str) -> FormView | Refusal:
        """Open a service's form; refused with the reason that the profile shows."""
        visit = self._renewed()
        if isinstance(visit, Refusal):
            return visit
        service = next((row for row in visit.services if row.code == code), None)
        if service is None:
            return Refusal.of("INPUT-WRONG", detail=code)
        if service.refusal is not None:
            return service.refusal
        form = make_form(self._catalogue.forms[service.kind], service, visit, self._texts)
        self._in_hand = replace(self._in_hand, form=form, review=None)
        return form

    def make_review(self, values: Mapping[str, str]) -> ReviewView | tuple[tuple[str, Refusal], ...] | Refusal:
        """Check the form; returns the review, or every field's refusal."""
        held = self._in_hand
        if held.visit is None or held.form is None:
            return Refusal("NO-VISIT")
        wrong = check_form(held.form, values)
        if wrong:
            return wrong
        review = make_review(held.form, values, held.visit, self._texts)
        review = replace(review, shown=self._card_services.to_sign(held.form.service.kind, review))
        self._in_hand = replace(held, values=dict(values), review=review)
        return review

    def approve(self, digest: str, staff_no: str, password: str) -> Approval | Refusal:
        """Have a second person sign the review in hand; refusals as `SecondPersonDesk.approve`, and REVIEW-STALE."""
        held = self._in_hand
        if held.actor is None or held.review is None or held.review.shown is None or digest != held.review.digest:
            return Refusal("REVIEW-STALE")
        return self._second.approve(held.review.shown, held.actor, staff_no, password)

    def submit(self, digest: str, approval: Approval | None = None) -> Acceptance | Refusal:
        """Write the reviewed form as one command, then wait a moment for the province's word."""
        held = self._in_hand
        if held.visit is None or held.form is None or held.actor is None:
            return Refusal("NO-VISIT")
        if held.review is None or digest != held.review.digest:
            return Refusal("REVIEW-STALE")
        kind = held.form.service.kind
        if self._catalogue.services[kind].needs_card:
            moved = self._identification.card_still_there(held.visit.identity.card_id)
            if moved is not None:
                return moved
        shown = held.review.shown
        signed = None if shown is None or approval is None else Signed(shown, approval.approval_id)
        taken = self._card_services.submit(kind, held.visit, held.values, held.actor, signed).result()
        if isinstance(taken, Refusal):
            return taken
        self._in_hand = replace(held, review=None)
        settled = self._settling.settle(taken)
        if isinstance(settled, Refusal):
            # Nothing happened: the same review may be confirmed again; one that was signed has to be made anew.
            self._in_hand = held if shown is None else replace(held, review=None)
            return settled
        state, reason = settled
        seen = self._memory.with_waiting(held.visit)
        renew, judge = self._identification.renew, self._identification.judge
        renewed = renew(seen, held.actor) if state not in OPEN else judge(seen, held.actor)
        if isinstance(renewed, VisitView):
            # A holder who is refused now still gets a receipt for what was done; the next service says why.
            self._in_hand = replace(self._in_hand, visit=renewed)
        return Acceptance(taken.op_id, taken.acceptance_no, state, reason)

    def receipt(self, op_id: str) -> ReceiptView | Refusal:
        """Compose the receipt of an operation of this visit."""
        held = self._in_hand
        if held.visit is None or held.actor is None:
            return Refusal("NO-VISIT")
        visit, actor = held.visit, held.actor
        return self._doorway.ask("receipt", actor, lambda: self._receipts.compose(op_id, visit, actor))

    def print_receipt(self, receipt: ReceiptView) -> ReceiptView | Refusal:
        """Print one copy of a receipt; RECEIPT-STALE where it no longer says what became of the operation."""
        held = self._in_hand
        if held.actor is None:
            return Refusal("NOT-SIGNED-IN")
        if held.visit is not None and not self._receipts.still_says_so(receipt, held.visit, held.actor):
            return Refusal("RECEIPT-STALE")
        return self._receipts.print_copy(receipt, held.actor)

    def rejudge(self) -> VisitView | Refusal | None:
        """Say again what may be done, after the province came or went; None when nobody is served."""
        return None if self._in_hand.visit is None else self._renewed()

    def _renewed(self) -> VisitView | Refusal:
        """Ask again what holds for the holder; a card that has become another person's is put aside."""
        held = self._in_hand
        if held.visit is None or held.actor is None:
            return Refusal("NO-VISIT")
        actor, waiting = held.actor, self._memory.with_waiting(held.visit)
        visit = self._doorway.ask("profile", actor, lambda: self._identification.renew(waiting, actor))
        self._in_hand = held.put_aside() if isinstance(visit, Refusal) else replace(held, visit=visit)
        return visit

    def _served(self, actor: Actor, visit: VisitView) -> TicketView | None:
        """Note in the hall that the number in hand is being served; a hall that is away holds nobody up."""
        ticket = self._in_hand.ticket
        if ticket is None or ticket.state != TicketState.CALLED or visit.notice is not None:
            return ticket
        started = self._tickets.start(ticket, actor)
        self._bus.publish(QueueChanged())
        return started if isinstance(started, TicketView) else ticket

    def _other_holder(self, identity: Identity) -> Refusal | None:
        """Return a notice when the number in hand was taken by card, and not by this person."""
        ticket, person = self._in_hand.ticket, identity.citizen_number
        if ticket is None or ticket.holder_index is None or person is None:
            return None
        index = self._holders.index(person)
        if isinstance(index, Refusal) or index == ticket.holder_index:
            return None
        return Refusal.of("QUEUE-OTHER-HOLDER", number=ticket.number, name=ticket.masked_name or "—")
