"""The audit chain: every edit, removal, swap, insertion and cut is found, and old keys are gone."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from app.domain.audit import (
    EPOCH_ROWS,
    NOTHING,
    Link,
    epoch_of,
    first_false_tag,
    key_after,
    next_key,
    read_chain,
    row_sm3,
    tag_of,
)
from app.journal.audit_verify import ALTERED, KEY_WRONG, MISSING, Verification
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore

COLUMNS = ("entry", "sm3", "tag")
TYPES = {"entry": "TEXT", "sm3": "BLOB", "tag": "BLOB"}
REST = {"anchored_rows": 0, "exposed_rows": 12}


def write(do: Callable, rows: int) -> None:
    """Append rows that differ."""

    def append(tx) -> None:
        for number in range(rows):
            op_id = None if number % 3 else f"op-{number}"
            tx.audit("loss.temporary", "0007", "done", op_id, {"reason": "丢失", "n": str(number)})

    do(append)


@dataclass
class Loose:
    """A hand that may write past the triggers, as somebody who has the journal's key."""

    execute: Callable
    do: Callable

    def verify(self) -> Verification:
        return self.do(lambda tx: tx.verify())

    def found(self, *statements: object) -> Verification:
        """Return what is found after some statements, which are then undone."""
        self.execute("BEGIN IMMEDIATE")
        before = {table: self.execute(f"SELECT * FROM {table}").fetchall() for table in ("audit_head", "audit_key")}
        rows = self.execute("SELECT n, entry, sm3, tag FROM audit").fetchall()
        self.execute("COMMIT")
        for statement in statements:
            self.execute(*statement) if isinstance(statement, tuple) else self.execute(statement)
        found = self.verify()
        self.execute("DELETE FROM audit")
        for row in rows:
            self.execute("INSERT INTO audit (n, entry, sm3, tag) VALUES (?, ?, ?, ?)", row)
        for table, kept in before.items():
            self.execute(f"DELETE FROM {table}")
            self.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(kept[0]))})", kept[0])
        return found


@pytest.fixture
def loosened(journal: Journal, do: Callable, raw: Callable) -> Loose:
    connection = raw()
    connection.execute("PRAGMA synchronous = OFF")
    for trigger in ("audit_no_update", "audit_no_delete"):
        connection.execute(f"DROP TRIGGER {trigger}")
    return Loose(connection.execute, do)


@pytest.fixture
def loose(loosened: Loose) -> Loose:
    write(loosened.do, 12)
    return loosened


def test_whole_chain_is_good(loose: Loose) -> None:
    assert loose.verify() == Verification(12, True, None, None, **REST)


def test_empty_chain_is_good(do: Callable) -> None:
    assert do(lambda tx: tx.verify()) == Verification(0, True, None)


def edits(stored: bytes) -> Iterator[tuple[int, bytes]]:
    """Give a stored value with one byte changed, for each of its bytes."""
    for place in range(len(stored)):
        edited = bytearray(stored)
        edited[place] ^= 1 + place % 255
        yield place, bytes(edited)


def test_every_single_byte_edit_of_a_row_in_the_file_is_found(loose: Loose) -> None:
    count = 0
    for column in COLUMNS:
        (stored,) = loose.execute(f"SELECT CAST({column} AS BLOB) FROM audit WHERE n = 4").fetchone()
        for place, edited in edits(stored):
            loose.execute(f"UPDATE audit SET {column} = CAST(? AS {TYPES[column]}) WHERE n = 4", (edited,))
            found = loose.verify()
            assert (found.rows, found.ok, found.first_bad, found.reason) == (12, False, 4, ALTERED), (column, place)
            count += 1
        loose.execute(f"UPDATE audit SET {column} = CAST(? AS {TYPES[column]}) WHERE n = 4", (stored,))
    assert count > 150
    assert loose.verify().ok


Row = tuple[int, bytes, bytes, bytes]


def stored_rows(loose: Loose) -> list[Row]:
    return loose.execute("SELECT n, CAST(entry AS BLOB), sm3, tag FROM audit ORDER BY n").fetchall()


def first_bad(row: Row, rest: list[Row], before: bytes, keys: dict[int, bytes]) -> int | None:
    """Read a chain as `journal verify` does, from a row on; with every epoch's key, as the province."""
    rows = [row, *rest]
    chain = read_chain(((number, entry, sm3) for number, entry, sm3, _tag in rows), row[0] - 1, before).first_bad
    tagged = first_false_tag([Link(row[0], row[2], row[3])], keys[epoch_of(1, row[0])])
    return min((number for number in (chain, tagged) if number is not None), default=None)


def missed_edits(rows: list[Row], first_key: bytes) -> tuple[int, int]:
    """Edit every byte of every row, one at a time; returns how many edits there were and how many were missed.

    The chain is a fold, so what stands before the edited row needs to be read once only, and the row after it shows
    that reading goes on. Tags of old epochs are what only the province can check: it does so here.
    """
    keys = {epoch: key_after(first_key, epoch) for epoch in range(1 + epoch_of(1, len(rows)))}
    count, missed, before = 0, 0, NOTHING
    for index, (number, *values) in enumerate(rows):
        rest = rows[index + 1 : index + 2]
        assert first_bad(rows[index], rest, before, keys) is None
        for part, stored in enumerate(values):
            for _place, edited in edits(stored):
                changed = (number, *values[:part], edited, *values[part + 1 :])
                count, missed = count + 1, missed + (first_bad(changed, rest, before, keys) != number)
        before = values[1]
    return count, missed


@pytest.mark.parametrize("rows", [100, pytest.param(3000, marks=pytest.mark.long)])
def test_every_single_byte_edit_of_every_row_is_found(loosened: Loose, rows: int) -> None:
    ((first_key,),) = loosened.execute("SELECT first_key FROM audit_key").fetchall()
    write(loosened.do, rows)
    stored = stored_rows(loosened)
    assert len(stored) == rows
    count, missed = missed_edits(stored, first_key)
    assert count > 150 * rows
    assert missed == 0


@pytest.mark.parametrize("number", range(1, 13))
def test_every_row_that_is_removed_swapped_or_inserted_is_found(loose: Loose, number: int) -> None:
    removed = loose.found(f"DELETE FROM audit WHERE n = {number}")
    assert (removed.rows, removed.first_bad, removed.reason) == (11, number, MISSING)
    inserted = loose.found(
        f"UPDATE audit SET n = -n WHERE n >= {number}",
        "UPDATE audit SET n = 1 - n WHERE n < 0",
        f"INSERT INTO audit (n, entry, sm3, tag) SELECT {number}, entry, sm3, tag FROM audit WHERE n = {number + 1}",
        "UPDATE audit_head SET n = 13",
    )
    # The first of two rows that are alike is the true one.
    assert (inserted.rows, inserted.first_bad) == (13, number + 1)
    if number < 12:
        swapped = loose.found(
            f"UPDATE audit SET n = -n WHERE n IN ({number}, {number + 1})",
            f"UPDATE audit SET n = {2 * number + 1} + n WHERE n < 0",
        )
        assert (swapped.rows, swapped.first_bad, swapped.reason) == (12, number, ALTERED)
    assert loose.verify().ok


@pytest.mark.parametrize(
    ("edit", "first_bad", "reason"),
    [
        ("DELETE FROM audit WHERE n > 3", 4, MISSING),
        ("DELETE FROM audit", 1, MISSING),
        ("UPDATE audit SET entry = json_set(entry, '$.op_id', NULL) WHERE n = 7", 7, ALTERED),
        ("UPDATE audit SET n = 0 WHERE n = 1", 0, ALTERED),
        ("UPDATE audit SET n = 13 WHERE n = 12", 12, MISSING),
        ("UPDATE audit SET n = -9223372036854775808 WHERE n = 5", -9223372036854775808, ALTERED),
        ("INSERT INTO audit (n, entry, sm3, tag) SELECT 13, entry, sm3, tag FROM audit WHERE n = 12", 13, ALTERED),
        ("INSERT INTO audit (n, entry, sm3, tag) SELECT 0, entry, sm3, tag FROM audit WHERE n = 12", 0, ALTERED),
        ("DELETE FROM audit_head", 13, MISSING),
        ("UPDATE audit_head SET n = 11", 13, MISSING),
        ("UPDATE audit_head SET sm3 = zeroblob(32)", 13, MISSING),
        ("DELETE FROM audit_key", 1, ALTERED),
        ("UPDATE audit_key SET key = zeroblob(32)", 1, ALTERED),
        ("UPDATE audit_key SET epoch = 1", 1, KEY_WRONG),
        ("DROP TRIGGER audit_start_no_delete; DELETE FROM audit_start", 1, MISSING),
        ("DROP TRIGGER audit_start_no_update; UPDATE audit_start SET sm3 = randomblob(32)", 1, ALTERED),
        ("DROP TRIGGER audit_start_no_update; UPDATE audit_start SET n = 3", 1, ALTERED),
    ],
)
def test_edits_of_the_chain_and_what_stands_around_it_are_found(
    loose: Loose, edit: str, first_bad: int, reason: str
) -> None:
    for statement in edit.split("; "):
        loose.execute(statement)
    found = loose.verify()
    assert (found.ok, found.first_bad, found.reason) == (False, first_bad, reason)


def test_whoever_has_the_file_without_its_key_cannot_go_on_with_the_chain(loose: Loose) -> None:
    *_, (number, _entry, last, _tag) = stored_rows(loose)
    digest = row_sm3(last, number + 1, b"{}")
    tag = tag_of(secrets.token_bytes(32), number + 1, digest)
    loose.execute("INSERT INTO audit (n, entry, sm3, tag) VALUES (?, '{}', ?, ?)", (number + 1, digest, tag))
    loose.execute("UPDATE audit_head SET n = ?, sm3 = ?", (number + 1, digest))
    assert loose.verify().first_bad == 13


def test_the_columns_are_read_out_of_what_is_chained(loose: Loose) -> None:
    row = loose.execute("SELECT actor, event, op_id, result, detail FROM audit WHERE n = 4").fetchone()
    assert row == ("0007", "loss.temporary", "op-3", "done", '{"n":"3","reason":"丢失"}')


def all_values(execute: Callable) -> list[bytes]:
    tables = [name for (name,) in execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = (row for table in tables for row in execute(f"SELECT * FROM {table}"))
    return [value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row]


def decrypted_pages(file: Path, key: bytes) -> bytes:
    """Decrypt an SQLCipher 4 file by its raw key: AES-256-CBC, 80 bytes at the end of each page, the IV first."""
    pages = [file.read_bytes()[start : start + 4096] for start in range(0, file.stat().st_size, 4096)]
    plain = b""
    for number, page in enumerate(pages):
        decryptor = Cipher(AES(key), CBC(page[-80:-64])).decryptor()
        plain += decryptor.update(page[16 if number == 0 else 0 : -80])
    return plain


def test_old_keys_are_gone_and_the_new_one_follows(loosened: Loose, journal: Journal, folder, key_store) -> None:
    write(loosened.do, EPOCH_ROWS)
    ((epoch, first, kept),) = loosened.execute("SELECT epoch, key, first_key FROM audit_key").fetchall()
    assert (epoch, kept) == (0, first)
    write(loosened.do, 1)
    assert loosened.execute("SELECT epoch, key FROM audit_key").fetchall() == [(1, next_key(first))]
    loosened.do(lambda tx: tx.anchors.keep_device_key(b"private", b"public"))
    loosened.do(lambda tx: tx.anchors.enrolled(b"province"))
    write(loosened.do, 2 * EPOCH_ROWS)
    gone = [key_after(first, epoch) for epoch in range(3)]
    present = key_after(first, 3)
    values = all_values(loosened.execute)
    assert present in values
    assert not [key for key in gone for value in values if key in value or key.hex().encode() in value.lower()]
    assert loosened.verify() == Verification(3 * EPOCH_ROWS + 1, True, None, None, 0, 3 * EPOCH_ROWS + 1)
    journal.close()
    loosened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = decrypted_pages(folder / "journal.db", _key(key_store))
    assert present in pages
    assert not [key for key in gone if key in pages]


def _key(store: FolderKeyStore) -> bytes:
    key = store.load()
    assert key is not None
    return key


def test_a_crash_between_epochs_leaves_the_old_key(loosened: Loose) -> None:
    write(loosened.do, EPOCH_ROWS)
    before = loosened.execute("SELECT * FROM audit_key").fetchall()

    def fail(tx) -> None:
        tx.audit("test", "0007", "done")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        loosened.do(fail)
    assert loosened.execute("SELECT * FROM audit_key").fetchall() == before
    assert loosened.verify().ok
