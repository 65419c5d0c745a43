"""The doorway over a real journal: one audit row a command, whatever becomes of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.catalogue import services
from app.catalogue.services import SecondPerson
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.services.doorway import Done, Doorway
from tests.empty_journal import open_empty
from tests.unit.services.people import clerk


@dataclasses.dataclass
class Line:
    """A connection to the province that a test switches."""

    online: bool = True


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = open_empty(tmp_path)
    yield opened
    opened.close()


def audit_rows(journal: Journal) -> int:
    verified = journal.run(lambda tx: tx.verify()).result()
    assert verified.ok
    return verified.rows


COUNTED = ("350102", "2026-11-22")


def next_number(journal: Journal) -> int:
    return int(journal.run(lambda tx: tx.next_acceptance_no(*COUNTED)).result()[-5:])


def doorway(journal: Journal, line: Line | None = None) -> Doorway:
    return Doorway(journal, services.load().commands, line or Line())


def test_a_command_leaves_its_rows_and_one_audit_row(journal: Journal) -> None:
    before = audit_rows(journal)

    def handle(tx: Transaction) -> Done[str]:
        tx.next_acceptance_no(*COUNTED)
        return Done("saved")

    assert doorway(journal).execute("issue_ticket", clerk(), handle).result() == "saved"
    assert next_number(journal) == 2
    assert audit_rows(journal) == before + 1


def test_without_permission_the_handler_never_runs(journal: Journal) -> None:
    before = audit_rows(journal)
    ran: list[int] = []

    def handle(_tx: Transaction) -> Done[None]:
        ran.append(1)
        return Done(None)

    result = doorway(journal).execute("release_loss", clerk(frozenset()), handle).result()
    assert isinstance(result, Refusal)
    assert result.code == "NOT-PERMITTED"
    assert ran == []
    assert audit_rows(journal) == before + 1


def test_what_is_never_done_offline_is_refused_and_audited(journal: Journal) -> None:
    before = audit_rows(journal)
    door = doorway(journal, Line(online=False))
    refused = door.execute("release_loss", clerk(), lambda _tx: Done(1)).result()
    assert isinstance(refused, Refusal)
    assert refused.code == "OFFLINE-NEVER"
    assert door.execute("register_temporary_loss", clerk(), lambda _tx: Done(1)).result() == 1
    assert audit_rows(journal) == before + 2


def test_a_refusing_handler_is_audited_as_refused(journal: Journal) -> None:
    before = audit_rows(journal)
    refusal = Refusal("CARD-SEALED")
    assert (
        doorway(journal).execute("register_temporary_loss", clerk(), lambda _tx: refusal, card_proved=True).result()
        == refusal
    )
    assert audit_rows(journal) == before + 1


def test_a_raising_handler_leaves_nothing_but_its_audit_row(journal: Journal) -> None:
    before = audit_rows(journal)

    def handle(tx: Transaction) -> Done[None]:
        tx.next_acceptance_no(*COUNTED)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        doorway(journal).execute("issue_ticket", clerk(), handle).result()
    assert next_number(journal) == 1
    assert audit_rows(journal) == before + 1


def test_a_second_person_is_asked_for_where_the_table_says_so(journal: Journal) -> None:
    commands = dict(services.load().commands)
    commands["issue_ticket"] = dataclasses.replace(commands["issue_ticket"], second_person=SecondPerson.NOW)
    refused = Doorway(journal, commands, Line()).execute("issue_ticket", clerk(), lambda _tx: Done(1)).result()
    assert refused == Refusal("SECOND-PERSON-NEEDED")


def test_a_command_without_a_declaration_does_not_start(journal: Journal) -> None:
    with pytest.raises(KeyError):
        doorway(journal).execute("rewrite_history", clerk(), lambda _tx: Done(1))
