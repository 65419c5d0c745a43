"""E-cards over the province's line; a code travels in bodies only."""

from __future__ import annotations

from app.domain.ecard import EcardAuthorisation, EcardBusiness
from app.domain.refusal import Refusal
from app.province.ecard_port import EcardState, LoginAnswer, LoginCode, LoginRequest, VerifiedEcard
from app.province.ecard_wire import read_authorisation, read_login, read_login_code, read_state, read_verified
from app.province.http_line import HttpLine
from app.province.service_line import tell

NAMED = frozenset(
    {
        "ECARD-CODE-UNKNOWN",
        "ECARD-CODE-OLD",
        "ECARD-NOT-AUTHORISED",
        "ECARD-PAUSED",
        "ECARD-STOPPED",
        "ECARD-UNKNOWN",
        "ECARD-AUTHORISATION-UNKNOWN",
        "ECARD-ITEM-UNKNOWN",
        "ECARD-LOGIN-UNKNOWN",
    }
)


class HttpEcards:
    """Implements `ecard_port.Ecards`; `device` is this machine's number."""

    def __init__(self, line: HttpLine, device: str) -> None:
        self._line = line
        self._device = device

    def verify(self, code: str, business: EcardBusiness, purpose: str) -> VerifiedEcard | Refusal:
        """Ask whose code this is; each code once."""
        body = {"code": code, "device": self._device, "business": business.value, "purpose": purpose}
        return tell(self._line, "/v1/e-card/codes/verify", body, read_verified, NAMED)

    def state(self, ecard_number: str, purpose: str) -> EcardState | Refusal:
        """Ask what an e-card may do now."""
        body = {"ecard_number": ecard_number, "purpose": purpose}
        return tell(self._line, "/v1/e-card/state", body, lambda reply: read_state(reply, ecard_number), NAMED)

    def authorisation(self, number: str, purpose: str) -> EcardAuthorisation | Refusal:
        """Ask for an authorisation that is in force."""
        body = {"number": number, "purpose": purpose}
        return tell(self._line, "/v1/e-card/authorisations/query", body, read_authorisation, NAMED)

    def begin_login(self, request: LoginRequest) -> LoginCode | Refusal:
        """Ask for a one-time code to show."""
        body = {
            "device": self._device,
            "business": request.business.value,
            "purpose": request.purpose,
            "items": list(request.items),
        }
        return tell(self._line, "/v1/e-card/logins", body, read_login_code, NAMED)

    def login(self, login_id: str) -> LoginAnswer | Refusal:
        """Ask where a login of this device stands."""
        return tell(self._line, "/v1/e-card/logins/query", self._mine(login_id), read_login, NAMED)

    def cancel_login(self, login_id: str) -> LoginAnswer | Refusal:
        """Have a login opened no more."""
        return tell(self._line, "/v1/e-card/logins/cancel", self._mine(login_id), read_login, NAMED)

    def _mine(self, login_id: str) -> dict[str, object]:
        return {"login_id": login_id, "device": self._device}
