"""The image that is forked and killed: the real doorway, card services, journal and sender, and a ledger province."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from app.catalogue import sagas, services, texts
from app.domain.actor import Actor
from app.domain.clock import Clock, SystemClock
from app.domain.identity import CardProof, Identity, Proof
from app.domain.operation import OperationKind
from app.domain.refusal import Refusal
from app.journal import limits
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.saga_engine import SagaEngine
from app.journal.sender import Sender
from app.services.card_services import CardServices, Taken
from app.services.doorway import Doorway
from app.services.views import VisitView
from tests.crash.lab.ledger_province import LedgerProvince

OPENED = "opened"
DEVICE = "device-3"
PEOPLE = 6
WRITERS = 2
CATALOGUE, SAGAS, WORDS, LIMITS = services.load(), sagas.load(), texts.load(), limits.load()
CLERK = Actor("0317", "林晓", "p-0317", "3", CATALOGUE.permissions(("clerk",)))
FORMS: Mapping[OperationKind, Mapping[str, str]] = {
    OperationKind.TEMPORARY_LOSS: {"reason": "lost", "phone": "19900000000"},
    OperationKind.INTAKE: {"business": "replacement", "phone": "19900000000"},
}
EVENTS = tuple(CATALOGUE.commands[CATALOGUE.services[kind].command].audit for kind in FORMS)
"""What the audit rows of these operations are called."""


class Online:
    """A province that can be asked."""

    online = True


class Desk(Protocol):
    """What a doorway is to the card services."""

    def execute(self, command: str, actor: Actor, handler: object, signed: object = None) -> object:
        """Run a command."""
        ...


def shipped_door(journal: Journal, _promise: Callable[[str], None]) -> Doorway:
    """Return the program's own doorway."""
    return Doorway(journal, CATALOGUE.commands, Online())


@dataclass(frozen=True)
class Design:
    """How the service is put together; a mutant replaces one part, in the child that dies with it."""

    name: str = "as shipped"
    door: Callable[[Journal, Callable[[str], None]], Desk] = shipped_door
    province: Callable[[Path, int], LedgerProvince] = LedgerProvince
    prepare: Callable[[], None] = lambda: None
    clock: Callable[[int], Clock] = lambda _seed: SystemClock()
    lease_s: float = LIMITS.lease_s
    frozen_s: float = 0.0
    """For how long it is stopped, and goes on, before it is killed."""


def visit_of(person: int) -> VisitView:
    """Return the visit of one of the fictional people, by their card alone."""
    proofs = Proof.CHIP, Proof.NONE, CardProof(True, True, "check-1", 7)
    card = f"350100D15600000500AABBCCDD{person:06d}"
    identity = Identity(f"3501021990{person:08d}", "陈桂芳", card, f"A{person:08d}", "350100", "3.00", *proofs)
    return VisitView(identity, None, False, (), None)


VISITS = tuple(map(visit_of, range(PEOPLE)))


class Service:
    """A journal with its desk and its sender; used by one child, which is killed or closes it."""

    def __init__(
        self, journal: Journal, clock: Clock, seed: int, design: Design, promise: Callable[[str], None], ledger: Path
    ) -> None:
        self.journal = journal
        # Every other service sends in small batches: a short queue then has the next leased during an upload.
        rows = LIMITS.batch_rows if seed % 2 else 2
        told = replace(LIMITS, lease_s=design.lease_s, batch_rows=rows)
        engine = SagaEngine(journal, SAGAS, {}, lambda: True, told)
        door = design.door(journal, promise)
        self.desk = CardServices(door, CATALOGUE, WORDS, clock, Online(), engine, "350102")  # type: ignore[arg-type]
        province = design.province(ledger, seed)
        self.sender = Sender(journal, province, clock, DEVICE, told, jitter=lambda low, _high: low)  # type: ignore[arg-type]

    def submit(self, person: int, kind: OperationKind) -> str | Refusal:
        """Do one command for one of the people; returns its op_id after the commit."""
        taken = self.desk.submit(kind, VISITS[person], FORMS[kind], CLERK).result()
        self.sender.wake()
        return taken.op_id if isinstance(taken, Taken) else taken

    def drain(self) -> None:
        """Send until nothing waits."""
        while self.journal.run(lambda tx: tx.summary()).result().pending:
            self.sender.kick()
            threading.Event().wait(0.002)

    def close(self) -> None:
        """End in order."""
        self.sender.stop()
        self.journal.close()


def open_service(
    folder: Path,
    seed: int,
    design: Design,
    promise: Callable[[str], None] = lambda _op_id: None,
    ledger: Path | None = None,
) -> Service | Refusal:
    """Open the service of a folder; the province's ledger lies beside the journal unless told."""
    design.prepare()
    clock = design.clock(seed)
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), clock)
    if isinstance(journal, Refusal):
        return journal
    return Service(journal, clock, seed, design, promise, ledger or folder)


def serve_until_killed(folder: Path, promises: int, seed: int, design: Design, ledger: Path | None = None) -> None:
    """Have two clerks write and promise while the sender delivers."""

    def promise(op_id: str) -> None:
        os.write(promises, f"{op_id}\n".encode())

    service = opened(open_service(folder, seed, design, promise, ledger))
    promise(OPENED)
    service.sender.start()

    def write(number: int) -> None:
        chance = random.Random(seed * WRITERS + number)
        while True:
            done = service.submit(chance.randrange(PEOPLE), chance.choice(tuple(FORMS)))
            if isinstance(done, str):
                promise(done)
            else:
                # The holder's last loss still waits here: refused, and nothing is promised.
                assert done.code == "OP-WAITING-HERE", done

    writers = [threading.Thread(target=write, args=(number,), daemon=True) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    writers[0].join()


def drain_and_close(folder: Path, seed: int, design: Design, ledger: Path | None = None) -> None:
    """Start once more, deliver everything, and end in order."""
    service = opened(open_service(folder, seed, design, ledger=ledger))
    service.sender.start()
    service.drain()
    service.close()


def opened(found: Service | Refusal) -> Service:
    """Return a service that had to open."""
    assert isinstance(found, Service), found
    return found
