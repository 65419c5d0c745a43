"""What a window works with once somebody signs in: card reader, printer, receipts, and the desk over them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

from app.catalogue import banks, masks, sentences, services, texts
from app.catalogue import receipts as receipt_table
from app.domain.clock import SystemClock
from app.hall.hall import Hall
from app.hall.priority import load_priority
from app.journal.journal import Journal
from app.province.visit_calls import VisitCalls
from app.services.card_memory import CardMemory
from app.services.card_services import CardServices
from app.services.devices import open_id_reader, open_printer, open_reader
from app.services.doorway import Doorway
from app.services.events import EventBus, PrinterChanged, ReaderChanged, Trouble
from app.services.hall_steps import HallSteps
from app.services.id_reading import NoIdReader
from app.services.identify import Identification
from app.services.identify_by_ecard import IdentificationByEcard
from app.services.identify_by_id import IdentificationById
from app.services.ledger import Ledger
from app.services.outbox_desk import OutboxDesk
from app.services.print_jobs import PrintJobs
from app.services.province_line import ProvinceLine
from app.services.receipt_worker import ReceiptWorker
from app.services.receipt_writer import ReceiptWriter
from app.services.receipts import Receipts
from app.services.saga_line import SagaLine
from app.services.second_person import SecondPersonDesk, draw_one_in
from app.services.send_now import send_now
from app.services.settings import Settings
from app.services.settling import Settling
from app.services.staff_door import StaffDoor
from app.services.task_desk import TaskDesk
from app.services.ticket_holder import TicketHolders
from app.services.tickets import Tickets
from app.services.visit_desk import VisitDesk
from hardware.printers.print_thread import PrinterActor
from hardware.printers.print_watch import PrintWatch
from hardware.virtual.in_process import InProcessService


@dataclass(frozen=True)
class Workplace:
    """The desk, what is settled by hand, the books, and in training the reader that is in the process."""

    desk: VisitDesk
    tasks: TaskDesk
    ledger: Ledger
    outbox: OutboxDesk
    virtual_reader: InProcessService | None
    calls: VisitCalls


def open_workplace(
    settings: Settings,
    bus: EventBus,
    journal: Journal,
    hall: Hall,
    line: ProvinceLine,
    sagas: SagaLine,
    stack: ExitStack,
) -> Workplace:
    """Start the devices and set up the desk; the stack gets what ends them. Blocks for journal and hall."""
    clock, circuit, engine = SystemClock(), line.circuit, sagas.engine
    catalogue, words, told = services.load(), texts.load(), sentences.load()
    drawn = draw_one_in(catalogue.second_person)
    doorway = Doorway(
        journal, catalogue.commands, circuit, queries=catalogue.queries, drawn=drawn, stops=line.gauge.refusal
    )
    door = StaffDoor(hall, doorway, catalogue)
    second = SecondPersonDesk(door, doorway, catalogue)
    steps = HallSteps(doorway, engine, clock)
    tickets = Tickets(steps, hall, clock)

    reader = open_reader(
        settings,
        lambda status: bus.publish(ReaderChanged(status)),
        lambda refusal: bus.publish(Trouble(refusal)),
    )
    printer = PrinterActor(open_printer(settings))
    worker = ReceiptWorker()
    stack.callback(worker.stop)
    stack.callback(printer.stop)
    jobs = PrintJobs(journal, doorway, printer, bus.publish)
    watch = PrintWatch(printer, lambda status: bus.publish(PrinterChanged(status)), each_time=jobs.follow_up)
    watch.start()
    stack.callback(watch.stop)
    reader.owner.start()
    stack.callback(reader.owner.stop)
    id_reader = open_id_reader(settings)
    if id_reader is not None:
        id_reader.start()
        stack.callback(id_reader.stop)

    hall_name = settings.hall_name or words("start.training_hall")
    writer = ReceiptWriter(receipt_table.load(), catalogue.forms, words, told, hall_name, settings.training)
    calls = VisitCalls(circuit)
    stack.callback(calls.close)
    identification = Identification(
        reader.cards,
        calls,
        circuit,
        catalogue,
        words,
        settings.device,
        lambda: line.gauge.standing,
        line.stops.refusal,
    )
    desk = VisitDesk(
        door=door,
        doorway=doorway,
        tickets=tickets,
        holders=TicketHolders(identification, hall, clock, load_priority(), masks.load(), words),
        identification=identification,
        by_id=IdentificationById(id_reader or reader.ids or NoIdReader(), calls, circuit, clock),
        by_ecard=IdentificationByEcard(line.ecards, calls, circuit, clock),
        memory=CardMemory(journal, doorway, banks.load()),
        card_services=CardServices(
            doorway, catalogue, words, clock, circuit, engine, settings.region, line.gauge.doubts_clock
        ),
        second=second,
        settling=Settling(journal, engine, circuit, bus, line.sender.kick, settings.settle_wait_s),
        receipts=Receipts(journal, worker, jobs, clock, writer),
        catalogue=catalogue,
        texts=words,
        bus=bus,
        window=settings.window,
    )
    tasks = TaskDesk(journal, doorway, second, words, told, sagas.runner.kick)
    outbox = OutboxDesk(
        doorway, journal, clock, settings.device, settings.folder, line.sender.wake, lambda: send_now(line, sagas)
    )
    return Workplace(desk, tasks, Ledger(journal, doorway, told), outbox, reader.virtual, calls)
