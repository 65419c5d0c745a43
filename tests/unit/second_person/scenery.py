"""A doorway over a real journal with a clock that a test moves, and a hall that knows some accounts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from app.catalogue import services
from app.domain.actor import Actor
from app.domain.approval import Approval, Shown, Signed
from app.domain.audit import AuditRow
from app.domain.refusal import Refusal
from app.hall.hall import Hall
from app.hall.values import StaffRecord
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.services.doorway import Done, Doorway
from app.services.second_person import SecondPersonDesk
from app.services.staff_door import StaffDoor
from tests.empty_journal import open_empty
from tests.memory_folder import memory_folder
from tests.unit.journal.scenery import StillClock

CATALOGUE = services.load()
PASSWORD = "right"
SAME = "35010019910412302"
PEOPLE = {
    record.staff_no: record
    for record in (
        StaffRecord("0317", "林晓", f"{SAME}X", frozenset({"clerk"})),
        # The same natural person once more, with a role that may approve.
        StaffRecord("9317", "林晓", f" {SAME}x ", frozenset({"reviewer"})),
        StaffRecord("0318", "何平", "person-2", frozenset({"clerk"})),
        StaffRecord("0102", "周明远", "person-3", frozenset({"reviewer"})),
        StaffRecord("0101", "郑文彬", "person-4", frozenset({"lead"})),
        StaffRecord("0201", "吴丽", "person-5", frozenset({"guide"})),
        StaffRecord("0001", "许建平", "person-6", frozenset({"administrator"})),
        StaffRecord("0666", "无名", "", frozenset({"reviewer"})),
    )
}


class KnownHall:
    """Knows the accounts above, without hashing."""

    def check_password(self, staff_no: str, password: str) -> StaffRecord | Refusal:
        known = PEOPLE.get(staff_no)
        return known if known is not None and password == PASSWORD else Refusal("STAFF-UNKNOWN-OR-PASSWORD")

    def has_staff(self) -> bool:
        return True

    def is_staff(self, staff_no: str) -> bool:
        return staff_no in PEOPLE


@dataclass
class Line:
    online: bool = True


def maker(staff_no: str = "0317") -> Actor:
    record = PEOPLE[staff_no]
    permissions = CATALOGUE.permissions(record.roles)
    return Actor(record.staff_no, record.name, record.person_id, "3", permissions, (), record.roles)


def shown(command: str = "close_conflict", op_id: str = "op-1", reason: str = "moved") -> Shown:
    return Shown(command, op_id, (("reason", reason, reason), ("decided", "open", "closed")))


@dataclass
class Room:
    """One window with its journal."""

    journal: Journal
    clock: StillClock
    ran: list[str] = field(default_factory=list)
    drawn: bool = False

    def __post_init__(self) -> None:
        queries = CATALOGUE.queries
        self.doorway = Doorway(self.journal, CATALOGUE.commands, Line(), queries=queries, drawn=lambda: self.drawn)
        door = StaffDoor(cast(Hall, KnownHall()), self.doorway, CATALOGUE)
        self.desk = SecondPersonDesk(door, self.doorway, CATALOGUE)

    def approve(
        self, what: Shown, staff_no: str = "0102", by: Actor | None = None, password: str = PASSWORD
    ) -> Approval | Refusal:
        return self.desk.approve(what, by or maker(), staff_no, password)

    def execute(
        self, what: Shown, approval_id: str | None, by: Actor | None = None, refused: Refusal | None = None
    ) -> str | Refusal:
        """Run the command that is shown; `refused` is what its handler finds in its way."""

        def handle(_tx: Transaction) -> Done[str] | Refusal:
            if refused is not None:
                return refused
            self.ran.append(what.op_id)
            return Done("done", what.op_id)

        signed = None if approval_id is None else Signed(what, approval_id)
        return self.doorway.execute(what.command, by or maker(), handle, signed).result(timeout=10)

    def audit(self, last: int = 50) -> tuple[AuditRow, ...]:
        return self.journal.run(lambda tx: tx.audit_rows(last)).result()

    def last_row(self) -> int:
        return max((row.n for row in self.audit(1)), default=0)


@contextmanager
def room() -> Iterator[Room]:
    with memory_folder() as folder:
        clock = StillClock()
        journal = open_empty(folder, clock)
        yield Room(journal, clock)
        journal.close()
