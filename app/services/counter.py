"""One counter, put together: folder, journal, hall, province, sender, and the workplace; opened and closed as one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from app.catalogue import sentences
from app.domain.clock import Clock, SystemClock
from app.domain.operation import OutboxRow
from app.domain.refusal import Refusal
from app.hall.hall import Hall
from app.hall.training_staff import seed_training_staff
from app.journal import limits
from app.journal.dispatch import Watchers
from app.journal.journal import Journal
from app.journal.outbox_values import OutboxSummary
from app.journal.sender import Sender
from app.province.circuit import Circuit
from app.province.late import LateProvince
from app.services import data_folder
from app.services.books import open_books
from app.services.contact import Contact
from app.services.control import ControlServer
from app.services.events import DeliverySettled, EventBus, OutboxChanged, ProvinceChanged, Trouble
from app.services.settings import Settings
from app.training.process import TrainingNotStarted, TrainingProvince

if TYPE_CHECKING:
    from app.services.views import TaskView
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
    circuit: Circuit
    sender: Sender
    contact: Contact
    province_url: str
    _stack: ExitStack

    @cached_property
    def _workplace(self) -> Workplace:
        # Devices and what a visit needs, cards and receipts among them, load while the sign-in is being typed.
        from app.services.workplace import open_workplace

        return open_workplace(self, self._stack)

    @property
    def desk(self) -> VisitDesk:
        """Return the desk of this window; the first call starts the devices and blocks, so not on the GUI thread."""
        return self._workplace.desk

    @property
    def virtual_reader(self) -> InProcessService | None:
        """Return the reader that is in the process, if training has one; blocks as `desk` does."""
        return self._workplace.virtual_reader

    def close(self) -> None:
        """Close in the reverse order of opening."""
        self._stack.close()

    def meet_province(self) -> None:
        """Ask the province for the first time and keep in touch from now on; only after `ask_province=False`."""
        self.contact.start()

    def outbox(self, limit: int | None = None) -> tuple[OutboxRow, ...]:
        """Return the delivery rows: what waits in the order in which it is sent, then what was answered."""
        return self.journal.run(lambda tx: tx.rows(limit=limit)).result()

    def outbox_count(self) -> int:
        """Count the delivery rows."""
        return self.journal.run(lambda tx: tx.row_count()).result()

    def tasks(self) -> tuple[TaskView, ...]:
        """Return what the province refused and a person has to settle."""
        from app.services.views import TaskView

        words = sentences.load()
        return tuple(
            TaskView(
                task.op_id,
                task.kind,
                task.acceptance_no,
                words.code(task.reason).text,
                words.code(task.next_action).remedy,
                task.since,
            )
            for task in self.journal.run(lambda tx: tx.tasks()).result()
        )

    def summary(self) -> OutboxSummary:
        """Return what waits for the province and for a person."""
        return self.journal.run(lambda tx: tx.summary()).result()

    def send_now(self) -> None:
        """Try again at once, whatever the back-off says."""
        self.journal.run(lambda tx: tx.make_due_now()).result()
        self.circuit.wake()
        self.circuit.probe()
        self.sender.kick()

    def drain(self, timeout_s: float) -> int:
        """Send until nothing waits or time is up; returns how many still wait."""
        deadline = time.monotonic() + timeout_s
        while (pending := self.summary().pending) and time.monotonic() < deadline:
            self.send_now()
            time.sleep(0.1)
        return pending


def open_counter(settings: Settings, bus: EventBus, ask_province: bool = True) -> Counter | Refusal:
    """Open a counter; blocks for a second or two.

    Without `ask_province` it comes up before the province was asked: call `meet_province` when the face can be used.
    """
    with ExitStack() as stack:
        counter = _open(settings, bus, ask_province, stack)
        if isinstance(counter, Counter):
            stack.pop_all()
        return counter


def _open(settings: Settings, bus: EventBus, ask_province: bool, stack: ExitStack) -> Counter | Refusal:
    missing = settings.missing()
    if missing is not None:
        return missing
    clock = SystemClock()
    folder = data_folder.hold(settings.folder)
    if isinstance(folder, Refusal):
        return folder
    stack.callback(folder.release)
    books = open_books(settings, clock, stack)
    if isinstance(books, Refusal):
        return books
    journal, hall = books
    seeded = seed_training_staff(hall) if settings.training else None
    if seeded is not None:
        return seeded

    url = _province_url(settings, stack)
    if isinstance(url, Refusal):
        return url
    province = LateProvince(url, settings.device, settings.training)
    stack.callback(province.close)
    circuit = Circuit(province, clock, lambda online: bus.publish(ProvinceChanged(online, clock.now())))
    contact = Contact(circuit)
    if ask_province:
        circuit.probe()
    sender = _sender(journal, circuit, settings, clock, bus)
    unsubscribe = bus.subscribe(lambda event: sender.kick() if isinstance(event, ProvinceChanged) else None)
    stack.callback(unsubscribe)

    counter = Counter(settings, bus, journal, hall, circuit, sender, contact, url, stack.pop_all())
    refused = _start_background(counter, folder)
    if refused is not None:
        counter.close()
        return refused
    if ask_province:
        counter.meet_province()
    return counter


def _start_background(counter: Counter, folder: data_folder.DataFolder) -> Refusal | None:
    stack = counter._stack  # noqa: SLF001 - the counter under construction
    counter.sender.start()
    stack.callback(counter.sender.stop)
    stack.callback(counter.contact.stop)

    def answer() -> Mapping[str, object]:
        summary = counter.summary()
        return {"pending": summary.pending, "tasks": summary.tasks, "oldest_age_s": summary.oldest_age_s}

    def drain() -> Mapping[str, object]:
        counter.send_now()
        return answer()

    control = ControlServer({"drain": drain, "outbox": answer})
    stack.callback(control.stop)
    return control.start(folder)


def _province_url(settings: Settings, stack: ExitStack) -> str | Refusal:
    if settings.province_url is not None:
        return settings.province_url
    if not settings.training:
        return Refusal("PROVINCE-NOT-SET")
    try:
        province = TrainingProvince.start(settings.folder / "province")
    except TrainingNotStarted as late:
        return late.refusal
    stack.callback(province.stop)
    return province.url


def _sender(journal: Journal, circuit: Circuit, settings: Settings, clock: Clock, bus: EventBus) -> Sender:
    def settled(op_id: str, state: str, reason: str | None) -> None:
        bus.publish(DeliverySettled(op_id, state, reason))

    def summary(found: OutboxSummary) -> None:
        bus.publish(OutboxChanged(found.pending, found.oldest_age_s, found.tasks))

    watchers = Watchers(settled, summary, on_trouble=lambda refusal: bus.publish(Trouble(refusal)))
    return Sender(journal, circuit, clock, settings.device, limits.load(), watchers)
