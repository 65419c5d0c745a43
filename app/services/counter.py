"""One counter, put together; opened and closed as one.

What may refuse, and so has to be known before anybody signs in, is opened first: folder, journal, hall. What may be
away at any time, province and devices, is met by the first who needs it.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain.clock import SystemClock
from app.domain.downlink import DownlinkState
from app.domain.once import Once
from app.domain.refusal import Refusal
from app.hall.hall import Hall
from app.hall.training_staff import seed_training_staff
from app.journal.journal import Journal
from app.journal.outbox_values import OutboxSummary
from app.services import data_folder
from app.services.books import open_books
from app.services.control import ControlServer
from app.services.events import EventBus, Trouble
from app.services.province_address import Address, address_of
from app.services.settings import Settings
from app.services.verb_answers import VerbAnswers
from app.training.process import TrainingNotStarted, TrainingProvince

if TYPE_CHECKING:
    from app.province.circuit import Circuit
    from app.services.ledger import Ledger
    from app.services.outbox_desk import OutboxDesk
    from app.services.province_line import ProvinceLine
    from app.services.saga_line import SagaLine
    from app.services.task_desk import TaskDesk
    from app.services.visit_desk import VisitDesk
    from app.services.workplace import Workplace
    from hardware.virtual.in_process import InProcessService


@dataclass(frozen=True)
class Counter:
    """An open counter; `close` ends every thread and process that it started."""

    settings: Settings
    bus: EventBus
    journal: Journal
    hall: Hall
    province_url: str
    _line: Once[ProvinceLine]
    _sagas: Once[SagaLine]
    _workplace: Once[Workplace]
    _stack: ExitStack

    @property
    def line(self) -> ProvinceLine:
        """Return the line to the province; the first call begins to ask, to send, and to carry sagas on."""
        self._sagas()
        return self._line()

    @property
    def sagas(self) -> SagaLine:
        """Return what carries sagas on; the first call starts it and the line."""
        return self._sagas()

    @property
    def circuit(self) -> Circuit:
        """Return what knows whether the province is there."""
        return self.line.circuit

    @property
    def desk(self) -> VisitDesk:
        """Return the desk of this window; the first call starts line and devices and blocks: not on the GUI thread."""
        return self._workplace().desk

    @property
    def tasks(self) -> TaskDesk:
        """Return what people settle by hand; blocks as `desk` does."""
        return self._workplace().tasks

    @property
    def ledger(self) -> Ledger:
        """Return what the books show whoever is signed in; blocks as `desk` does."""
        return self._workplace().ledger

    @property
    def outbox_desk(self) -> OutboxDesk:
        """Return what a person does about what waits; the first call blocks as `desk` does."""
        return self._workplace().outbox

    @property
    def virtual_reader(self) -> InProcessService | None:
        """Return the reader that is in the process, if training has one; blocks as `desk` does."""
        return self._workplace().virtual_reader

    def give_up_calls(self) -> bool:
        """Give up what the visit in hand asks the province, for it ends; tells whether anything was under way."""
        return self._workplace().calls.give_up()

    def close(self) -> None:
        """Close in the reverse order of opening."""
        self._stack.close()

    def summary(self) -> OutboxSummary:
        """Return what waits for the province and for a person."""
        return self.journal.run(lambda tx: tx.summary()).result()

    def downlink(self) -> DownlinkState:
        """Return how far the province's changes were read."""
        return self.journal.run(lambda tx: tx.downlink()).result()

    def send_now(self) -> None:
        """Have everybody who sends look at once; what waits by its back-off waits on."""
        from app.services.send_now import send_now

        send_now(self.line, self.sagas)

    def drain(self, timeout_s: float) -> int:
        """Send until nothing waits or time is up; returns how many still wait."""
        deadline = time.monotonic() + timeout_s
        while (pending := self.summary().pending) and time.monotonic() < deadline:
            self.journal.run(lambda tx: tx.make_due_now()).result()
            self.send_now()
            time.sleep(0.1)
        return pending


def open_counter(settings: Settings, bus: EventBus, ask_province: bool = True) -> Counter | Refusal:
    """Open a counter; blocks for a second or two. Without `ask_province` it comes up before the province was asked."""
    with ExitStack() as stack:
        counter = _open(settings, bus, stack)
    if isinstance(counter, Counter) and ask_province:
        counter.line.contact.wait_asked()
    return counter


def _open(settings: Settings, bus: EventBus, stack: ExitStack) -> Counter | Refusal:
    missing = settings.missing()
    if missing is not None:
        return missing
    folder = data_folder.hold(settings.folder)
    if isinstance(folder, Refusal):
        return folder
    stack.callback(folder.release)
    books = open_books(settings, SystemClock(), stack)
    if isinstance(books, Refusal):
        return books
    journal, hall = books
    refused = _missing_definition(journal) or (seed_training_staff(hall) if settings.training else None)
    refused = refused or _line_refusal(settings)
    if refused is not None:
        return refused

    address = _province_address(settings, stack)
    if isinstance(address, Refusal):
        return address
    url = address.control_url or address.url
    kept = stack.pop_all()
    line = Once(lambda: _open_line(address, settings, journal, bus, kept))
    saga_line = Once(lambda: _open_sagas(settings, address.url, bus, journal, hall, line(), kept))
    workplace = Once(lambda: _open_workplace(settings, bus, journal, hall, line(), saga_line(), kept))
    counter = Counter(settings, bus, journal, hall, url, line, saga_line, workplace, kept)
    refused = _listen(counter, folder, kept)
    if refused is not None:
        counter.close()
        return refused
    return counter


def _missing_definition(journal: Journal) -> Refusal | None:
    """Name a saga that is open by a table which this program does not carry any more."""
    needed = journal.run(lambda tx: tx.sagas.needed_definitions()).result()
    if not needed:
        return None
    from app.catalogue import sagas

    return sagas.load().missing(needed)


# What these three load makes a fifth of a start; a sign-in is being typed meanwhile.
def _open_line(address: Address, settings: Settings, journal: Journal, bus: EventBus, stack: ExitStack) -> ProvinceLine:
    from app.journal.resealing import Resealing
    from app.services.province_line import open_line

    resealing = Resealing(journal, lambda refusal: bus.publish(Trouble(refusal)))
    stack.callback(resealing.stop)
    resealing.start()
    return open_line(address, settings, journal, bus, stack)


def _open_sagas(
    settings: Settings, url: str, bus: EventBus, journal: Journal, hall: Hall, line: ProvinceLine, stack: ExitStack
) -> SagaLine:
    from app.services.saga_line import open_sagas

    return open_sagas(settings.with_bank(url), bus, journal, hall, line, stack)


def _open_workplace(
    settings: Settings,
    bus: EventBus,
    journal: Journal,
    hall: Hall,
    line: ProvinceLine,
    saga_line: SagaLine,
    stack: ExitStack,
) -> Workplace:
    from app.services.workplace import open_workplace

    return open_workplace(settings, bus, journal, hall, line, saga_line, stack)


def _listen(counter: Counter, folder: data_folder.DataFolder, stack: ExitStack) -> Refusal | None:
    control = ControlServer(VerbAnswers(counter).actions())
    stack.callback(control.stop)
    return control.start(folder)


def _province_address(settings: Settings, stack: ExitStack) -> Address | Refusal:
    if settings.province_url is not None:
        return address_of(settings, settings.province_url)
    if not settings.training:
        return Refusal("PROVINCE-NOT-SET")
    try:
        province = TrainingProvince.start(settings.folder / "province")
    except TrainingNotStarted as late:
        return late.refusal
    stack.callback(province.stop)
    return Address(province.secure_url, province.authority, province.url)


def _line_refusal(settings: Settings) -> Refusal | None:
    if settings.training:
        return None
    from app.services.device_line import why_not_ready

    return why_not_ready(settings)
