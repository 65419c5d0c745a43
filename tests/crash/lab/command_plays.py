"""One session with every command of the table in it, each by the service of the program that gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from app.catalogue import banks, sentences, training_staff
from app.catalogue.services import SecondPerson
from app.domain.approval import Shown, Signed
from app.domain.clock import SystemClock
from app.domain.mode import Mode
from app.domain.op_id import new_op_id
from app.domain.operation import Destination, OperationKind, Outcome
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.domain.states import BankState, PersonState, ProductionState, RegisterState, SocialState
from app.hall.connection import hall_url
from app.hall.hall import Hall
from app.journal.approvals import Signature
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.saga_engine import SagaEngine
from app.journal.transaction import Transaction
from app.services import staff_register
from app.services.card_memory import CardMemory
from app.services.card_services import CardServices, Taken
from app.services.doorway import Done, Doorway
from app.services.folder_door import FolderDoor
from app.services.hall_steps import HallSteps, hall_acts
from app.services.print_jobs import PrintJobs
from app.services.second_person import SecondPersonDesk
from app.services.staff_door import StaffDoor
from app.services.task_desk import TaskDesk
from app.services.ticket_holder import TicketFor
from app.services.tickets import Tickets
from app.services.views import ReceiptView, TicketView
from hardware.printers.print_thread import PrinterActor
from hardware.virtual.printer import VirtualPrinter
from tests.crash.lab.service import CATALOGUE, CLERK, FORMS, LIMITS, SAGAS, WORDS, Online, visit_of

CLOCK = SystemClock()
STAFF = training_staff.load()
Play = Callable[[], object]
ANYBODY = replace(CLERK, permissions=frozenset(row.permission for row in CATALOGUE.commands.values()))


def profile_of(person: int, social: SocialState) -> Profile:
    """Return the profile of one of the fictional people, their card in some state."""
    identity = visit_of(person).identity
    now = CLOCK.now()
    return Profile(
        person_ref="ref-1",
        name=identity.name or "",
        citizen_number=identity.citizen_number or "",
        sex="2",
        nation="01",
        birth_date=date(1990, 3, 7),
        phone="13900000000",
        card_id=identity.card_id,
        card_number=identity.card_number,
        region="350100",
        bank_name="工商银行",
        bank_line="95588",
        bank_account="6217000000003361",
        issued=date(2020, 1, 1),
        expires=date(2030, 1, 1),
        social=social,
        bank=BankState.ACTIVE,
        production=ProductionState.NONE,
        person=PersonState.NORMAL,
        register=RegisterState.SAME,
        version=7,
        replacement_open=False,
        insurances=(),
        notes=(),
        as_of=now - timedelta(minutes=1),
    )


@dataclass
class Session:
    """The services of one window over an open journal and hall, and what lies between two commands."""

    folder: Path
    journal: Journal
    hall: Hall
    door: Doorway
    tickets: Tickets
    desk: CardServices
    steps: HallSteps
    jobs: PrintJobs
    ticket: TicketView | None = None
    op_id: str = ""

    def issue(self) -> object:
        """Give out a number."""
        self.ticket = _view(self.tickets.issue("A", ANYBODY, TicketFor()))
        return self.ticket

    def call(self) -> object:
        """Call it."""
        self.ticket = _view(self.tickets.call_next(ANYBODY))
        return self.ticket

    def open_visit(self) -> object:
        """Open a visit."""
        return CardMemory(self.journal, self.door, banks.load()).open_visit(visit_of(1), ANYBODY, None)

    def submit(self, kind: OperationKind, social: SocialState | None) -> object:
        """Do one card service for a holder of its own."""
        number = 10 + tuple(OperationKind).index(kind)
        visit = visit_of(number)
        if social is not None:
            visit = replace(visit, profile=profile_of(number, social))
        known = {"reason": "lost", "phone": "19900000000", "id_document": "resident_id", **FORMS.get(kind, {})}
        taken = self.desk.submit(kind, visit, known, ANYBODY).result()
        if isinstance(taken, Taken):
            self.op_id = taken.op_id
        return taken

    def print_receipt(self) -> object:
        """Print a receipt that was kept."""
        job_id = new_op_id(CLOCK.now())
        self.journal.run(lambda tx: tx.save_receipt(job_id, self.op_id, "回执", b"%PDF-")).result()
        return self.jobs.print(ReceiptView(job_id, self.op_id, "回执", b"%PDF-", None), 1, ANYBODY)

    def close_task(self) -> object:
        """Close the task of an operation that the province refused."""
        refused = self.op_id
        self.journal.run(
            lambda tx: tx.settle(refused, Destination.PROVINCE, Outcome.REJECTED, "OP-STATE-MOVED")
        ).result()
        second = SecondPersonDesk(StaffDoor(self.hall, self.door, CATALOGUE), self.door, CATALOGUE)
        desk = TaskDesk(self.journal, self.door, second, WORDS, sentences.load(), lambda: None)
        return desk.close(ANYBODY, refused)

    def sign_in(self) -> object:
        """Come to the window."""
        return StaffDoor(self.hall, self.door, CATALOGUE).enter(STAFF.people[0].staff_no, STAFF.password, "3")

    def sign_out(self) -> object:
        """Go."""
        return StaffDoor(self.hall, self.door, CATALOGUE).leave(ANYBODY)

    def add_staff(self) -> object:
        """Register a member of staff, after the folder is known to be this session's own."""
        new = staff_register.NewStaff("0999", "周宁", ("clerk",))
        secrets = staff_register.Secrets("11010119900307001X", "x" * 12)
        staff = StaffDoor(self.hall, self.door, CATALOGUE)
        engine = SagaEngine(self.journal, SAGAS, hall_acts(self.hall), lambda: False, LIMITS)
        place = FolderDoor(self.journal, self.hall, self.door, staff, CATALOGUE, CLOCK)
        return staff_register._add(place, engine, ANYBODY, new, secrets)

    def bare(self, command: str) -> object:
        """Give a command that no service above gives, signed where it needs a second person."""
        shown = Shown(command, new_op_id(CLOCK.now()), ())
        signed = None
        if CATALOGUE.commands[command].second_person is SecondPerson.NOW:
            signature = Signature(shown, ANYBODY.person_id, "p-0401", "0401", 600.0)
            given = self.journal.run(lambda tx: tx.approvals.give(signature)).result()
            assert isinstance(given, str), given
            signed = Signed(shown, given)

        def write(tx: Transaction) -> Done[str]:
            return Done(tx.next_acceptance_no("350102", "2026-11-22"), shown.op_id)

        return self.door.execute(command, ANYBODY, write, signed).result()


def plays(session: Session) -> Mapping[str, Play]:
    """Return the commands in the order in which they are given."""

    def with_ticket(act: Callable[[TicketView], object]) -> Play:
        def play() -> object:
            assert session.ticket is not None
            return act(session.ticket)

        return play

    own: dict[str, Play] = {
        "issue_ticket": session.issue,
        "call_ticket": session.call,
        "open_visit": session.open_visit,
        "recall_ticket": with_ticket(lambda ticket: session.tickets.recall(ticket, ANYBODY)),
        "serve_ticket": with_ticket(lambda ticket: session.tickets.start(ticket, ANYBODY)),
        "register_formal_loss": lambda: session.submit(OperationKind.FORMAL_LOSS, SocialState.NORMAL),
        "release_loss": lambda: session.submit(OperationKind.RELEASE_LOSS, SocialState.LOST_TEMPORARY),
        "register_intake": lambda: session.submit(OperationKind.INTAKE, None),
        "register_temporary_loss": lambda: session.submit(OperationKind.TEMPORARY_LOSS, None),
        "print_receipt": session.print_receipt,
        "close_task": session.close_task,
        "finish_visit": with_ticket(lambda ticket: session.tickets.finish(ticket, ANYBODY)),
        "sign_out": session.sign_out,
    }
    # A password takes a tenth of a second: last, so that only these wait for it.
    slow: dict[str, Play] = {"sign_in": session.sign_in, "add_staff": session.add_staff}
    bare = [name for name in CATALOGUE.commands if name not in own | slow]
    return own | {name: lambda name=name: session.bare(name) for name in bare} | slow  # type: ignore[misc]


def play_all(folder: Path, promise: Callable[[str], None]) -> None:
    """Give every command, and promise each after it is done."""
    with ExitStack() as stack:
        session = open_session(folder, stack)
        for command, play in plays(session).items():
            done = play()
            assert not isinstance(done, Refusal), (command, done)
            promise(command)


def settle(folder: Path) -> None:
    """Start again as a counter does: the steps in the hall that were cut short are asked about and closed."""
    with ExitStack() as stack:
        session = open_session(folder, stack)
        engine = SagaEngine(session.journal, SAGAS, hall_acts(session.hall), lambda: True, LIMITS)
        engine.run_due()
        assert engine.moving() == 0


def prepare(folder: Path) -> Path:
    """Make a journal and a hall with its staff, to be copied."""
    with ExitStack() as stack:
        session = open_session(folder, stack)
        assert session.hall.claim(Mode.TRAINING) is None
        person = STAFF.people[0]
        session.hall.add_staff(person.staff_no, person.name, person.person_id, STAFF.password, person.roles)
    return folder


def open_session(folder: Path, stack: ExitStack) -> Session:
    """Open journal, hall and printer; the stack closes them."""
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), CLOCK)
    hall = Hall.open(hall_url(folder), CLOCK)
    assert isinstance(journal, Journal), journal
    assert isinstance(hall, Hall), hall
    printer = PrinterActor(VirtualPrinter(folder / "paper"))
    stack.callback(journal.close)
    stack.callback(hall.close)
    stack.callback(printer.stop)
    door = Doorway(journal, CATALOGUE.commands, Online())
    engine = SagaEngine(journal, SAGAS, hall_acts(hall), lambda: True, LIMITS)
    steps = HallSteps(door, engine, CLOCK)
    desk = CardServices(door, CATALOGUE, WORDS, CLOCK, Online(), engine, "350102")
    jobs = PrintJobs(journal, door, printer, lambda _moved: None)
    return Session(folder, journal, hall, door, Tickets(steps, hall, CLOCK), desk, steps, jobs)


def _view(given: TicketView | Refusal) -> TicketView:
    assert isinstance(given, TicketView), given
    return given
