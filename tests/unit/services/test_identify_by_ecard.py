"""From a scanned code to a visit: verified once, offline refused, another person's record never opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.catalogue import services, texts
from app.domain.ecard import EcardAuthorisation, EcardBusiness, EcardUse
from app.domain.identity import Proof
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.province.ecard_port import VerifiedEcard
from app.province.port import ProfileQuery
from app.services.chip_reading import ChipReading
from app.services.identify import Identification
from app.services.identify_by_ecard import IdentificationByEcard
from app.services.views import VisitView
from tests.unit.journal.scenery import StillClock
from tests.unit.services.people import clerk, profile
from tests.unit.services.test_identify import Desk

CODE = "training-e-card-code-0001"
AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ON_FILE = profile(SocialState.NORMAL)


def given(*items: str) -> EcardAuthorisation:
    return EcardAuthorisation("SQ1", items, "window-visit", AT, AT)


def verified(of: Profile = ON_FILE, authorisation: EcardAuthorisation | None = None) -> VerifiedEcard:
    return VerifiedEcard("r-1", "e" * 32, EcardUse.ALL, of.name, of.citizen_number, of.card_id, authorisation, AT)


@dataclass
class Told:
    """A province that answers what it is told to, and notes what it was asked."""

    ecard: VerifiedEcard | Refusal = field(default_factory=verified)
    found: Profile | Refusal = ON_FILE
    online: bool = True
    codes: list[str] = field(default_factory=list)
    profiles: int = 0

    def verify(self, code: str, business: EcardBusiness, purpose: str) -> VerifiedEcard | Refusal:
        assert (business, purpose) == (EcardBusiness.OTHER, "window-visit")
        self.codes.append(code)
        return self.ecard

    def profile(self, query: ProfileQuery) -> Profile | Refusal:
        self.profiles += 1
        return self.found


def by_code(told: Told, clock: StillClock | None = None) -> IdentificationByEcard:
    return IdentificationByEcard(told, told, told, clock or StillClock())  # type: ignore[arg-type]


def test_a_code_opens_its_holders_profile_and_proves_no_card() -> None:
    visit = by_code(Told()).visit(CODE)
    assert isinstance(visit, VisitView)
    assert visit.profile == ON_FILE
    assert visit.identity.name_proof is Proof.ECARD
    assert not visit.identity.card_proof.done
    assert visit.ecard is None


def test_only_what_was_authorised_is_kept() -> None:
    visit = by_code(Told(verified(authorisation=given("identity")))).visit(CODE)
    assert isinstance(visit, VisitView)
    assert visit.profile is not None
    assert (visit.profile.insurances, visit.profile.notes, visit.profile.bank_account) == ((), (), "")
    assert visit.profile.social is ON_FILE.social
    whole = by_code(Told(verified(authorisation=given("identity", "card", "insurance")))).visit(CODE)
    assert isinstance(whole, VisitView)
    assert (whole.profile, whole.ecard) == (ON_FILE, given("identity", "card", "insurance"))


def test_without_the_province_nothing_is_verified() -> None:
    told = Told(online=False)
    assert by_code(told).visit(CODE) == Refusal("ECARD-OFFLINE")
    assert told.codes == []
    assert by_code(Told(Refusal("PROVINCE-AWAY"))).visit(CODE) == Refusal("ECARD-OFFLINE")


def test_a_code_goes_to_the_province_once_in_its_time() -> None:
    told, clock = Told(Refusal("ECARD-PAUSED")), StillClock()
    desk = by_code(told, clock)
    assert desk.visit(CODE) == Refusal("ECARD-PAUSED")
    clock.pass_by(60)
    assert desk.visit(CODE) == Refusal("ECARD-CODE-REPEATED")
    assert desk.visit(CODE + "2") == Refusal("ECARD-PAUSED")
    clock.pass_by(31)
    assert desk.visit(CODE) == Refusal("ECARD-PAUSED")
    assert told.codes == [CODE, CODE + "2", CODE]
    assert CODE not in repr(desk._sent)


def test_another_persons_record_is_not_opened_and_a_refusal_opens_none() -> None:
    other = profile(SocialState.NORMAL, name="王另人")
    assert by_code(Told(found=other)).visit(CODE) == Refusal("ECARD-PERSON-DIFFERS")
    told = Told(Refusal("ECARD-CODE-UNKNOWN"))
    assert by_code(told).visit(CODE) == Refusal("ECARD-CODE-UNKNOWN")
    assert told.profiles == 0
    assert by_code(Told(found=Refusal("PROVINCE-BUSY"))).visit(CODE) == Refusal("PROVINCE-BUSY")


def test_what_was_not_authorised_stays_closed_when_the_province_is_asked_anew() -> None:
    told = Told(verified(authorisation=given("identity")))
    seen = by_code(told).visit(CODE)
    assert isinstance(seen, VisitView)
    identification = Identification(ChipReading(Desk()), told, told, services.load(), texts.load(), "dev")  # type: ignore[arg-type]
    renewed = identification.renew(seen, clerk())
    assert isinstance(renewed, VisitView)
    assert told.profiles == 2
    assert (renewed.profile, renewed.ecard) == (seen.profile, seen.ecard)
    assert renewed.profile != ON_FILE
