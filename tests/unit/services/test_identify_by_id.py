"""From a resident ID on its reader to a visit: whom it proves, what stays closed, and whom it proves nothing of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import pytest

from app.catalogue import services, texts
from app.domain.clock import HALL_ZONE
from app.domain.identity import Proof
from app.domain.operation import OperationKind
from app.domain.refusal import Refusal
from app.services.chip_reading import ChipReading
from app.services.identify import Identification
from app.services.identify_by_id import IdentificationById
from app.services.views import VisitView
from hardware.resident_id.text_block import IdKind, ResidentId
from tests.unit.services.people import clerk
from tests.unit.services.test_identify import NOT_PROVED, Desk, Told, holder, on_file, refusals

TODAY = date(2026, 11, 22)
ID = ResidentId(IdKind.CITIZEN, holder("gen3").citizen_number, holder("gen3").name, valid_to=TODAY)


@dataclass
class Laid:
    """A reader on which a card lies, and a clock."""

    card: ResidentId | Refusal = ID

    def read_id(self) -> ResidentId | Refusal:
        return self.card

    def now(self) -> datetime:
        return datetime(TODAY.year, TODAY.month, TODAY.day, 23, 59, tzinfo=HALL_ZONE)

    def monotonic(self) -> float:
        return 0.0


def visit(told: Told, card: ResidentId | Refusal = ID) -> VisitView | Refusal:
    laid = Laid(card)
    return IdentificationById(laid, told, told, laid).visit()


def judged(told: Told) -> VisitView:
    found = visit(told)
    assert isinstance(found, VisitView), found
    identification = Identification(ChipReading(Desk()), told, told, services.load(), texts.load(), "dev")
    return identification.judge(found, clerk())


def test_a_resident_id_opens_the_profile_and_says_what_it_proved() -> None:
    told = Told(on_file())
    seen = judged(told)
    assert told.asked == ["profile"]
    assert seen.profile == told.found
    identity = seen.identity
    assert (identity.citizen_number, identity.name) == (ID.number, ID.name)
    assert (identity.card_id, identity.card_number) == (on_file().card_id, on_file().card_number)
    assert identity.name_proof is Proof.RESIDENT_ID
    assert (identity.person_proof, identity.card_proof.done) == (Proof.NONE, False)


def test_what_needs_the_card_says_so() -> None:
    seen = judged(Told(on_file()))
    refused = {service.kind for service in seen.services if service.refusal is not None}
    assert OperationKind.TEMPORARY_LOSS in refused
    assert refusals(seen) >= NOT_PROVED


@pytest.mark.parametrize(
    "changes", [{"citizen_number": "350105199208152010"}, {"name": "郑清如"}], ids=["number", "name"]
)
def test_a_profile_of_somebody_else_is_not_opened(changes: dict[str, object]) -> None:
    assert visit(Told(on_file(**changes))) == Refusal("ID-PERSON-DIFFERS")


def test_a_foreigner_is_known_by_either_name() -> None:
    told = Told(on_file(name="TESTER FICTIONAL"))
    foreigner = replace(ID, kind=IdKind.FOREIGNER_2017, name="", english_name="Tester, Fictional")
    assert isinstance(visit(told, foreigner), VisitView)


@pytest.mark.parametrize(
    ("card", "code"),
    [
        (Refusal("IDREADER-NO-CARD"), "IDREADER-NO-CARD"),
        (replace(ID, number=""), "IDREADER-MALFORMED"),
        (replace(ID, name=""), "IDREADER-MALFORMED"),
        (replace(ID, undecodable=("number",)), "IDREADER-MALFORMED"),
        (replace(ID, valid_to=date(2026, 11, 21)), "ID-EXPIRED"),
        (replace(ID, valid_to=None), "ID-EXPIRED"),
    ],
)
def test_a_card_that_proves_nobody_asks_nobody(card: ResidentId | Refusal, code: str) -> None:
    told = Told(on_file())
    refusal = visit(told, card)
    assert isinstance(refusal, Refusal)
    assert refusal.code == code
    assert told.asked == []


def test_a_card_without_an_end_is_valid() -> None:
    assert isinstance(visit(Told(on_file()), replace(ID, valid_to=None, long_term=True)), VisitView)


def test_offline_nobody_can_be_asked() -> None:
    told = Told(on_file(), online=False)
    assert visit(told) == Refusal("PROVINCE-AWAY")
    assert told.asked == []


def test_a_person_whom_the_province_does_not_know_is_told() -> None:
    assert visit(Told(Refusal("HOLDER-UNKNOWN"))) == Refusal("HOLDER-UNKNOWN")
