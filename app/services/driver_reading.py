"""Cards in a box behind its maker's library (LD/T 33): asked when the clerk asks, for it tells nothing by itself."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from app.domain.refusal import Refusal
from app.services.id_reading import id_or_refusal
from app.services.reader_faults import refusal_of_box, refusal_of_card
from hardware.card.authentication import Authenticator
from hardware.card.social_card import SocialCard
from hardware.ports import ReaderState, ReaderStatus
from hardware.readers.box import BoxFault, BoxFaultKind, ReaderBox
from hardware.readers.combined_box import CombinedBox
from hardware.readers.sscard.base_fields import BaseReading
from hardware.readers.sscard.card_driver import NotDone
from hardware.readers.sscard.functions import Interface
from hardware.readers.sscard.hsm_question import AuthenticatorSteps
from hardware.readers.sscard.reading_id import card_by_hsm_question, read_card_id
from hardware.readers.sscard.social_card import social_card
from hardware.resident_id.text_block import ResidentId

T = TypeVar("T")


class DriverReading:
    """A CardReading, a ResidentIdReading where the box has one, and the owner of the box.

    The box is opened at the start, and by the first use after it was lost. `publish` is told ON_REQUEST while it can
    be used and NO_READER after it was lost; `tell` gets the refusal of a box that could not be opened at the start.
    Neither is called on the GUI thread.
    """

    def __init__(
        self,
        open_box: Callable[[], CombinedBox],
        name: str,
        interface: Interface,
        publish: Callable[[ReaderStatus], None],
        tell: Callable[[Refusal], None],
    ) -> None:
        self._box = ReaderBox(open_box)
        self._name = name
        self._interface = interface
        self._publish = publish
        self._tell = tell
        self._last: ReaderStatus | None = None

    def start(self) -> None:
        """Start the box's thread and have it load the library; returns at once."""
        self._box.start()
        self._box.use(lambda _: None).add_done_callback(self._opened)

    def stop(self) -> None:
        """Finish the call in hand, and end the library's process and the thread."""
        self._box.stop()

    def read(self, distant: Authenticator | None) -> SocialCard | Refusal:
        """Read the card by PSAM, else by the HSM set (card.md 4.4); of one that neither opens, what it says before."""

        def work(box: CombinedBox) -> SocialCard | NotDone:
            steps = None if distant is None else AuthenticatorSteps(distant)
            reading = box.card.read_base(self._interface, steps)
            if isinstance(reading, BaseReading):
                return social_card(reading)
            return card_by_hsm_question(box.card, self._interface, reading)

        outcome = self._asked(work)
        return outcome if isinstance(outcome, SocialCard) else _refusal(outcome)

    def card_id(self) -> str | Refusal:
        """Ask the library for the base data again; no HSM is asked."""
        outcome = self._asked(lambda box: read_card_id(box.card, self._interface))
        return outcome if isinstance(outcome, str) else _refusal(outcome)

    def read_id(self) -> ResidentId | Refusal:
        """Read the resident ID that lies on the same box."""
        return id_or_refusal(self._asked(lambda box: box.read_id()))

    def _asked(self, work: Callable[[CombinedBox], T]) -> T | BoxFault:
        future = self._box.use(work)
        future.add_done_callback(self._show)
        return future.result()

    def _opened(self, done: Future[BoxFault | None]) -> None:
        self._show(done)
        fault = done.result()
        if fault is not None and fault.kind is not BoxFaultKind.STOPPED:
            self._tell(refusal_of_box(fault))

    def _show(self, done: Future[T | BoxFault]) -> None:
        lost = done.exception() is None and isinstance(done.result(), BoxFault)
        status = ReaderStatus(ReaderState.NO_READER if lost else ReaderState.ON_REQUEST, self._name)
        if status != self._last:
            self._last = status
            self._publish(status)


def _refusal(outcome: NotDone | BoxFault) -> Refusal:
    return refusal_of_box(outcome) if isinstance(outcome, BoxFault) else refusal_of_card(outcome)
