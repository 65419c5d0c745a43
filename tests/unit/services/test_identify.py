"""From the card in the reader to a visit: what each missing proof leaves open, and what nobody gets to see."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import TypeVar

import pytest

from app.catalogue import services, texts
from app.domain.operation import OperationKind
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.province.port import CardCheck, CardCheckRequest, HsmAnswer, HsmRequest, ProfileQuery
from app.services.chip_reading import ChipReading
from app.services.identify import Identification
from app.services.views import VisitView
from hardware.card.authentication import HsmQuestion
from hardware.ports import CardChannel, CardFault
from hardware.virtual.hsm import VirtualHsm
from hardware.virtual.profiles import Holder, load_profile
from hardware.virtual.psam import VirtualPsam
from hardware.virtual.psam_profiles import load_psam
from hardware.virtual.training_rules import training_region_rules
from tests.unit.hardware.direct_channel import DirectChannel, channel_to
from tests.unit.services.people import clerk, profile

T = TypeVar("T")
BUSY = Refusal("PROVINCE-BUSY")
AWAY = Refusal("PROVINCE-AWAY")
NOT_PROVED = {"CARD-NOT-AUTHENTICATED"}


@dataclass
class Desk:
    """A reader whose card is always there."""

    card: str = "gen3"
    psam: str | None = None

    def use(self, work: Callable[[CardChannel], T]) -> Future[T | CardFault]:
        done: Future[T | CardFault] = Future()
        done.set_result(work(channel_to(self.card)))
        return done

    def use_with_sam(self, work: Callable[[CardChannel, CardChannel | None], T]) -> Future[T | CardFault]:
        sam = None if self.psam is None else DirectChannel(VirtualPsam(load_psam(self.psam)))
        return self.use(lambda channel: work(channel, sam))


@dataclass
class Told:
    """A province that has one profile, and refuses what it is told to; notes what it was asked."""

    found: Profile | Refusal
    hsm: Refusal | None = None
    check: CardCheck | Refusal = field(default_factory=lambda: CardCheck("c-1", True, SocialState.NORMAL, 7, None))
    online: bool = True
    asked: list[str] = field(default_factory=list)

    def hsm_step(self, request: HsmRequest) -> HsmAnswer | Refusal:
        self.asked.append("hsm")
        if self.hsm is not None:
            return self.hsm
        factors = (request.internal_process, request.internal_original)
        external = (request.external_process, request.external_original)
        question = HsmQuestion(
            request.region,
            bytes.fromhex(request.history),
            request.algorithm,
            request.card_id,
            *(bytes.fromhex(part) for part in (*factors, *external)),
        )
        reply = VirtualHsm().answer(question)
        assert reply is not None
        return HsmAnswer(reply.internal.hex(), reply.external.hex())

    def check_card(self, request: CardCheckRequest) -> CardCheck | Refusal:
        self.asked.append("check")
        assert request.authenticated
        return self.check

    def profile(self, query: ProfileQuery) -> Profile | Refusal:
        self.asked.append("profile")
        return self.found


def holder(card: str) -> Holder:
    found = load_profile(card).holder
    assert found is not None
    return found


def on_file(card: str = "gen3", **changes: object) -> Profile:
    of = holder(card)
    return profile(**{"card_id": of.card_id, "citizen_number": of.citizen_number, "name": of.name, **changes})


def identify(told: Told, card: str = "gen3", psam: str | None = None) -> VisitView | Refusal:
    found = Identification(
        ChipReading(Desk(card, psam), training_region_rules), told, told, services.load(), texts.load(), "dev"
    )
    return found.by_card(clerk())


def visit(told: Told, card: str = "gen3", psam: str | None = None) -> VisitView:
    found = identify(told, card, psam)
    assert isinstance(found, VisitView), found
    return found


def refusals(of: VisitView) -> set[str]:
    return {service.refusal.code for service in of.services if service.refusal is not None}


def test_a_proved_card_opens_its_profile() -> None:
    told = Told(on_file())
    seen = visit(told)
    assert told.asked == ["hsm", "check", "profile"]
    assert seen.identity.card_proof.complete
    assert seen.profile is not None
    assert seen.problem is None
    assert refusals(seen) == {"CARD-IS-NORMAL"}


def test_a_province_that_gives_the_profile_with_the_check_is_asked_once() -> None:
    told = Told(BUSY, check=CardCheck("c-1", True, SocialState.NORMAL, 7, None, on_file()))
    seen = visit(told)
    assert told.asked == ["hsm", "check"]
    assert (seen.profile, seen.problem) == (on_file(), None)


def test_a_profile_with_the_check_that_is_another_persons_is_nobodys() -> None:
    other = CardCheck("c-1", True, SocialState.NORMAL, 7, None, on_file(name="王另人"))
    assert identify(Told(BUSY, check=other)) == Refusal("CARD-PERSON-DIFFERS")


@pytest.mark.parametrize("card", ["gen1", "gen2", "gen3"])
def test_a_card_that_nobody_could_authenticate_opens_public_queries_only(card: str) -> None:
    told = Told(on_file(card), hsm=BUSY)
    seen = visit(told, card)
    assert told.asked == ["hsm"]
    assert (seen.profile, seen.problem) == (None, Refusal("CARD-AUTH-AWAY"))
    assert not seen.identity.card_proof.authenticated
    assert len(seen.services) == len([service for service in seen.services if service.refusal])
    assert refusals(seen) == NOT_PROVED


def test_the_readers_psam_is_asked_before_the_province() -> None:
    told = Told(on_file())
    assert visit(told, psam="training-province").identity.card_proof.complete
    assert told.asked == ["check", "profile"]


def test_offline_a_psam_proves_the_card_and_its_holder_and_nobody_is_asked() -> None:
    told = Told(on_file(), online=False)
    seen = visit(told, psam="training-city")
    assert told.asked == []
    assert seen.identity.card_proof.authenticated
    assert not seen.identity.card_proof.complete
    assert seen.identity.name == holder("gen3").name
    assert (seen.offline, seen.profile, seen.problem) == (True, None, AWAY)


def test_a_card_that_the_province_did_not_check_opens_public_queries_only() -> None:
    told = Told(on_file(), check=BUSY)
    seen = visit(told)
    assert told.asked == ["hsm", "check"]
    assert (seen.profile, seen.problem) == (None, BUSY)
    assert refusals(seen) == NOT_PROVED


def test_a_profile_that_does_not_come_leaves_the_version_of_the_check() -> None:
    seen = visit(Told(BUSY))
    assert (seen.profile, seen.problem, seen.identity.card_proof.version) == (None, BUSY, 7)


def test_a_lost_card_was_checked_and_opens_its_profile() -> None:
    lost = CardCheck("c-2", False, SocialState.LOST_TEMPORARY, 7, "CARD-LOSS-REGISTERED")
    seen = visit(Told(on_file("gen3-lost", social=SocialState.LOST_TEMPORARY), check=lost), "gen3-lost")
    assert seen.profile is not None
    proof = seen.identity.card_proof
    assert (proof.checked, proof.check_id, proof.reason) == (False, "c-2", "CARD-LOSS-REGISTERED")
    assert refusals(seen) == {"CARD-LOST-ALREADY"}


def test_offline_leaves_loss_and_intake() -> None:
    told = Told(on_file(), hsm=AWAY, check=AWAY, online=False)
    seen = visit(told)
    assert told.asked == []
    assert seen.offline
    assert (seen.profile, seen.problem) == (None, AWAY)
    possible = {service.kind for service in seen.services if service.refusal is None}
    assert possible == {OperationKind.TEMPORARY_LOSS, OperationKind.INTAKE}


@pytest.mark.parametrize("changes", [{"citizen_number": "350105199208152010"}, {"name": "郑清如"}])
def test_a_profile_of_somebody_else_is_never_shown(changes: dict[str, object]) -> None:
    assert identify(Told(on_file(**changes))) == Refusal("CARD-PERSON-DIFFERS")


@pytest.mark.parametrize(
    ("card", "changes"),
    [
        ("gen3", {"name": " 郑清和 "}),
        ("gen3", {"citizen_number": "350105199208152045".lower()}),
        ("rare-name", {"name": "阿依古丽・艾合买提江·玛尔丹𠮷𡈽"}),
        ("bad-gbk", {"name": "周乱码"}),
    ],
)
def test_the_same_name_written_otherwise_is_the_same(card: str, changes: dict[str, object]) -> None:
    assert visit(Told(on_file(card, **changes)), card).profile is not None


def test_the_card_itself_stays_the_one_that_was_read() -> None:
    told = Told(on_file())
    identification = Identification(ChipReading(Desk("gen3")), told, told, services.load(), texts.load(), "dev")
    assert identification.card_still_there(holder("gen3").card_id) is None
    assert identification.card_still_there(holder("gen2").card_id) == Refusal("CARD-CHANGED")


def test_a_visit_without_proof_stays_closed_when_the_province_comes_back() -> None:
    told = Told(on_file(), hsm=AWAY, check=AWAY, online=False)
    seen = visit(told)
    back = Identification(ChipReading(Desk()), told, replace(told, online=True), services.load(), texts.load(), "dev")
    renewed = back.renew(seen, clerk())
    assert isinstance(renewed, VisitView)
    assert refusals(renewed) == NOT_PROVED
    assert renewed.problem == Refusal("CARD-NOT-AUTHENTICATED")
    assert told.asked == []


def test_a_check_whose_state_nobody_knows_proves_nothing_by_itself() -> None:
    unknown = CardCheck("c-3", False, SocialState.UNKNOWN, 7, None)
    assert refusals(visit(Told(BUSY, check=unknown))) == NOT_PROVED
    known = visit(Told(on_file(social=SocialState.UNKNOWN, raw_codes=(("social", "7"),)), check=unknown))
    assert refusals(known) == {"CARD-STATE-UNKNOWN"}


def test_the_last_word_stands_where_no_new_one_comes_and_says_why() -> None:
    told = Told(on_file())
    identification = Identification(ChipReading(Desk()), told, told, services.load(), texts.load(), "dev")
    seen = visit(told)
    told.found = BUSY
    kept = identification.renew(seen, clerk())
    assert isinstance(kept, VisitView)
    assert (kept.profile, kept.problem) == (seen.profile, BUSY)
    told.found = on_file(social=SocialState.LOST_TEMPORARY)
    renewed = identification.renew(kept, clerk())
    assert isinstance(renewed, VisitView)
    assert (renewed.profile, renewed.problem) == (told.found, None)
    assert refusals(renewed) == {"CARD-LOST-ALREADY"}


def test_a_card_that_has_become_another_persons_is_not_served() -> None:
    told = Told(on_file())
    identification = Identification(ChipReading(Desk()), told, told, services.load(), texts.load(), "dev")
    seen = visit(told)
    told.found = on_file(citizen_number="350105199208152010")
    assert identification.renew(seen, clerk()) == Refusal("CARD-PERSON-DIFFERS")
