"""Every command of the table leaves exactly one audit row, whatever becomes of it: done, denied, refused, failed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from app.catalogue import services
from app.catalogue.services import CommandRow, OfflineClass, SecondPerson
from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.transaction import Transaction
from app.services.doorway import Done, Doorway
from tests.unit.services.people import clerk

COMMANDS = services.load().commands
OUTCOMES = ("done", "denied", "refused", "failed")


class Failed(Exception):
    """What a handler with a defect raises."""


@dataclasses.dataclass
class Line:
    online: bool = True


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    folder = tmp_path_factory.mktemp("journal")
    opened = Journal.open(folder, FolderKeyStore(folder, no_ring), SystemClock())
    assert isinstance(opened, Journal)
    yield opened
    opened.close()


def last_rows(journal: Journal, after: int) -> list[tuple[str, str, str, str]]:
    """Return event, actor, result and detail of the rows after a number."""
    ask = "SELECT event, actor, result, detail FROM audit WHERE n > ? ORDER BY n"

    def read(tx: Transaction) -> list[tuple[str, str, str, str]]:
        return [tuple(row) for row in tx._book.connection.exec_driver_sql(ask, (after,))]

    return journal.run(read).result()


def handler(outcome: str):
    """Return a handler that ends so; it always writes something first."""

    def handle(tx: Transaction) -> Done[str] | Refusal:
        tx.next_acceptance_no("350102", "2026-11-22")
        if outcome == "refused":
            return Refusal("CARD-SEALED")
        if outcome == "failed":
            raise Failed
        return Done("made", detail=(("kind", "walk"),))

    return handle


def denials(row: CommandRow) -> list[tuple[str, frozenset[str], bool, SecondPerson]]:
    """Return every way in which the table denies a command, by its code: permissions, line, second person."""
    has = frozenset({row.permission})
    ways = [("SECOND-PERSON-NEEDED", has, True, SecondPerson.NOW)]
    if row.permission:
        ways.append(("NOT-PERMITTED", frozenset(), True, SecondPerson.NONE))
    if row.offline is OfflineClass.NEVER:
        ways.append(("OFFLINE-NEVER", has, False, SecondPerson.NONE))
    return ways


def cases() -> Iterator[tuple[str, str, str, frozenset[str], bool, SecondPerson]]:
    for name, row in COMMANDS.items():
        for outcome in ("done", "refused", "failed"):
            yield name, outcome, "", frozenset({row.permission}), True, SecondPerson.NONE
        for code, permissions, online, second in denials(row):
            yield name, "denied", code, permissions, online, second


def test_the_walk_meets_every_command_in_every_outcome() -> None:
    assert {(name, outcome) for name, outcome, *_ in cases()} == {
        (name, outcome) for name in COMMANDS for outcome in OUTCOMES
    }


@pytest.mark.parametrize(("name", "outcome", "code", "permissions", "online", "second"), list(cases()))
def test_a_command_leaves_exactly_one_row(
    journal: Journal,
    name: str,
    outcome: str,
    code: str,
    permissions: frozenset[str],
    online: bool,
    second: SecondPerson,
) -> None:
    before = journal.run(lambda tx: tx.verify()).result().rows
    door = Doorway(journal, {name: dataclasses.replace(COMMANDS[name], second_person=second)}, Line(online))
    future = door.execute(name, clerk(permissions), handler(outcome), card_proved=True)
    if outcome == "failed":
        assert isinstance(future.exception(timeout=10), Failed)
    else:
        answer = future.result(timeout=10)
        expected = {"done": "made", "denied": code, "refused": "CARD-SEALED"}[outcome]
        assert (answer.code if isinstance(answer, Refusal) else answer) == expected
    detail = {
        "done": '{"kind":"walk"}',
        "denied": f'{{"code":"{code}"}}',
        "refused": '{"code":"CARD-SEALED"}',
        "failed": '{"error":"Failed"}',
    }[outcome]
    assert last_rows(journal, before) == [(COMMANDS[name].audit, "0317", outcome, detail)]
    after = journal.run(lambda tx: tx.verify()).result()
    assert (after.ok, after.rows) == (True, before + 1)
