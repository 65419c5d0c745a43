"""Restoring a journal into an empty folder, from the second place's segments or from a back-up file.

The file is made under another name and gets its own at the very end: whatever dies on the way leaves a folder that is
still empty, and the same again may be tried. What comes out is a new incarnation: its own number and machine id, a new
first key of the audit chain, and device numbers far behind those of before, so that none is ever used twice. Nothing is
sent before the province has said what it has of the time before (`reconcile.py`).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from app.domain.clock import Clock
from app.domain.operation import Destination, canonical_json
from app.domain.refusal import Refusal
from app.journal import audit_chain, change_log, database
from app.journal.audit_chain import Entry
from app.journal.audit_verify import verify
from app.journal.book import Book, fact, open_book, set_fact
from app.journal.database import DATABASE_FILE, Access, telling_full, telling_trouble
from app.journal.digest import derive_keys
from app.journal.fault_point import fault_point
from app.journal.migrations import SCHEMA
from app.journal.second_place import keep_names, segment_file, segments_of
from app.journal.segments import Frame, Header, Rows, Value, read_frames, read_header
from app.journal.tables import COUNTER, OPERATION
from app.journal.trouble import JournalRefused

ACTOR = "restore"
RECONCILE = "reconcile"
"""The fact that says what the province has to be asked first; see `reconcile.py`."""
NEW_FILE = f"{DATABASE_FILE}.restoring"
LEAP = 1_000_000
"""More numbers than a machine can have used after its last copy: the next incarnation begins behind them."""
_SEQUENCES = "device_seq/"


@dataclass(frozen=True)
class Restored:
    """What is in the restored file."""

    operations: int
    last_at: str
    """When its last row of the audit chain was written; empty for none."""
    chain_ok: bool
    damaged: bool
    """A segment of the copy lacks what was kept there: this is the state before that."""


def find_copy(source: Path) -> Path | Refusal:
    """Return the folder with the segments: the one that is named, or the only machine's in it.

    Refusals: RESTORE-COPY-NONE, RESTORE-COPY-SEVERAL.
    """
    if segments_of(source):
        return source
    machines = [folder for folder in source.glob("yikatong-*") if segments_of(folder)] if source.is_dir() else []
    if len(machines) > 1:
        return Refusal.of("RESTORE-COPY-SEVERAL", names=", ".join(sorted(folder.name for folder in machines)))
    return machines[0] if machines else Refusal("RESTORE-COPY-NONE")


def header_of(copy: Path) -> Header | None:
    """Return the newest header of a copy that can be read."""
    for segment in reversed(segments_of(copy)):
        found = read_header(segment_file(copy, segment).read_bytes())
        if found is not None:
            return found[0]
    return None


def restore_copy(copy: Path, key: bytes, folder: Path, clock: Clock) -> Restored | Refusal:
    """Make the journal of a folder from the newest copy that is whole.

    Refusals: RESTORE-COPY-NONE (no whole copy), JOURNAL-KEY-WRONG, JOURNAL-TOO-NEW, JOURNAL-DAMAGED, DISK-FULL,
    JOURNAL-DISK-FAILING. Raises OSError where copy or folder cannot be read or written.
    """
    segments = segments_of(copy)
    for generation in sorted({generation for generation, _number in segments}, reverse=True):
        files = [segment_file(copy, segment) for segment in segments if segment[0] == generation]
        try:
            replayed = _replayed(files, Access(fresh_file(folder), key))
        except JournalRefused as refused:
            return refused.refusal
        if isinstance(replayed, Refusal):
            return replayed
        if replayed is not None:
            fault_point("restore_rows")
            return renew(folder, key, clock, damaged=replayed.damaged)
    return Refusal("RESTORE-COPY-NONE")


def renew(folder: Path, key: bytes, clock: Clock, damaged: bool = False) -> Restored | Refusal:
    """Make a new incarnation of what lies in a folder under NEW_FILE, and give it its name."""
    file = folder / NEW_FILE
    try:
        connection = database.connect(Access(file, key))
        try:
            with telling_trouble(), telling_full(folder):
                if not database.is_sound(connection):
                    return Refusal("JOURNAL-DAMAGED")
                with connection.begin():
                    restored = _renewed(open_book(connection, clock, derive_keys(key)), damaged)
        finally:
            connection.close()
    except JournalRefused as refused:
        return refused.refusal
    fault_point("restore_renewed")
    file.replace(folder / DATABASE_FILE)
    keep_names(folder)
    fault_point("restore_named")
    return restored


def fresh_file(folder: Path) -> Path:
    """Make the file that a restore writes, without what an earlier one left."""
    for left in folder.glob(f"{NEW_FILE}*"):
        left.unlink()
    file = folder / NEW_FILE
    file.touch(mode=0o600)
    return file


@dataclass
class _Replay:
    """What became of a generation's segments."""

    schema_ver: int
    steps: int = 0
    damaged: bool = False


def _replayed(files: Sequence[Path], access: Access) -> _Replay | Refusal | None:
    """Write the rows of a generation; None where not even its first step is whole."""
    first = read_header(files[0].read_bytes())
    if first is None:
        return None
    replay = _Replay(first[0].schema_ver)
    if replay.schema_ver > SCHEMA:
        return Refusal.of("JOURNAL-TOO-NEW", schema=replay.schema_ver, program=SCHEMA)
    connection = database.connect(access, replay.schema_ver)
    try:
        with telling_trouble(), telling_full(access.file.parent), connection.begin():
            triggers = _emptied(connection)
            refusal = _write_segments(connection, files, access.key, replay)
            for trigger in triggers:
                connection.exec_driver_sql(trigger)
    finally:
        connection.close()
    if refusal is not None:
        return refusal
    return replay if replay.steps else None


def _emptied(connection: Connection) -> Sequence[str]:
    """Take out every row and trigger; returns what makes the triggers again."""
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for name, _sql in found:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    for table in change_log.copied_tables(connection):
        connection.exec_driver_sql(f'DELETE FROM "{table.name}"')  # noqa: S608 - the file's own table
    return [str(sql) for _name, sql in found]


def _write_segments(connection: Connection, files: Sequence[Path], key: bytes, replay: _Replay) -> Refusal | None:
    sizes: dict[int, int] = {0: 0}
    step = connection.begin_nested()
    for file in files:
        content = file.read_bytes()
        found = read_header(content)
        frames = read_frames(content, key)
        if frames is None:
            step.rollback()
            return Refusal("JOURNAL-KEY-WRONG")
        if found is None:
            continue
        header = found[0]
        if sizes.get(header.after, -1) < header.after_size:
            replay.damaged = True
            break
        sizes[header.number] = found[1]
        for frame, end in frames:
            _write(connection, frame)
            sizes[header.number] = end
            if frame.last:
                step.commit()
                step = connection.begin_nested()
                replay.steps += 1
    step.rollback()
    return None


def _write(connection: Connection, frame: Frame) -> None:
    for part in frame.parts:
        gone = [key for key, values in part.rows if values is None]
        names = ", ".join(f'"{name}"' for name in part.key)
        for key in gone:
            connection.exec_driver_sql(f'DELETE FROM "{part.table}" WHERE ({names}) IN (VALUES ({key}))')  # noqa: S608 - sealed by this program
        rows = [_stored(part, key, values) for key, values in part.rows if values is not None]
        if rows:
            columns = (*part.columns, *(("rowid",) if _by_rowid(part) else ()))
            told = ", ".join(f'"{name}"' for name in columns)
            marks = ", ".join("?" * len(columns))
            connection.exec_driver_sql(f'INSERT OR REPLACE INTO "{part.table}" ({told}) VALUES ({marks})', rows)  # noqa: S608 - sealed by this program


def _by_rowid(part: Rows) -> bool:
    return part.key == ("rowid",)


def _stored(part: Rows, key: str, values: Sequence[Value]) -> tuple[Value, ...]:
    return (*values, int(key)) if _by_rowid(part) else tuple(values)


def _renewed(book: Book, damaged: bool) -> Restored:
    audit_chain.start(book)
    chain = verify(book)
    connection = book.connection
    last_at = connection.exec_driver_sql("SELECT at FROM audit ORDER BY n DESC LIMIT 1").scalar()
    operations = connection.scalar(select(func.count()).select_from(OPERATION)) or 0
    before = fact(book, "incarnation") or ""
    asked = fact(book, RECONCILE)
    # Also where no number was used before the copy was made: some may have been since.
    counters = {row.name: row.value for row in connection.execute(select(COUNTER))}
    last = {name: counters.get(name, 0) for name in (f"{_SEQUENCES}{destination}" for destination in Destination)}
    # Restored twice before the province was asked: it is asked from where the first one began.
    first = {**last, **json.loads(asked)} if asked else last
    set_fact(book, RECONCILE, canonical_json(first))
    for name, value in last.items():
        behind = (value // LEAP + 1) * LEAP
        counter = upsert(COUNTER).values(name=name, value=behind)
        connection.execute(counter.on_conflict_do_update(index_elements=["name"], set_={"value": behind}))
    set_fact(book, "incarnation", str(uuid.uuid4()))
    # Acceptance numbers are told apart by it, and the copy does not know the last ones that were given out.
    set_fact(book, "machine_id", str(uuid.uuid4()))
    set_fact(book, "session", "closed")
    change_log.end(connection)
    audit_chain.start_again(book)
    detail = {"before": before, "chain": "ok" if chain.ok else chain.reason or "", "damaged": str(damaged).lower()}
    audit_chain.append(book, [Entry("journal.restored", ACTOR, "done", None, detail)])
    return Restored(operations, str(last_at or ""), chain.ok, damaged)
