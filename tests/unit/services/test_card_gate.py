"""未认证读卡 opens public queries only: every command of the table through the real doorway, with a card not proved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.catalogue import services, texts
from app.catalogue.services import CardGate, OfflineClass
from app.domain.actor import Actor
from app.domain.identity import CardProof
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.journal.journal import Journal
from app.journal.transaction import Transaction
from app.services.doorway import Done, Doorway
from app.services.guards import Facts, possible_services
from tests.empty_journal import open_empty
from tests.memory_folder import memory_folder
from tests.unit.services.people import EVERYTHING, identity, profile
from tests.unit.services.test_role_matrix import SUBJECT, Line, last_row, rows_after, signed

CATALOGUE = services.load()
HALVES = [CardProof(False, False), CardProof(True, False), CardProof(False, True)]
ALL = frozenset(row.permission for row in CATALOGUE.commands.values())
PUBLIC = {"open_visit", "issue_ticket"}
"""What a card may be used for that was only read: to see that it is not proved, and to take a number."""


@pytest.fixture(scope="module")
def journal() -> Iterator[Journal]:
    with memory_folder() as folder:
        opened = open_empty(folder)
        yield opened
        opened.close()


def run(journal: Journal, command: str, *, online: bool, proved: bool) -> tuple[str, list[str]]:
    """Run a command as somebody who may do everything; returns its answer and what was written."""
    door = Doorway(journal, CATALOGUE.commands, Line(online), drawn=lambda: False)

    def handle(_tx: Transaction) -> Done[str]:
        return Done("ran", SUBJECT)

    before = last_row(journal)
    second = signed(journal, command, "lead")
    somebody = Actor("0317", "林晓", "person-lead", "3", ALL)
    answer = door.execute(command, somebody, handle, second, card_proved=proved).result(timeout=10)
    results = [result for _event, _actor, result in rows_after(journal, before)]
    return (answer.code if isinstance(answer, Refusal) else answer), results


@pytest.mark.parametrize("command", CATALOGUE.commands)
def test_without_both_proofs_a_command_that_wants_them_is_denied_and_written_down(
    journal: Journal, command: str
) -> None:
    row = CATALOGUE.commands[command]
    denied = row.card is CardGate.PROVED
    assert run(journal, command, online=True, proved=False) == (
        ("CARD-NOT-AUTHENTICATED", ["denied"]) if denied else ("ran", ["done"])
    )
    assert run(journal, command, online=True, proved=True) == ("ran", ["done"])
    # Nobody can prove a card while the province is away; what may be taken then waits for its word.
    allowed = row.offline is not OfflineClass.NEVER
    assert run(journal, command, online=False, proved=False)[0] == ("ran" if allowed else "OFFLINE-NEVER")


def test_every_command_of_a_service_wants_the_card_proved_and_what_takes_a_read_card_is_public() -> None:
    of_services = {service.command for service in CATALOGUE.services.values()}
    by_gate = {gate: {name for name, row in CATALOGUE.commands.items() if row.card is gate} for gate in CardGate}
    assert by_gate[CardGate.PROVED] >= of_services
    assert by_gate[CardGate.READ] == PUBLIC


@pytest.mark.parametrize("proof", HALVES)
@pytest.mark.parametrize("shown", [None, profile(SocialState.NORMAL)])
def test_no_service_is_offered_for_half_a_proof(proof: CardProof, shown: Profile | None) -> None:
    facts = Facts(identity(proof), shown, True, EVERYTHING)
    found = possible_services(CATALOGUE, texts.load(), facts)
    assert len(found) == len(CATALOGUE.services)
    assert all(service.refusal is not None for service in found)
