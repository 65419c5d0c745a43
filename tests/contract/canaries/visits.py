"""Visits of fictional people through the program's own services, ended by a crash. `… visits FOLDER`; prints nothing.

Everything that a counter stores, sends, prints and logs of a holder is stored, sent, printed and logged here.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

from app.catalogue import banks, masks, sagas, sentences, services, texts
from app.catalogue import receipts as receipt_table
from app.domain.clock import SystemClock
from app.domain.op_id import new_op_id
from app.domain.operation import Destination, OperationKind, Outcome
from app.domain.refusal import Refusal
from app.hall.connection import hall_url
from app.hall.hall import Hall
from app.hall.values import IssuedBy
from app.journal import limits
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.resealing import seal_all_anew
from app.journal.saga_engine import SagaEngine
from app.journal.search_tokens import SearchKind
from app.services.card_memory import CardMemory
from app.services.card_services import CardServices, Taken
from app.services.doorway import Doorway
from app.services.logs import keep_out_of_logs, start_logs
from app.services.print_jobs import PrintJobs
from app.services.receipt_worker import ReceiptWorker
from app.services.receipt_writer import ReceiptWriter
from app.services.receipts import Receipts
from app.services.record_search import RecordSearch
from app.services.views import ReceiptView, VisitView
from hardware.printers.print_thread import PrinterActor
from hardware.virtual.printer import PrintFault, VirtualPrinter
from tests.contract.canaries.people import Canary, canaries
from tests.unit.services.people import clerk, identity, profile

CLOCK = SystemClock()
PAPERS = 6
log = logging.getLogger(__name__)


class Online:
    online = True


def visit_of(person: Canary, number: int) -> VisitView:
    card_id = f"350100D15600000500{number:014X}"
    who = replace(
        identity(),
        name=person.name,
        citizen_number=person.citizen_number,
        card_number=person.card_number,
        card_id=card_id,
    )
    known = profile(
        name=person.name,
        citizen_number=person.citizen_number,
        card_number=person.card_number,
        card_id=card_id,
        bank_account=person.account,
        phone=person.phone,
    )
    return VisitView(who, known, False, (), None, bank_line="95588")


def stumble(person: Canary) -> None:
    raise ValueError(" ".join(person.values))


def main() -> None:
    """Serve everybody, then fall."""
    folder = Path(sys.argv[1])
    start_logs()
    faulthandler.enable()
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), CLOCK)
    hall = Hall.open(hall_url(folder), CLOCK)
    assert isinstance(journal, Journal), journal
    assert isinstance(hall, Hall), hall
    catalogue, words = services.load(), texts.load()
    doorway = Doorway(journal, catalogue.commands, Online(), queries=catalogue.queries)
    engine = SagaEngine(journal, sagas.load(), {}, lambda: True, limits.load())
    card_services = CardServices(doorway, catalogue, words, CLOCK, Online(), engine, "350102")
    memory = CardMemory(journal, doorway, banks.load())
    printer = VirtualPrinter(folder / "paper", PrintFault.NO_PAPER_AT_START)
    writer = ReceiptWriter(receipt_table.load(), catalogue.forms, words, sentences.load(), "鼓楼大厅", True)
    jobs = PrintJobs(journal, doorway, PrinterActor(printer), lambda _moved: None)
    receipts = Receipts(journal, ReceiptWorker(), jobs, CLOCK, writer)
    actor = clerk(catalogue.permissions(list(catalogue.roles)))
    kinds = (OperationKind.TEMPORARY_LOSS, OperationKind.FORMAL_LOSS, OperationKind.INTAKE)

    for number, person in enumerate(canaries()):
        keep_out_of_logs((person.name,))
        visit = visit_of(person, number)
        op_id = new_op_id(CLOCK.now())
        shown = masks.load().hide("name", person.name)
        assert not isinstance(hall.issue(op_id, "A", IssuedBy.CARD, f"index-{number}", shown), Refusal)
        opened = memory.open_visit(visit, actor, None)
        assert isinstance(opened, VisitView), opened
        values = {"reason": "lost", "phone": person.phone, "note": f"{person.name} {person.account}"}
        values |= {"id_document": "resident_id", "business": "exchange"}
        taken = card_services.submit(kinds[number % 3], visit, values, actor).result()
        assert isinstance(taken, Taken), taken
        if number < PAPERS:
            view = receipts.compose(taken.op_id, visit, actor)
            assert isinstance(view, ReceiptView), view
            if number == 0:
                receipts.print_copy(view, actor)
        log.warning("served %s %s at %s with %r", *person.values[:3], person.account)
        try:
            stumble(person)
        except ValueError:
            log.exception("stumbled over %s", person.phone)

    said = iter(canaries())
    for delivery in journal.run(lambda tx: tx.lease(Destination.PROVINCE)).result():
        about = " ".join(next(said).values)
        op_id = delivery.operation.op_id
        journal.run(lambda tx, o=op_id, a=about: tx.settle(o, Destination.PROVINCE, Outcome.REJECTED, "R", a)).result()
        journal.run(lambda tx, o=op_id, a=about: tx.close_task(o, "0317", a)).result()
    for person in canaries():
        for kind, typed in ((SearchKind.NAME, person.name), (SearchKind.NUMBER, person.account)):
            assert RecordSearch(journal, doorway).find(kind, typed, actor), typed
    journal.run(lambda tx: tx.data_keys.rotate()).result()
    assert seal_all_anew(journal)

    falling = threading.Thread(target=stumble, args=(canaries()[0],))
    falling.start()
    falling.join()
    os.abort()


if __name__ == "__main__":
    main()
