"""The sample: some commands that another person looks at afterwards, each ticked off once."""

from __future__ import annotations

from sqlalchemy import TEXT, Column, Table, insert, select, update

from app.domain.refusal import Refusal
from app.journal.book import Book, as_datetime, at
from app.journal.outbox_values import SampleRow
from app.journal.persons import person_ref
from app.journal.tables import METADATA, OPERATION

SAMPLE = Table(
    "sample",
    METADATA,
    Column("op_id", TEXT, primary_key=True),
    Column("command", TEXT, primary_key=True),
    *(Column(name, TEXT, nullable=False) for name in ("person", "staff_no", "at")),
    *(Column(name, TEXT) for name in ("ticked_at", "ticked_person", "ticked_by")),
)


class Samples:
    """What may be read and written of the sample in one transaction."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def draw(self, op_id: str, command: str, person_id: str, staff_no: str) -> None:
        """Put a command on the list."""
        person = person_ref(self._book, person_id.strip(), None)
        self._book.connection.execute(
            insert(SAMPLE).values(op_id=op_id, command=command, person=person, staff_no=staff_no, at=at(self._book))
        )

    def open(self) -> tuple[SampleRow, ...]:
        """Return what nobody has looked at, oldest first."""
        found = self._book.connection.execute(
            select(SAMPLE, OPERATION.c.acceptance_no, OPERATION.c.kind)
            .outerjoin(OPERATION, OPERATION.c.op_id == SAMPLE.c.op_id)
            .where(SAMPLE.c.ticked_at.is_(None))
            .order_by(SAMPLE.c.at)
        )
        return tuple(
            SampleRow(
                row.op_id, row.command, row.kind or "", row.acceptance_no or "", row.staff_no, as_datetime(row.at)
            )
            for row in found
        )

    def tick(self, op_id: str, command: str, person_id: str, staff_no: str) -> Refusal | None:
        """Note that another person looked at a command. Refuses SECOND-PERSON-SAME and TASK-CLOSED."""
        one = (SAMPLE.c.op_id == op_id, SAMPLE.c.command == command, SAMPLE.c.ticked_at.is_(None))
        row = self._book.connection.execute(select(SAMPLE.c.person).where(*one)).first()
        if row is None:
            return Refusal("TASK-CLOSED")
        person = person_ref(self._book, person_id.strip(), None)
        if person == row.person:
            return Refusal("SECOND-PERSON-SAME")
        self._book.connection.execute(
            update(SAMPLE).where(*one).values(ticked_at=at(self._book), ticked_person=person, ticked_by=staff_no)
        )
        return None
