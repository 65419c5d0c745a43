"""Identify: card in the reader → 卡认证 → 卡鉴权 → profile → what may be done. Blocks; never on the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.catalogue.services import Catalogue
from app.catalogue.texts import Texts
from app.domain.actor import Actor
from app.domain.identity import CardProof, Identity, Proof, same_name
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.domain.work_limits import Standing
from app.province.port import CardCheckRequest, HsmRequest, ProfileQuery
from app.province.visit_calls import Questions
from app.services.card_reading import CardReading
from app.services.doorway import Connectivity
from app.services.guards import Facts, possible_services, suggested
from app.services.identify_by_ecard import authorised
from app.services.logs import keep_out_of_logs
from app.services.views import VisitView
from hardware.card.authentication import HsmQuestion, HsmReply
from hardware.card.social_card import SocialCard

_AWAY = Refusal("PROVINCE-AWAY")
_PURPOSE = "window-visit"


class ProvinceAuthenticator:
    """Carries a card's randoms to the province's HSM and its answer back."""

    def __init__(self, province: Questions) -> None:
        self._province = province

    def answer(self, question: HsmQuestion) -> HsmReply | None:
        """Return what the HSM computed, or None when it cannot be asked."""
        answer = self._province.hsm_step(
            HsmRequest(
                region=question.region,
                history=question.history.hex().upper(),
                algorithm=question.algorithm,
                card_id=question.card_id,
                internal_process=question.internal_process.hex().upper(),
                internal_original=question.internal_original.hex().upper(),
                external_process=question.external_process.hex().upper(),
                external_original=question.external_original.hex().upper(),
            )
        )
        if isinstance(answer, Refusal):
            return None
        return HsmReply(bytes.fromhex(answer.internal), bytes.fromhex(answer.external))


class Identification:
    """Reads cards and builds visits."""

    def __init__(
        self,
        cards: CardReading,
        province: Questions,
        connectivity: Connectivity,
        catalogue: Catalogue,
        texts: Texts,
        device: str,
        standing: Callable[[], Standing] = Standing,
        held_up: Callable[[str], Refusal | None] = lambda _saga: None,
    ) -> None:
        self._cards = cards
        self._province = province
        self._connectivity = connectivity
        self._catalogue = catalogue
        self._texts = texts
        self._device = device
        self._standing = standing
        self._held_up = held_up

    def by_card(self, actor: Actor) -> VisitView | Refusal:
        """Read the card in the reader and everything the province knows of it."""
        card = self.read()
        if isinstance(card, Refusal):
            return card
        visit = self._visit(card)
        if isinstance(visit, VisitView):
            keep_out_of_logs((visit.identity.name, card.name))
        return visit if isinstance(visit, Refusal) else self.judge(replace(visit, undecodable=card.undecodable), actor)

    def card_still_there(self, card_id: str) -> Refusal | None:
        """Read the card's id again; CARD-CHANGED when it is another one."""
        there = self._cards.card_id()
        if isinstance(there, Refusal):
            return there
        return None if there == card_id else Refusal("CARD-CHANGED")

    def read(self) -> SocialCard | Refusal:
        """Read the card in the reader, with 卡认证 by the reader's PSAM, else where the province answers for it."""
        return self._cards.read(ProvinceAuthenticator(self._province) if self._connectivity.online else None)

    def _visit(self, card: SocialCard) -> VisitView | Refusal:
        """Ask the province what it may be asked: a card without 卡认证 and 卡鉴权 opens public queries only."""
        if not card.authenticated:
            problem = Refusal("CARD-AUTH-AWAY") if self._connectivity.online else _AWAY
            return _unseen(card, CardProof(False, False), problem)
        if not self._connectivity.online:
            # By the reader's PSAM: the card is genuine, and nobody can say what has become of it since.
            return _unseen(card, CardProof(True, False), _AWAY)
        # One question for both: the holder waits for one answer, and without 卡鉴权 nothing of the profile comes here.
        check = self._province.check_card(
            CardCheckRequest(card.card_id, card.card_number, True, self._device, _PURPOSE)
        )
        if isinstance(check, Refusal):
            return _unseen(card, CardProof(True, False), check)
        proof = CardProof(True, check.usable, check.check_id, check.reason, check.version)
        found = check.profile or self._province.profile(ProfileQuery(_PURPOSE, card_id=card.card_id))
        if isinstance(found, Refusal):
            known = check.social is not SocialState.UNKNOWN
            return _unseen(card, proof if known else CardProof(True, False), found)
        if not _one_person(card, found):
            return Refusal("CARD-PERSON-DIFFERS")
        return VisitView(_identity(card, proof, found), found, False, (), None)

    def renew(self, visit: VisitView, actor: Actor) -> VisitView | Refusal:
        """Ask the province again what holds for the holder now; where it does not answer, the last word stands.

        Every service begins with this: the card's state may have moved since it was read (business.md 1.2 row 4). A
        last word that stands for want of a new one is marked by why. Refusals: CARD-PERSON-DIFFERS, for a card that the
        province meanwhile gives to somebody else.
        """
        profile, problem = visit.profile, visit.problem
        if self._connectivity.online and profile is not None:
            found = self._province.profile(ProfileQuery(_PURPOSE, card_id=visit.identity.card_id))
            if isinstance(found, Refusal):
                problem = found
            elif found.citizen_number != profile.citizen_number:
                return Refusal("CARD-PERSON-DIFFERS")
            else:
                profile = found if visit.ecard is None else authorised(found, visit.ecard)
                problem = None
        elif self._connectivity.online and problem == _AWAY:
            problem = Refusal("CARD-NOT-AUTHENTICATED")
        return self.judge(replace(visit, profile=profile, problem=problem), actor)

    def judge(self, visit: VisitView, actor: Actor) -> VisitView:
        """Say what may be done with what is known now."""
        online = self._connectivity.online
        known = None if visit.profile is not None else visit.known
        facts = Facts(
            visit.identity,
            visit.profile,
            online,
            actor.permissions,
            visit.own_record,
            visit.waiting,
            self._standing(),
            known,
            self._held_up,
        )
        services = possible_services(self._catalogue, self._texts, facts)
        return replace(visit, offline=not online, services=services, suggested=suggested(services, visit.profile))


def _unseen(card: SocialCard, proof: CardProof, problem: Refusal) -> VisitView:
    return VisitView(_identity(card, proof, None), None, False, (), None, problem)


def _one_person(card: SocialCard, profile: Profile) -> bool:
    """Tell whether chip and province name the same person, as far as the chip tells (人卡一致)."""
    number, name = card.citizen_number, card.name
    return (number is None or number.upper() == profile.citizen_number.upper()) and (
        name is None or same_name(name, profile.name)
    )


def _identity(card: SocialCard, proof: CardProof, profile: Profile | None) -> Identity:
    on_chip = card.citizen_number is not None and card.name is not None
    return Identity(
        citizen_number=card.citizen_number or (profile.citizen_number if profile is not None else None),
        name=card.name or (profile.name if profile is not None else None),
        card_id=card.card_id,
        card_number=card.card_number,
        region=card.region,
        version=card.version,
        name_proof=Proof.CHIP
        if on_chip and card.authenticated
        else Proof.PROVINCE
        if profile is not None
        else Proof.NONE,
        person_proof=Proof.NONE,
        card_proof=proof,
    )
