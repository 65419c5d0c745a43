"""The copier: one thread that carries what has changed in the journal to the second place; no commit waits for it.

A step is everything that changed up to one moment, read in one snapshot through a connection of its own: so each whole
step brings the copy to a state that the journal really had. A first copy, and one of another schema, is a generation
of its own, whose first step is every row; the generation before is taken away when that step is kept for sure.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Connection, Select, literal_column, select, table

from app.domain.clock import Clock
from app.domain.refusal import Refusal
from app.domain.trace import trace_of
from app.journal import change_log, database
from app.journal.change_log import CopiedTable, CopyLag, Position
from app.journal.database import Access, telling_trouble
from app.journal.fault_point import fault_point
from app.journal.journal import Journal
from app.journal.migrations import SCHEMA
from app.journal.second_place import SecondPlace
from app.journal.segments import Frame, Header, Row, Rows, Sealer, Value
from app.journal.trouble import JournalRefused

PORTION_ROWS = 200
PORTION_BYTES = 256 << 10
LARGEST_SEGMENT = 8 << 20
PACE_S = 0.2
"""Between two steps: what changes meanwhile travels together."""
AWAY_S = 30.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CopySource:
    """The journal as the copier reads it, and what a segment's header says of it."""

    access: Access
    device: str
    key_name: str = ""
    escrow: Callable[[Connection], str] = lambda _connection: ""
    """The journal's key, sealed for the province, hex; empty while it is not enrolled."""


class Copying:
    """Copies step by step; used by one thread. Raises OSError where the place is away, and JournalRefused."""

    def __init__(self, journal: Journal, source: CopySource, place: SecondPlace, clock: Clock) -> None:
        self._journal = journal
        self._source = source
        self._place = place
        self._clock = clock
        self._reader = database.connect(Access(source.access.file, source.access.key, read_only=True))
        self._sealer: Sealer | None = None
        self._segment = (0, 0)
        self._size = 0
        self._first_step = 0
        """Bytes of the generation's first step: when the rest is larger, a new generation is smaller."""
        self._total = 0

    def close(self) -> None:
        """Close the connection that reads."""
        self._reader.close()

    def lag(self) -> CopyLag | None:
        """Return what is not copied yet."""
        with telling_trouble(), self._reader.begin():
            return change_log.lag(self._reader, self._clock.now().timestamp())

    def step(self) -> bool:
        """Copy everything that has changed; False when that was nothing."""
        try:
            return self._step()
        except OSError:
            # Whatever comes back there may be another disk: a segment of its own, after a look at what is there.
            self._sealer = None
            raise

    def _step(self) -> bool:
        with telling_trouble(), self._reader.begin():
            position = change_log.read_position(self._reader)
            if position is None:
                return False
            upto, keys = change_log.changes(self._reader)
            replaced = self._replaced(position)
            if replaced is None and not keys:
                return False
            self._tell_province_key()
            if replaced is None:
                frames = self._changed_rows(keys)
            else:
                upto, frames = change_log.last_change(self._reader), self._every_row()
            fault_point("copy_begun")
            self._write(frames)
        if replaced is not None:
            self._first_step = self._total
        fault_point("copy_written")
        kept = Position(*self._segment, self._size, SCHEMA)
        self._journal.run(lambda tx: tx.copied(upto, kept), label="copied").result()
        for generation in replaced or ():
            fault_point("copy_replaces")
            self._place.remove(generation)
        return True

    def _replaced(self, position: Position) -> tuple[int, ...] | None:
        """Find a segment to write into; returns the generations that a new one is to replace, None to go on."""
        grown = self._total > LARGEST_SEGMENT + 2 * self._first_step
        if self._sealer is not None and not grown and position.schema_ver == SCHEMA:
            return None
        there = self._place.segments()
        if self._sealer is None and self._goes_on(position, there):
            return None
        generations = tuple(sorted({generation for generation, _number in there}))
        self._total = 0
        self._open((max((*generations, position.generation)) + 1, 1), 0, 0)
        return generations

    def _goes_on(self, position: Position, there: Sequence[tuple[int, int]]) -> bool:
        """Go on with a copy that is whole, in a new segment; False where it is not, or another one was begun."""
        mine = [(position.generation, number) for number in range(1, position.segment + 1)]
        if not mine or position.schema_ver != SCHEMA or not set(mine) <= set(there):
            return False
        if there[-1][0] != position.generation or self._place.size(mine[-1]) < position.size:
            return False
        self._first_step = self._first_step or self._place.size(mine[0])
        self._total = sum(self._place.size(segment) for segment in there if segment[0] == position.generation)
        # Behind whatever is there: a crash may have left a segment that the journal does not know of.
        self._open((position.generation, there[-1][1] + 1), position.segment, position.size)
        return True

    def _tell_province_key(self) -> None:
        """Go on in a segment whose header the province can open, once there is one that may."""
        sealer = self._sealer
        if sealer is not None and not sealer.header.escrow and self._source.escrow(self._reader):
            self._open((self._segment[0], self._segment[1] + 1), self._segment[1], self._size)

    def _open(self, segment: tuple[int, int], after: int, after_size: int) -> None:
        source = self._source
        header = Header(
            *segment,
            after=after,
            after_size=after_size,
            schema_ver=SCHEMA,
            machine_id=self._journal.machine_id,
            incarnation=self._journal.incarnation,
            device=source.device,
            made_at=self._clock.now().isoformat(timespec="seconds"),
            key_name=source.key_name,
            escrow=source.escrow(self._reader),
        )
        self._sealer = Sealer.of(header, source.access.key)
        self._segment = segment
        self._append(self._sealer.start)

    def _write(self, frames: Iterator[Frame]) -> None:
        for frame in frames:
            if self._size > LARGEST_SEGMENT:
                generation, number = self._segment
                self._open((generation, number + 1), number, self._size)
            assert self._sealer is not None
            self._append(self._sealer.seal(frame))

    def _append(self, content: bytes) -> None:
        self._size = self._place.append(self._segment, content)
        self._total += len(content)

    def _every_row(self) -> Iterator[Frame]:
        for copied in change_log.copied_tables(self._reader):
            rows: list[Row] = []
            size = 0
            for key, values in _read(self._reader, copied):
                rows.append((key, values))
                size += _bytes_of(values)
                if size > PORTION_BYTES:
                    yield Frame([_rows(copied, rows)], False)
                    rows, size = [], 0
            yield Frame([_rows(copied, rows)], False)
        yield Frame([], True)

    def _changed_rows(self, keys: Mapping[str, tuple[str, ...]]) -> Iterator[Frame]:
        parts: list[Rows] = []
        size = 0
        for copied in change_log.copied_tables(self._reader):
            wanted = keys.get(copied.name, ())
            for start in range(0, len(wanted), PORTION_ROWS):
                if size > PORTION_BYTES:
                    yield Frame(parts, False)
                    parts, size = [], 0
                portion = wanted[start : start + PORTION_ROWS]
                there = dict(_read(self._reader, copied, portion))
                parts.append(_rows(copied, [(key, there.get(key)) for key in portion]))
                size += sum(map(_bytes_of, there.values()))
        yield Frame(parts, True)


class Copier:
    """Copies in the background until stopped. The watchers are called on its thread."""

    def __init__(
        self,
        make: Callable[[], Copying],
        on_lag: Callable[[CopyLag], None],
        on_trouble: Callable[[Refusal], None],
        away_s: float = AWAY_S,
    ) -> None:
        """Prepare a copier; `make` is called on its thread, which alone may use what it makes."""
        self._make = make
        self._on_lag = on_lag
        self._on_trouble = on_trouble
        self._away_s = away_s
        self._away = False
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="copier", daemon=True)

    def start(self) -> None:
        """Start the thread; the first step follows at once."""
        self._wake.set()
        self._thread.start()

    def wake(self) -> None:
        """Say that the journal has committed something; costs the caller nothing."""
        self._wake.set()

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Copy what is left, if the place is there, and end the thread; False when it still hangs on the place."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        """Go on after a defect too: what was not copied is somebody's only record when the disk dies."""
        while True:
            try:
                copying = self._make()
                try:
                    self._loop(copying)
                finally:
                    copying.close()
            except JournalRefused as refused:
                if refused.refusal.code != "JOURNAL-CLOSED":
                    self._on_trouble(refused.refusal)
            except Exception as defect:  # noqa: BLE001 - any defect is logged and told, and copying goes on
                self._tell(defect)
            if self._stopping.wait(self._away_s):
                return

    def _tell(self, defect: Exception) -> None:
        # Without the exception's message, which may repeat what was copied.
        log.error("copying failed: %s", trace_of(defect))
        self._on_trouble(Refusal("SECOND-PLACE-STUMBLED"))

    def _loop(self, copying: Copying) -> None:
        told = True
        while True:
            self._wake.wait(self._away_s if self._away else None)
            self._wake.clear()
            last = self._stopping.is_set()
            try:
                told = copying.step() or told or self._away
                self._away = False
            except OSError:
                told, fresh, self._away = True, not self._away, True
                if fresh:
                    self._on_trouble(Refusal("SECOND-PLACE-AWAY"))
            lag = copying.lag() if told else None
            if lag is not None:
                self._on_lag(lag)
            told = False
            if last:
                return
            self._stopping.wait(self._away_s if self._away else PACE_S)


def _read(
    connection: Connection, copied: CopiedTable, keys: Sequence[str] | None = None
) -> Iterator[tuple[str, Sequence[Value]]]:
    """Read rows by their keys, or all of a table: key and values as they are stored."""
    named = " || ',' || ".join(f'quote("{column}")' for column in copied.key)
    stored: list[ColumnElement[Value]] = [literal_column(f'"{column}"') for column in copied.columns]
    query: Select[Any] = select(literal_column(named)).add_columns(*stored).select_from(table(copied.name))
    if keys is not None:
        names = ", ".join(f'"{column}"' for column in copied.key)
        # Keys are literals that SQLite's own quote() wrote.
        wanted = f"({names}) IN (VALUES {', '.join(f'({key})' for key in keys)})"
        query = query.where(literal_column(wanted, Boolean))
    for row in connection.execute(query).yield_per(PORTION_ROWS):
        yield str(row[0]), list(row[1:])


def _rows(copied: CopiedTable, rows: Sequence[Row]) -> Rows:
    return Rows(copied.name, copied.columns, copied.key, rows)


def _bytes_of(values: Sequence[Value]) -> int:
    return sum(len(value) if isinstance(value, str | bytes) else 8 for value in values)
