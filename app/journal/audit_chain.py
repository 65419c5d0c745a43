"""The audit chain: a plain SM3 that anyone can verify, and a tag under a key that moves forward (reliability.md 3.3).

The key of an epoch (1,000 rows) is overwritten in the transaction that needs the next one (`secure_delete` is on), and
the first key, which is random and not made of the journal's key, once the province has acknowledged it. So this machine
can verify the whole plain chain and the tags of the present epoch; the province, which holds the first key, every tag.

What that is worth against one who has the journal's key:
- From the present file he can rewrite the rows of the present epoch, tags and all. Before the first contact he has the
  first key, and with it every row.
- Pages are encrypted under the journal's key only, and old ones outlive a key's overwriting: in the write-ahead log
  until it is checkpointed (at the latest when the journal is closed), in back-ups, in blocks that the disk has not
  reused. Whoever has such an older copy has that epoch's key and every later one, never an earlier one.
- With the device's own signing key, which is in the file too, he can sign what he rewrote. He cannot make the province
  countersign another row under a number that it has countersigned, nor a shorter chain: what is anchored is out of his
  reach, what comes after the last anchor is the exposed window (`anchors.py`).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select, update

from app.domain.audit import KEY_BYTES, AuditRow, Link, epoch_of, key_after, row_sm3, tag_of
from app.domain.operation import canonical_json
from app.journal.book import Book, at
from app.journal.tables import AUDIT, AUDIT_HEAD, AUDIT_KEY, AUDIT_START
from app.journal.written_out import WrittenOut

_KEY_AND_START = AUDIT_START.outerjoin(AUDIT_KEY, AUDIT_START.c.one == AUDIT_KEY.c.one)
_STATE = WrittenOut(
    select(
        AUDIT_HEAD.c.n,
        AUDIT_HEAD.c.sm3,
        AUDIT_KEY.c.epoch,
        AUDIT_KEY.c.key,
        func.coalesce(AUDIT_KEY.c.after_n, AUDIT_START.c.n).label("start"),
    ).select_from(
        AUDIT_HEAD.join(AUDIT_KEY, AUDIT_KEY.c.one == AUDIT_HEAD.c.one).join(
            AUDIT_START, AUDIT_START.c.one == AUDIT_HEAD.c.one
        )
    )
)
_ADD = WrittenOut(insert(AUDIT), ("n", "entry", "sm3", "tag"))
_MOVE_HEAD = WrittenOut(update(AUDIT_HEAD), ("n", "sm3"))


@dataclass(frozen=True)
class Entry:
    """What a row says; `detail` holds no personal data."""

    event: str
    actor: str
    result: str
    op_id: str | None
    detail: Mapping[str, str]


def append(book: Book, entries: Sequence[Entry]) -> int:
    """Add rows with the next gap-free numbers; returns the last number."""
    ((number, previous, since, stored_key, before),) = _STATE.run(book.connection, {})
    epoch, key = since, bytes(stored_key)
    now, rows = at(book), []
    for entry in entries:
        text = canonical_json({"at": now, **vars(entry), "detail": dict(entry.detail)})
        number += 1
        if (needed := epoch_of(before + 1, number)) != epoch:
            key, epoch = key_after(key, needed - epoch), needed
        previous = row_sm3(previous, number, text.encode())
        rows.append({"n": number, "entry": text, "sm3": previous, "tag": tag_of(key, number, previous)})
    if not rows:
        return int(number)
    if epoch != since:
        book.connection.execute(update(AUDIT_KEY).values(epoch=epoch, key=key))
    _ADD.run_over(book.connection, rows)
    _MOVE_HEAD.run(book.connection, {"n": number, "sm3": previous})
    return int(number)


def start(book: Book) -> None:
    """Make the first key of a chain, once."""
    if book.connection.execute(select(AUDIT_KEY.c.one)).first() is None:
        key = secrets.token_bytes(KEY_BYTES)
        book.connection.execute(insert(AUDIT_KEY).values(one=1, epoch=0, key=key, first_key=key))


def start_again(book: Book) -> None:
    """Tag what comes under a new first key: the old one is the province's alone, and a restored file has to enrol.

    The plain chain goes on; tags so far can be checked by the province, under the incarnation that they belong to.
    """
    key = secrets.token_bytes(KEY_BYTES)
    last = book.connection.execute(select(AUDIT_HEAD.c.n)).scalar_one()
    book.connection.execute(update(AUDIT_KEY).values(epoch=0, key=key, first_key=key, after_n=last))


def head(book: Book) -> Link | None:
    """Return the last link; None while there is no tagged row."""
    last = select(AUDIT_HEAD.c.n).scalar_subquery()
    row = book.connection.execute(select(AUDIT.c.n, AUDIT.c.sm3, AUDIT.c.tag).where(AUDIT.c.n == last)).first()
    return None if row is None else Link(row.n, row.sm3, row.tag)


def first_tagged(book: Book) -> int:
    """Return the number of the first row that is, or will be, tagged under the first key."""
    after = select(func.coalesce(AUDIT_KEY.c.after_n, AUDIT_START.c.n)).select_from(_KEY_AND_START)
    return int(book.connection.execute(after).scalar_one()) + 1


def first_key(book: Book) -> bytes | None:
    """Return the first key; None when the province has it and the copy here is gone."""
    key: bytes | None = book.connection.execute(select(AUDIT_KEY.c.first_key)).scalar_one()
    return key


def forget_first_key(book: Book) -> None:
    """Overwrite the copy of the first key; the present epoch's stays."""
    book.connection.execute(update(AUDIT_KEY).values(first_key=None))


def links(book: Book, after: int, limit: int) -> tuple[Link, ...]:
    """Return the links of the rows after a number, as they are stored."""
    found = book.connection.execute(
        select(AUDIT.c.n, AUDIT.c.sm3, AUDIT.c.tag).where(AUDIT.c.n > after).order_by(AUDIT.c.n).limit(limit)
    )
    return tuple(Link(row.n, row.sm3, row.tag) for row in found)


def rows(book: Book, last: int) -> tuple[AuditRow, ...]:
    """Return the last rows, oldest first; those of before the anchored chain are not among them."""
    shown = (AUDIT.c.n, AUDIT.c.at, AUDIT.c.actor, AUDIT.c.event, AUDIT.c.op_id, AUDIT.c.result, AUDIT.c.detail)
    found = book.connection.execute(select(*shown).order_by(AUDIT.c.n.desc()).limit(last)).all()
    return tuple(AuditRow(*row) for row in reversed(found))
