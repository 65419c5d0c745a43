"""Saving a command's rows against a bare insert, and searching against a bare indexed select, in one run."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlcipher3 import dbapi2

from app.catalogue import services
from app.domain.clock import SystemClock, moment
from app.domain.op_id import new_op_id
from app.domain.operation import Destination, Operation, OperationKind, canonical_json
from app.journal.digest import derive_keys
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.reading import JournalReader, read_only
from app.journal.search_tokens import Findable, SearchKind, token_for
from app.journal.transaction import Transaction
from app.services.doorway import Done, Doorway
from app.training.material import load as load_material
from app.training.people import make_people
from tests.unit.services.people import clerk

CLOCK = SystemClock()
PAYLOAD = canonical_json(
    {
        "card_id": "350100D15600000500AABBCCDD112233",
        "card_number": "A12345674",
        "check_id": "0193a1c2-7b00-7000-8000-000000000000",
        "check_reason": None,
        "check_usable": True,
        "citizen_number": "350100199001011239",
        "contact_phone": "19900000000",
        "offline": False,
        "reason": "lost",
    }
)
_BARE = "CREATE TABLE operation (op_id TEXT PRIMARY KEY NOT NULL, payload TEXT NOT NULL, at TEXT NOT NULL) STRICT"
_INDEX = "CREATE TABLE search_index (kind TEXT, token BLOB, ref TEXT, PRIMARY KEY (kind, token, ref)) WITHOUT ROWID"


class Online:
    """The province is there."""

    online = True


@dataclass(frozen=True)
class Race:
    """Seconds of each side, sorted."""

    ours: tuple[float, ...]
    bare: tuple[float, ...]

    def ratio(self, part: float) -> float:
        """Return how many times the bare one's quantile ours is."""
        return at(self.ours, part) / at(self.bare, part)


def at(times: tuple[float, ...], part: float) -> float:
    """Return a quantile of sorted times."""
    return times[min(int(len(times) * part), len(times) - 1)]


def open_journal(folder: Path) -> Journal:
    """Open the journal of a bench."""
    journal = Journal.open(folder, FolderKeyStore(folder, no_ring), CLOCK)
    assert isinstance(journal, Journal), journal
    return journal


def save_race(folder: Path, before: int, saves: int) -> Race:
    """Save by turns into a journal with some rows: a loss as the doorway takes it, and one bare row; both FULL."""
    journal = open_journal(folder)
    doorway = Doorway(journal, services.load().commands, Online())
    actor = clerk()
    with closing(journal), closing(bare_database(folder / f"bare-{before}.db", _BARE)) as bare:
        for start in range(0, before, 500):
            count = min(500, before - start)
            journal.run(lambda tx, n=count: [_take(tx) for _ in range(n)]).result()
        bare.execute("BEGIN")
        bare.executemany("INSERT INTO operation VALUES (?, ?, ?)", [_row() for _ in range(before)])
        bare.execute("COMMIT")
        ours, theirs = [], []
        for _ in range(saves):
            ours.append(_seconds(lambda: doorway.execute("register_temporary_loss", actor, _taken).result()))
            row = _row()
            theirs.append(_seconds(lambda row=row: bare.execute("INSERT INTO operation VALUES (?, ?, ?)", row)))
    return Race(tuple(sorted(ours)), tuple(sorted(theirs)))


def fill_index(folder: Path, rows: int) -> None:
    """Put as many names into the index of a journal, and into a bare database, by one bulk insert each."""
    store = FolderKeyStore(folder, no_ring)
    open_journal(folder).close()
    key = store.load()
    assert key is not None
    index_key = derive_keys(key).search_index
    tokens = sorted((token_for(index_key, SearchKind.NAME, name(number)), op_id(number)) for number in range(rows))
    with (
        closing(dbapi2.connect(str(folder / "journal.db"), isolation_level=None)) as ours,
        closing(bare_database(folder / "index.db", _INDEX)) as bare,
    ):
        ours.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        for connection in (ours, bare):
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO search_index VALUES ('name', ?, ?)", tokens)
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def search_race(folder: Path, rows: int, searches: int) -> Race:
    """Search by turns for exact names, a different one each time."""
    store = FolderKeyStore(folder, no_ring)
    key = store.load()
    assert key is not None
    index_key = derive_keys(key).search_index
    reader = read_only(folder, store, CLOCK)
    assert isinstance(reader, JournalReader), reader
    chance = random.Random(7)
    ours, theirs = [], []
    with closing(reader), closing(dbapi2.connect(str(folder / "index.db"), isolation_level=None)) as bare:
        ask = "SELECT ref FROM search_index WHERE kind = 'name' AND token = ? ORDER BY ref DESC LIMIT 50"
        for _ in range(searches):
            number = chance.randrange(rows)
            found: list[object] = []
            ours.append(_seconds(lambda n=number, f=found: f.append(_search(reader, name(n)))))
            token = token_for(index_key, SearchKind.NAME, name(number))
            theirs.append(_seconds(lambda t=token, f=found: f.append(bare.execute(ask, (t,)).fetchall())))
            assert found == [(op_id(number),), [(op_id(number),)]]
    return Race(tuple(sorted(ours)), tuple(sorted(theirs)))


def name(number: int) -> str:
    """Return a fictional name that no other number has."""
    return "司马" + "".join(chr(0x4E00 + number // 100**place % 100) for place in range(4))


def op_id(number: int) -> str:
    """Return the id of a fictional operation."""
    return f"0193a1c2-7b00-7000-8000-{number:012d}"


def bare_database(file: Path, table: str) -> dbapi2.Connection:
    """Make a plain SQLite file as durable as the journal."""
    connection = dbapi2.connect(str(file), isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(table)
    return connection


def _search(reader: JournalReader, typed: str) -> tuple[str, ...]:
    return reader.read(lambda tx: tx.search(SearchKind.NAME, typed))


@cache
def _names() -> tuple[str, ...]:
    """Return names as people have them: of as many characters, and with as many readings."""
    return tuple(person.name for person in make_people(7, 1000, load_material()))


def _take(tx: Transaction) -> Operation:
    number = f"35010019900101{random.randrange(10**4):04d}"
    operation = Operation(
        new_op_id(CLOCK.now()),
        OperationKind.TEMPORARY_LOSS,
        tx.person_ref(number, number),
        PAYLOAD,
        moment(CLOCK),
        "0317",
        tx.next_acceptance_no("350102", "2026-11-22"),
        7,
    )
    tx.enqueue(operation, (Destination.PROVINCE,), Findable((random.choice(_names()),), (number, f"A{number[-8:]}")))
    return operation


def _taken(tx: Transaction) -> Done[str]:
    taken = _take(tx)
    return Done(taken.op_id, taken.op_id)


def _row() -> tuple[str, str, str]:
    now = CLOCK.now()
    return new_op_id(now), PAYLOAD, now.isoformat()


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
