"""What the table of sealed columns names is stored in envelopes only; one that was touched is named, never shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import BLOB

from app.domain.operation import Destination, OperationKind, Outcome, canonical_json
from app.domain.refusal import Refusal
from app.journal import saga_tables
from app.journal.journal import Journal
from app.journal.saga_plan import AskTwo
from app.journal.saga_rows import NewSaga
from app.journal.saga_values import Act, Question, Verdict
from app.journal.sealed_columns import SEALED
from app.journal.tables import METADATA
from app.journal.trouble import JournalRefused
from app.journal.two_person_tasks import Settlement
from tests.unit.journal.scenery import StillClock, operation

PROVINCE = Destination.PROVINCE
NAME, NUMBER = "司马相如", "350102199001011239"
SECRET = f"{NAME} {NUMBER}"


def fill(do: Callable, clock: StillClock) -> list[str]:
    """Write something personal into every sealed column, twice; returns the op_ids."""
    made = []
    for turn in range(2):
        wanted = replace(operation(clock, f"p{turn}"), payload=canonical_json({"citizen_number": NUMBER, "n": NAME}))
        op_id = wanted.op_id
        do(lambda tx, w=wanted: tx.enqueue(w, (PROVINCE,)))
        do(lambda tx, o=op_id: tx.settle(o, PROVINCE, Outcome.REJECTED, "OP-REFUSED", SECRET))
        do(lambda tx, o=op_id: tx.save_receipt(f"job-{o}", o, "title", SECRET.encode()))
        do(
            lambda tx, o=op_id, t=turn: tx.sagas.begin(
                NewSaga(o, "formal_loss", 1, f"p{t}", {"holder": SECRET}, "1"), 0
            )
        )
        do(lambda tx, o=op_id: tx.sagas.ask_two(o, "bank_loss", AskTwo(0, Act.DO, 1, Question.MAY_BEGIN, "REASON")))
        (task,) = do(lambda tx, o=op_id: tx.sagas.tasks(o))
        said = Settlement("350102199001011255", "350102199001011271", Verdict.NO, SECRET)
        assert do(lambda tx, t=task, s=said: tx.sagas.close_task(t, s)) is None
        made.append(op_id)
    assert do(lambda tx: tx.close_task(made[0], "0007", SECRET))
    return made


def test_the_table_names_columns_of_bytes_in_tables_with_a_key() -> None:
    assert saga_tables.SAGA.name in SEALED
    for name, columns in SEALED.items():
        table = METADATA.tables[name]
        assert list(table.primary_key.columns)
        for column in columns:
            assert isinstance(table.c[column].type, BLOB)
            assert not table.c[column].primary_key


def test_what_is_stored_says_nothing_even_to_who_has_the_files_key(
    do: Callable, clock: StillClock, raw: Callable
) -> None:
    fill(do, clock)
    connection = raw()
    for name, columns in SEALED.items():
        for column in columns:
            stored = [v for (v,) in connection.execute(f"SELECT {column} FROM {name}").fetchall() if v is not None]
            assert stored, (name, column)
            assert all(value[:5] == b"\x01\0\0\0\x01" for value in stored)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
    everything = b"".join(
        value if isinstance(value, bytes) else str(value).encode()
        for table in tables
        for row in connection.execute(f"SELECT * FROM {table}").fetchall()
        for value in row
    )
    assert NAME.encode() not in everything
    assert NUMBER.encode() not in everything


def test_what_was_sealed_is_read_again(do: Callable, clock: StillClock) -> None:
    first, second = fill(do, clock)
    assert do(lambda tx: tx.operation(first)).payload == canonical_json({"citizen_number": NUMBER, "n": NAME})
    (task,) = do(lambda tx: tx.tasks())
    assert (task.op_id, task.message) == (second, SECRET)
    assert do(lambda tx: tx.receipts_of(first))[0].pdf == SECRET.encode()
    assert do(lambda tx: tx.sagas.view(first)).saga.input == {"holder": SECRET}


READERS = {
    ("operation", "payload"): lambda tx, op_id: tx.operation(op_id),
    ("task", "message"): lambda tx, _op_id: tx.tasks(),
    ("saga", "input"): lambda tx, op_id: tx.sagas.view(op_id),
    ("receipt", "pdf"): lambda tx, op_id: tx.receipts_of(op_id),
}
"""The columns that the program reads again; the others are kept for whoever settles a dispute."""


def refused(do: Callable, reader: Callable, op_id: str) -> Refusal:
    with pytest.raises(JournalRefused) as found:
        do(lambda tx: reader(tx, op_id))
    return found.value.refusal


@pytest.fixture
def loose(do: Callable, clock: StillClock, raw: Callable) -> Callable:
    connection = raw()
    for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {trigger}")
    return lambda *statement: connection.execute(*statement).fetchall()


@pytest.mark.parametrize(("table", "column"), READERS)
def test_swapped_envelopes_are_found_and_their_row_named(
    do: Callable, clock: StillClock, loose: Callable, table: str, column: str
) -> None:
    fill(do, clock)
    one, two = loose(f"SELECT rowid, {column} FROM {table} ORDER BY rowid")
    loose(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (two[1], one[0]))
    loose(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (one[1], two[0]))
    ((op_id, key),) = loose(
        f"SELECT {'saga_id' if table == 'saga' else 'op_id'},"
        f" {'job_id' if table == 'receipt' else 'saga_id' if table == 'saga' else 'op_id'} FROM {table}"
        " ORDER BY rowid DESC LIMIT 1"
    )
    found = refused(do, READERS[table, column], op_id)
    assert (found.code, dict(found.facts)["table"]) == ("JOURNAL-DAMAGED", table)
    assert dict(found.facts)["row"].startswith(key)


@pytest.mark.parametrize(("table", "column"), READERS)
def test_every_edited_byte_is_found(do: Callable, clock: StillClock, loose: Callable, table: str, column: str) -> None:
    _first, second = fill(do, clock)
    loose("PRAGMA synchronous = OFF")
    ((rowid, stored),) = loose(f"SELECT rowid, {column} FROM {table} ORDER BY rowid DESC LIMIT 1")
    for place in range(len(stored)):
        edited = bytearray(stored)
        edited[place] ^= 1 + place % 255
        loose(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (bytes(edited), rowid))
        assert refused(do, READERS[table, column], second).code == "JOURNAL-DAMAGED", place


def test_a_payload_sealed_by_who_has_the_key_is_found_by_its_digest(
    journal: Journal, do: Callable, clock: StillClock, loose: Callable
) -> None:
    from app.journal.envelope import Place, seal

    first, _second = fill(do, clock)
    forged = do(lambda _tx: seal(journal._book.data_keys.active(), Place("operation", (first,), "payload"), b"{}"))
    loose("UPDATE operation SET payload = ? WHERE op_id = ?", (forged, first))
    assert refused(do, READERS["operation", "payload"], first) == Refusal.of(
        "JOURNAL-DAMAGED", table="operation", row=first
    )


def test_a_key_made_in_what_is_rolled_back_seals_nothing(journal: Journal, do: Callable, clock: StillClock) -> None:
    def rotate_and_fall(tx) -> None:
        journal._book.data_keys.make("2026-11-22T09:00:00.000000+00:00")
        assert journal._book.data_keys.active().key_id == 2
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        do(rotate_and_fall)
    wanted = operation(clock, "p", OperationKind.INTAKE)
    do(lambda tx: tx.enqueue(wanted, (PROVINCE,)))
    assert do(lambda _tx: journal._book.data_keys.active()).key_id == 1
    assert do(lambda tx: tx.operation(wanted.op_id)) == wanted
