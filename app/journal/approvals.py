"""A second person's signatures: each binds one command on one subject to the digest of exactly what was shown.

How long one is good for is counted in the seconds of the boot that it was given in: a clock on the wall that was set
makes none good again, and after a restart none is. It is used in the transaction of the command that it is for.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import REAL, TEXT, Column, Table, insert, select, update

from app.domain.approval import Shown
from app.domain.op_id import new_op_id
from app.domain.refusal import Refusal
from app.journal.book import Book, at
from app.journal.persons import person_ref
from app.journal.tables import METADATA

APPROVAL = Table(
    "approval",
    METADATA,
    Column("approval_id", TEXT, primary_key=True),
    *(Column(name, TEXT, nullable=False) for name in ("command", "op_id", "digest")),
    *(Column(name, TEXT, nullable=False) for name in ("maker_person", "approver_person", "approver", "at", "boot_id")),
    Column("from_mono", REAL, nullable=False),
    Column("until_mono", REAL, nullable=False),
    Column("used_at", TEXT),
)


@dataclass(frozen=True)
class Signature:
    """Who signs what; `maker` and `approver` are person ids, never accounts."""

    shown: Shown
    maker: str
    approver: str
    staff_no: str
    """Of the approver."""
    valid_s: float


class Approvals:
    """What may be read and written of approvals in one transaction."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def give(self, signature: Signature) -> str | Refusal:
        """Write a signature; returns its id. Refuses SECOND-PERSON-SAME."""
        if _one_person(signature.maker, signature.approver):
            return Refusal("SECOND-PERSON-SAME")
        book, clock = self._book, self._book.clock
        approval_id = new_op_id(clock.now())
        book.connection.execute(
            insert(APPROVAL).values(
                approval_id=approval_id,
                command=signature.shown.command,
                op_id=signature.shown.op_id,
                digest=signature.shown.digest,
                # Random references: a person id may be a citizen number.
                maker_person=person_ref(book, signature.maker.strip(), None),
                approver_person=person_ref(book, signature.approver.strip(), None),
                approver=signature.staff_no,
                at=at(book),
                boot_id=clock.boot_id(),
                from_mono=clock.monotonic(),
                until_mono=clock.monotonic() + signature.valid_s,
            )
        )
        return approval_id

    def refused(self, approval_id: str, shown: Shown, maker: str) -> Refusal | None:
        """Return why a command may not run by an approval, or None.

        Codes: APPROVAL-UNKNOWN, APPROVAL-USED, APPROVAL-LATE, APPROVAL-OTHER, SECOND-PERSON-SAME.
        """
        book, clock = self._book, self._book.clock
        row = book.connection.execute(select(APPROVAL).where(APPROVAL.c.approval_id == approval_id)).first()
        if row is None:
            return Refusal("APPROVAL-UNKNOWN")
        if row.used_at is not None:
            return Refusal("APPROVAL-USED")
        if row.boot_id != clock.boot_id() or not row.from_mono <= clock.monotonic() <= row.until_mono:
            return Refusal("APPROVAL-LATE")
        if (row.command, row.op_id, row.digest) != (shown.command, shown.op_id, shown.digest) or not maker.strip():
            return Refusal("APPROVAL-OTHER")
        person = person_ref(book, maker.strip(), None)
        if person == row.approver_person:
            return Refusal("SECOND-PERSON-SAME")
        return None if person == row.maker_person else Refusal("APPROVAL-OTHER")

    def use(self, approval_id: str) -> str:
        """Mark an approval used, once; returns the approver's staff number. Raises ValueError for a used one."""
        row = self._book.connection.execute(
            update(APPROVAL)
            .where(APPROVAL.c.approval_id == approval_id, APPROVAL.c.used_at.is_(None))
            .values(used_at=at(self._book))
            .returning(APPROVAL.c.approver)
        ).first()
        if row is None:
            raise ValueError(approval_id)
        return str(row.approver)


def _one_person(maker: str, approver: str) -> bool:
    """Tell whether two person ids may be one person; whoever has none may be anybody."""
    first, second = maker.strip().upper(), approver.strip().upper()
    return not first or not second or first == second
