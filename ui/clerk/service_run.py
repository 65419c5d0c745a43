"""One service from form to receipt: fill in, review, submit once, print."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.approval import Approval
from app.domain.operation import DeliveryState
from app.domain.refusal import Refusal
from app.services.events import DeliverySettled, PrintMoved, SagaMoved
from app.services.forms import check_field
from app.services.views import Acceptance, FormView, ReceiptView, ReviewView
from hardware.ports import PrintOutcome
from ui.bridge import Bridge
from ui.clerk.form import FormScreen
from ui.clerk.phrases import known
from ui.clerk.receipt import ReceiptScreen
from ui.clerk.review import ReviewScreen
from ui.key_table import Action
from ui.theme.tokens import Tone
from ui.tone_table import ToneTable
from ui.widgets.receipt_view import PageImage

if TYPE_CHECKING:
    from ui.clerk.flow import ClerkFlow

PREVIEW_DPI = 110


class ServiceRun:
    """Carries one service through its three screens."""

    def __init__(self, flow: ClerkFlow, bridge: Bridge, texts: Texts, sentences: Sentences, tones: ToneTable) -> None:
        self._flow = flow
        self._texts = texts
        self._bridge = bridge
        self._acceptance: Acceptance | None = None
        self._receipt: ReceiptView | None = None
        self.form = FormScreen(texts, sentences)
        self.review = ReviewScreen(texts, sentences)
        self.receipt = ReceiptScreen(texts, sentences, tones)
        self.form.submitted.connect(self._review)
        self.form.retry_wanted.connect(flow.show_profile)
        self.review.confirmed.connect(self._submit)
        self.review.signed.connect(self._sign)
        self.review.retry_wanted.connect(self.back_to_form)
        self.receipt.finish_wanted.connect(lambda: flow.act(Action.FINISH))
        self.receipt.print_wanted.connect(lambda _job: self._print())
        self.receipt.retry_wanted.connect(self._compose)

    @property
    def acceptance(self) -> Acceptance | None:
        """Return the operation that was taken last."""
        return self._acceptance

    @property
    def printed(self) -> ReceiptView | None:
        """Return the receipt in hand."""
        return self._receipt

    def forget(self) -> None:
        """Leave nothing of the last holder: neither operation and receipt nor what the screens were given."""
        self._acceptance, self._receipt = None, None
        for screen in (self.form, self.review, self.receipt):
            screen.forget()

    def open(self, code: str) -> None:
        """Open a service's form by its code; a service that is not possible says why."""
        if self._bridge.busy:
            return
        desk = self._flow.counter.desk

        def arrived(result: FormView | Refusal) -> None:
            if isinstance(result, FormView):
                self._show_form(result)
            elif desk.in_hand.visit is None:
                self._flow.put_aside(result)
            else:
                self._flow.say(result)

        self._flow.say(None)
        self._bridge.run(lambda: desk.open_form(code), arrived)

    def next(self) -> None:
        """Do what F9 means on the screen in hand."""
        match self._flow.window.screen_id:
            case "form":
                self.form.submit()
            case "review":
                self.review.confirm()
            case "receipt":
                self.receipt.go_on()

    def print(self) -> None:
        """Print one copy of the receipt in hand."""
        self.receipt.print()

    def back_to_form(self) -> None:
        """Show the form again, with what was entered."""
        self.show("form")

    def show(self, screen_id: str) -> None:
        """Show one of the three screens again."""
        screens = {"form": self.form, "review": self.review, "receipt": self.receipt}
        screen = screens[screen_id]
        self._flow.window.show_screen(screen_id, screen, screen.panel)
        screen.focus_first()

    def _show_form(self, form: FormView) -> None:
        self.form.set_form(form, check_field)
        visit = self._flow.counter.desk.in_hand.visit
        if visit is not None:
            name, number = visit.identity.name or "", visit.identity.citizen_number or ""
            self.form.set_holder(name, number)
            self.review.set_holder(name, number)
            self.receipt.set_holder(name, number)
        self.show("form")

    def _review(self, values: object) -> None:
        assert isinstance(values, dict)

        def arrived(result: ReviewView | tuple[tuple[str, Refusal], ...] | Refusal) -> None:
            if isinstance(result, Refusal):
                self._flow.say(result)
            elif isinstance(result, tuple):
                self.form.set_errors(result)
            else:
                self.review.set_review(result)
                self.show("review")

        self._bridge.run(lambda: self._flow.counter.desk.make_review(values), arrived)

    def _submit(self, digest: str) -> None:
        self.review.set_submitting(True)

        def arrived(result: Acceptance | Refusal) -> None:
            self.review.set_submitting(False)
            if isinstance(result, Refusal):
                self.review.set_refused(result)
                return
            self._acceptance = result
            self._flow.refresh_summary()
            self.receipt.set_acceptance(result)
            self.receipt.set_loading()
            self.show("receipt")
            self._compose()

        approval = self.review.second.approval
        self._bridge.run(lambda: self._flow.counter.desk.submit(digest, approval), arrived)

    def _sign(self, digest: str, staff_no: str, password: str) -> None:
        def arrived(result: Approval | Refusal) -> None:
            if self.review.digest != digest:
                return
            if isinstance(result, Refusal):
                self.review.second.set_problem(result)
            else:
                self.review.second.set_approval(result)

        self._bridge.run(lambda: self._flow.counter.desk.approve(digest, staff_no, password), arrived)

    def _compose(self) -> None:
        acceptance = self._acceptance
        if acceptance is None:
            return

        def arrived(result: tuple[ReceiptView, list[PageImage]] | Refusal) -> None:
            if isinstance(result, Refusal):
                self.receipt.set_problem(result)
                return
            self._receipt, pages = result
            self.receipt.set_receipt(self._receipt, pages)
            self.receipt.focus_first()

        self._bridge.run(lambda: self._composed(acceptance.op_id), arrived)

    def _composed(self, op_id: str) -> tuple[ReceiptView, list[PageImage]] | Refusal:
        # PDFium is loaded by the first receipt, not by the start.
        from app.services.receipt_preview import page_images

        receipt = self._flow.counter.desk.receipt(op_id)
        return receipt if isinstance(receipt, Refusal) else (receipt, list(page_images(receipt.pdf, PREVIEW_DPI)))

    def _renew(self) -> None:
        """Write the receipt in hand anew, for it must say what holds now; one that is paper already is told of."""
        acceptance = self._acceptance
        if acceptance is None or self._receipt is None:
            return
        at_the_printer = self.receipt.printing

        def arrived(result: tuple[ReceiptView, list[PageImage]] | Refusal) -> None:
            before = self._receipt
            if before is None or isinstance(result, Refusal) or result[0].op_id != before.op_id:
                # The visit has ended meanwhile.
                return
            self._receipt, pages = result
            self.receipt.set_receipt(self._receipt, pages)
            given = before.copies > 0 or at_the_printer
            self.receipt.set_message(Refusal("RECEIPT-RENEWED") if given else None)

        self._bridge.run_in_turn(lambda: self._composed(acceptance.op_id), arrived)

    def _print(self) -> None:
        receipt = self._receipt
        if receipt is None:
            return

        def arrived(result: ReceiptView | Refusal) -> None:
            if self._receipt is not receipt:
                # The visit has ended meanwhile; the print job's row keeps what became of it.
                return
            if isinstance(result, Refusal):
                self.receipt.set_message(result)
                self.receipt.set_print_state(receipt.state, receipt.copies)
                if result.code == "RECEIPT-STALE":
                    self._renew()
                return
            self._receipt = result
            self.receipt.set_print_state(result.state, result.copies)
            self.receipt.set_message(PRINT_TROUBLES.get(result.state) if result.state is not None else None)
            self.receipt.focus_first()

        self._bridge.run_aside(lambda: self._flow.counter.desk.print_receipt(receipt), arrived)

    def on_print(self, event: PrintMoved) -> None:
        """Say what became of a copy after the wait was over; of a receipt that is not in hand only that it failed."""
        receipt = self._receipt
        if receipt is not None and (event.job_id, event.copy) == (receipt.job_id, receipt.copies):
            self._receipt = replace(receipt, state=event.outcome)
            self.receipt.set_print_state(event.outcome, receipt.copies)
            self.receipt.set_message(PRINT_TROUBLES.get(event.outcome))
        elif event.outcome is PrintOutcome.FAILED:
            self._flow.say(Refusal("PRINT-LATE-FAILED"), Tone.WARN)

    def on_saga(self, event: SagaMoved) -> None:
        """Say which step in the world is under way while its review is being submitted, and how it ended after."""
        if event.step:
            self.review.set_step(known(self._texts, "sagas.steps", event.step))
        elif self._acceptance is not None and event.op_id == self._acceptance.op_id and event.state in ENDED:
            self._answered(replace(self._acceptance, state=ENDED[event.state], reason=None))

    def on_settled(self, event: DeliverySettled) -> None:
        """Say what the province answered after the wait was over."""
        if self._acceptance is not None and event.op_id == self._acceptance.op_id:
            self._answered(replace(self._acceptance, state=DeliveryState(event.state), reason=event.reason))

    def _answered(self, acceptance: Acceptance) -> None:
        self._acceptance = acceptance
        self.receipt.set_acceptance(acceptance)
        self._renew()


ENDED = {"done": DeliveryState.APPLIED, "undone": DeliveryState.REJECTED}
PRINT_TROUBLES = {
    PrintOutcome.NO_PAPER: Refusal("PRINT-NO-PAPER"),
    PrintOutcome.STOPPED: Refusal("PRINT-STOPPED"),
    PrintOutcome.NO_PRINTER: Refusal("PRINT-NO-PRINTER"),
    PrintOutcome.FAILED: Refusal("PRINT-FAILED"),
}
