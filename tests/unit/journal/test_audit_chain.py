"""The audit chain: every edit, removal, swap and cut is found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.journal.journal import Journal

COLUMNS = ("at", "actor", "event", "op_id", "result", "detail", "prev_sm3", "sm3")


@pytest.fixture
def loose(journal: Journal, do: Callable, raw: Callable) -> Callable:
    """A chain of twelve rows, and a hand that may write past the triggers."""
    for number in range(12):
        do(
            lambda tx, n=number: tx.audit(
                "loss.temporary", "0007", "done", None if n % 3 else f"op-{n}", {"reason": "丢失", "n": str(n)}
            )
        )
    connection = raw()
    for trigger in ("audit_no_update", "audit_no_delete"):
        connection.execute(f"DROP TRIGGER {trigger}")
    return connection.execute


def test_whole_chain_is_good(loose: Callable, do: Callable) -> None:
    assert do(lambda tx: tx.verify()).__dict__ == {"rows": 12, "ok": True, "first_bad": None}


def test_empty_chain_is_good(do: Callable) -> None:
    assert do(lambda tx: tx.verify()).__dict__ == {"rows": 0, "ok": True, "first_bad": None}


def test_every_single_byte_edit_of_a_row_is_found(loose: Callable, do: Callable, journal: Journal) -> None:
    edits = 0
    for column in COLUMNS:
        (stored,) = loose(f"SELECT CAST({column} AS BLOB) FROM audit WHERE n = 4").fetchone()
        for place in range(len(stored)):
            edited = bytearray(stored)
            edited[place] ^= 1 + place % 255
            loose(f"UPDATE audit SET {column} = CAST(? AS TEXT) WHERE n = 4", (bytes(edited),))
            found = do(lambda tx: tx.verify())
            assert (found.rows, found.ok, found.first_bad) == (12, False, 4), (column, place)
            edits += 1
        loose(f"UPDATE audit SET {column} = CAST(? AS TEXT) WHERE n = 4", (stored,))
    assert edits > 200
    assert do(lambda tx: tx.verify()).ok


@pytest.mark.parametrize(
    ("edit", "first_bad"),
    [
        ("DELETE FROM audit WHERE n = 1", 1),
        ("DELETE FROM audit WHERE n = 7", 7),
        ("DELETE FROM audit WHERE n = 12", 12),
        ("DELETE FROM audit WHERE n > 3", 4),
        ("DELETE FROM audit", 1),
        ("UPDATE audit SET op_id = NULL WHERE n = 7", 7),
        ("UPDATE audit SET op_id = '' WHERE n = 5", 5),
        ("UPDATE audit SET n = 0 WHERE n = 1", 0),
        ("UPDATE audit SET n = 13 WHERE n = 12", 12),
        (
            "INSERT INTO audit SELECT 13, at, actor, event, op_id, result, detail, prev_sm3, sm3"
            " FROM audit WHERE n = 12",
            13,
        ),
        ("UPDATE audit SET event = event || result, result = '' WHERE n = 2", 2),
        ("DELETE FROM audit_head", 13),
        ("UPDATE audit_head SET n = 11", 13),
    ],
)
def test_edits_of_the_chain_are_found(loose: Callable, do: Callable, edit: str, first_bad: int) -> None:
    loose(edit)
    found = do(lambda tx: tx.verify())
    assert (found.ok, found.first_bad) == (False, first_bad)


def test_swapped_rows_are_found(loose: Callable, do: Callable) -> None:
    loose("UPDATE audit SET n = CASE n WHEN 3 THEN -4 WHEN 4 THEN -3 END WHERE n IN (3, 4)")
    loose("UPDATE audit SET n = -n WHERE n < 0")
    assert do(lambda tx: tx.verify()).first_bad == 3
