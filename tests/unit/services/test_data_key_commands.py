"""The security administrator's commands, and searching, through a real doorway."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.catalogue import services
from app.catalogue.services import SecondPerson
from app.domain.clock import SystemClock
from app.domain.operation import Destination, Outcome, canonical_json
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.search_tokens import Findable, SearchKind
from app.services.data_key_commands import DataKeyCommands
from app.services.doorway import Doorway
from app.services.record_search import RecordSearch
from tests.unit.journal.scenery import StillClock, operation
from tests.unit.journal.test_audit_chain import decrypted_pages
from tests.unit.services.people import clerk

CATALOGUE = services.load()
SECURITY = clerk(CATALOGUE.permissions(["security"]))
NAME, NUMBER = "司马相如", "350102199001011239"


class Offline:
    online = False


@pytest.fixture
def key_store(tmp_path: Path) -> FolderKeyStore:
    return FolderKeyStore(tmp_path, no_ring)


@pytest.fixture
def journal(tmp_path: Path, key_store: FolderKeyStore) -> Iterator[Journal]:
    opened = Journal.open(tmp_path, key_store, SystemClock())
    assert isinstance(opened, Journal)
    yield opened
    opened.close()


def doorway(journal: Journal, second: SecondPerson = SecondPerson.NONE) -> Doorway:
    """Return the doorway; what takes two persons may be done as if they had both been there."""
    rows = {name: dataclasses.replace(row, second_person=second) for name, row in CATALOGUE.commands.items()}
    return Doorway(journal, rows, Offline(), queries=CATALOGUE.queries)


def last_audit(journal: Journal) -> tuple[str, ...]:
    ask = "SELECT event, result, detail FROM audit ORDER BY n DESC LIMIT 1"
    return tuple(journal.run(lambda tx: tx._book.connection.exec_driver_sql(ask).one()).result())


def take(journal: Journal) -> str:
    wanted = dataclasses.replace(
        operation(StillClock(), "p"), payload=canonical_json({"citizen_number": NUMBER, "name": NAME})
    )
    findable = Findable((NAME,), (NUMBER,))
    journal.run(lambda tx: tx.enqueue(wanted, (Destination.PROVINCE,), findable)).result()
    return wanted.op_id


def test_only_the_security_administrator_rotates(journal: Journal) -> None:
    assert DataKeyCommands(doorway(journal)).rotate(clerk()) == Refusal.of("NOT-PERMITTED", permission="key.rotate")
    assert last_audit(journal)[:2] == ("key.rotate", "denied")
    assert DataKeyCommands(doorway(journal)).rotate(SECURITY) == 2
    assert last_audit(journal) == ("key.rotate", "done", '{"key_id":"2"}')


def test_nobody_erases_alone(journal: Journal, key_store: FolderKeyStore) -> None:
    alone = Doorway(journal, CATALOGUE.commands, Offline())
    assert DataKeyCommands(alone).erase(SECURITY, journal, key_store) == Refusal("SECOND-PERSON-NEEDED")
    assert key_store.load() is not None


def test_nothing_is_erased_while_something_waits(journal: Journal, key_store: FolderKeyStore) -> None:
    op_id = take(journal)
    refused = DataKeyCommands(doorway(journal)).erase(SECURITY, journal, key_store)
    assert refused == Refusal.of("JOURNAL-UNSENT", pending=1, tasks=0)
    assert journal.run(lambda tx: tx.operation(op_id)).result().op_id == op_id


def test_erased_a_journal_is_gone_also_for_who_kept_its_key(
    journal: Journal, tmp_path: Path, key_store: FolderKeyStore
) -> None:
    op_id = take(journal)
    journal.run(lambda tx: tx.settle(op_id, Destination.PROVINCE, Outcome.APPLIED)).result()
    journal.run(lambda tx: tx.save_receipt("job-1", op_id, "title", NAME.encode())).result()
    stolen = key_store.load()
    assert stolen is not None
    ((wrapped,),) = journal.run(
        lambda tx: tx._book.connection.exec_driver_sql("SELECT wrapped FROM data_key").all()
    ).result()
    assert DataKeyCommands(doorway(journal)).erase(SECURITY, journal, key_store) is None
    assert key_store.load() is None
    opened = Journal.open(tmp_path, key_store, SystemClock())
    assert opened == Refusal("JOURNAL-KEY-GONE")
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for gone in (stolen, stolen.hex().encode(), NAME.encode(), NUMBER.encode()):
        assert gone not in everything
    pages = decrypted_pages(tmp_path / "journal.db", stolen)
    assert b"CREATE TABLE" in pages
    for gone in (wrapped, NAME.encode(), NUMBER.encode()):
        assert gone not in pages


def test_a_search_is_audited_and_never_by_its_words(journal: Journal) -> None:
    op_id = take(journal)
    search = RecordSearch(journal, doorway(journal))
    by_clerk = clerk(CATALOGUE.permissions(["clerk"]))
    (found,) = search.find(SearchKind.NAME, NAME, by_clerk)
    assert (found.op_id, found.acceptance_no) == (op_id, "350102-20261122-K7QF2M-00001")
    assert last_audit(journal) == ("record.search", "asked", "{}")
    assert search.find(SearchKind.NUMBER, "350102199001011255", by_clerk) == ()
    assert search.find(SearchKind.NAME, NAME, clerk(frozenset())) == Refusal.of(
        "NOT-PERMITTED", permission="record.search"
    )
    assert last_audit(journal)[:2] == ("record.search", "denied")
