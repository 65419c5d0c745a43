"""Identify by an e-card (电子社保卡): the scanned code → the province → the holder's profile. Blocks.

The code goes to the province and nowhere else. It proves who is named; the card itself was not there, so the guards
leave what needs no 卡认证. Nothing is verified without the province (business.md 5).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from typing import Protocol

from app.domain.clock import Clock
from app.domain.ecard import EcardAuthorisation, EcardBusiness
from app.domain.identity import CardProof, Identity, Proof
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.province.ecard_port import VerifiedEcard
from app.province.port import ProfileQuery
from app.province.visit_calls import Questions
from app.services.doorway import Connectivity
from app.services.logs import keep_out_of_logs
from app.services.views import VisitView

_PURPOSE = "window-visit"
_AWAY = "PROVINCE-AWAY"
_AGAIN_S = 90.0
"""A code lives 60 s and is good once: no code is sent twice within this time."""


class CodeVerifier(Protocol):
    """Says whose code it is."""

    def verify(self, code: str, business: EcardBusiness, purpose: str) -> VerifiedEcard | Refusal:
        """Ask the province; each code once."""
        ...


class IdentificationByEcard:
    """Takes scanned codes to visits, which the guards have yet to judge."""

    def __init__(self, codes: CodeVerifier, province: Questions, connectivity: Connectivity, clock: Clock) -> None:
        self._codes = codes
        self._province = province
        self._connectivity = connectivity
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._sent: dict[bytes, float] = {}

    def visit(self, code: str) -> VisitView | Refusal:
        """Verify a code and fetch its holder's profile, of which only what was authorised is kept.

        Refusals: ECARD-OFFLINE, ECARD-CODE-REPEATED, ECARD-PERSON-DIFFERS, the province's ECARD-… codes, and those of
        a profile.
        """
        if not self._connectivity.online:
            return Refusal("ECARD-OFFLINE")
        if self._sent_before(code):
            return Refusal("ECARD-CODE-REPEATED")
        found = self._codes.verify(code, EcardBusiness.OTHER, _PURPOSE)
        if isinstance(found, Refusal):
            return Refusal("ECARD-OFFLINE") if found.code == _AWAY else found
        keep_out_of_logs((found.name,))
        profile = self._province.profile(ProfileQuery(_PURPOSE, citizen_number=found.citizen_number))
        if isinstance(profile, Refusal):
            return profile
        if profile.citizen_number.upper() != found.citizen_number.upper() or profile.name != found.name:
            return Refusal("ECARD-PERSON-DIFFERS")
        shown = profile if found.authorisation is None else authorised(profile, found.authorisation)
        return VisitView(_identity(profile), shown, False, (), None, ecard=found.authorisation)

    def _sent_before(self, code: str) -> bool:
        """Tell whether a code went to the province already; only a digest under this process's key is kept."""
        now = self._clock.monotonic()
        digest = hashlib.blake2b(code.encode(), key=self._key, digest_size=32).digest()
        self._sent = {kept: at for kept, at in self._sent.items() if now - at < _AGAIN_S}
        if digest in self._sent:
            return True
        self._sent[digest] = now
        return False


def authorised(profile: Profile, given: EcardAuthorisation) -> Profile:
    """Leave out of a profile what its holder did not authorise; states stay, for the guards look at them."""
    if "insurance" not in given.items:
        profile = replace(profile, insurances=(), notes=())
    if "card" not in given.items:
        profile = replace(profile, bank_name="", bank_line="", bank_account="", phone=None)
    return profile


def _identity(profile: Profile) -> Identity:
    return Identity(
        citizen_number=profile.citizen_number,
        name=profile.name,
        card_id=profile.card_id,
        card_number=profile.card_number,
        region=profile.region,
        version="",
        name_proof=Proof.ECARD,
        person_proof=Proof.NONE,
        card_proof=CardProof(authenticated=False, checked=False),
    )
