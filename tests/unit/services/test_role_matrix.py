"""Every cell of the matrix through the real doorway: what is allowed runs, what is not leaves one audit row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.catalogue import services
from app.catalogue.permissions import OPERATOR
from app.catalogue.services import SecondPerson
from app.domain.actor import Actor
from app.domain.approval import Shown, Signed
from app.domain.clock import SystemClock
from app.domain.refusal import Refusal
from app.journal.approvals import Signature
from app.journal.journal import Journal
from app.journal.keys import FolderKeyStore, no_ring
from app.journal.transaction import Transaction
from app.services.doorway import Done, Doorway
from app.services.operator import refused_to_operator
from tests.memory_folder import memory_folder

CATALOGUE = services.load()
SUBJECT = "01990000-0000-7000-8000-000000000001"


@dataclass
class Line:
    online: bool = True


@pytest.fixture(scope="module")
def journal() -> Iterator[Journal]:
    with memory_folder() as folder:
        opened = Journal.open(folder, FolderKeyStore(folder, no_ring), SystemClock())
        assert isinstance(opened, Journal)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def door(journal: Journal) -> Doorway:
    return Doorway(journal, CATALOGUE.commands, Line(), queries=CATALOGUE.queries, drawn=lambda: False)


def actor(role: str) -> Actor:
    return Actor(f"of-{role}", role, f"person-{role}", "3", CATALOGUE.permissions((role,)))


def rows_after(journal: Journal, after: int) -> list[tuple[str, str, str]]:
    """Return event, actor and result of the audit rows after a number."""
    found = journal.run(lambda tx: tx.audit_rows(10)).result()
    return [(row.event, row.actor, row.result) for row in found if row.n > after]


def last_row(journal: Journal) -> int:
    return max((row.n for row in journal.run(lambda tx: tx.audit_rows(1)).result()), default=0)


def signed(journal: Journal, command: str, role: str) -> Signed | None:
    if CATALOGUE.commands[command].second_person is not SecondPerson.NOW:
        return None
    shown = Shown(command, SUBJECT, (("decided", "open", "closed"),))
    signature = Signature(shown, f"person-{role}", "person-second", "0102", 600.0)
    given = journal.run(lambda tx: tx.approvals.give(signature)).result()
    assert isinstance(given, str)
    return Signed(shown, given)


@pytest.mark.parametrize("command", CATALOGUE.matrix.commands)
def test_a_command_runs_for_exactly_the_roles_that_may(journal: Journal, door: Doorway, command: str) -> None:
    ran: list[str] = []
    for role, may in CATALOGUE.matrix.commands[command].items():

        def handle(_tx: Transaction, role: str = role) -> Done[str]:
            ran.append(role)
            return Done("ran", SUBJECT)

        second = signed(journal, command, role)
        before = last_row(journal)
        answer = door.execute(command, actor(role), handle, second, card_proved=True).result(timeout=10)
        assert (answer.code if isinstance(answer, Refusal) else answer) == ("ran" if may else "NOT-PERMITTED")
        event = CATALOGUE.commands[command].audit
        assert rows_after(journal, before) == [(event, f"of-{role}", "done" if may else "denied")]
    assert ran == [role for role, may in CATALOGUE.matrix.commands[command].items() if may]


@pytest.mark.parametrize("query", CATALOGUE.matrix.queries)
def test_a_query_is_answered_for_exactly_the_roles_that_may(journal: Journal, door: Doorway, query: str) -> None:
    read: list[str] = []
    row = CATALOGUE.queries[query]
    for role, may in CATALOGUE.matrix.queries[query].items():
        before = last_row(journal)

        def reader(role: str = role) -> str:
            read.append(role)
            return "read"

        answer = door.ask(query, actor(role), reader)
        assert (answer.code if isinstance(answer, Refusal) else answer) == ("read" if may else "NOT-PERMITTED")
        told = [(row.audit, f"of-{role}", "asked" if may else "denied")] if row.written or not may else []
        assert rows_after(journal, before) == told
    assert read == [role for role, may in CATALOGUE.matrix.queries[query].items() if may]


def test_what_is_not_declared_is_neither_run_nor_read(door: Doorway) -> None:
    with pytest.raises(KeyError):
        door.ask("everything", actor("lead"), lambda: "read")


def test_the_systems_account_is_answered_what_its_column_says_and_nothing_that_has_to_be_written_down() -> None:
    for query, cells in CATALOGUE.matrix.queries.items():
        refused = refused_to_operator(CATALOGUE, query)
        assert (refused is None) == cells[OPERATOR]
        assert refused is None or refused.code == "NOT-PERMITTED"
    assert not any(row.written and CATALOGUE.matrix.queries[name][OPERATOR] for name, row in CATALOGUE.queries.items())
    with pytest.raises(KeyError):
        refused_to_operator(CATALOGUE, "everything")


def test_the_chain_is_whole_after_all_of_them(journal: Journal) -> None:
    assert journal.run(lambda tx: tx.verify()).result().ok
