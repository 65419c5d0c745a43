"""Card services over the province's line."""

from __future__ import annotations

from app.domain.card_service import CardService
from app.domain.refusal import Refusal
from app.province.card_service_port import MakingRequest, OfferedService, ServiceCheck, StandIn
from app.province.card_service_wire import read_check, read_progress, read_services, read_stand_in
from app.province.code_map import CodeMaps
from app.province.http_line import HttpLine
from app.province.service_line import Whom, fetch, tell


class HttpCardServices:
    """Implements `card_service_port.CardServices`."""

    def __init__(self, line: HttpLine, maps: CodeMaps) -> None:
        self._line = line
        self._maps = maps

    def services(self) -> tuple[OfferedService, ...] | Refusal:
        """Ask which services the province has."""
        return fetch(self._line, "/v1/services", read_services)

    def check(self, service: CardService, whom: Whom, purpose: str) -> ServiceCheck | Refusal:
        """Ask whether a service may be done for somebody now."""
        body = {"service": service.value, "whom": whom.body(), "purpose": purpose}
        return tell(self._line, "/v1/service-checks", body, read_check)

    def progress(self, whom: Whom, purpose: str) -> tuple[MakingRequest, ...] | Refusal:
        """Ask where somebody's requests stand."""
        body = {"whom": whom.body(), "purpose": purpose}
        return tell(self._line, "/v1/progress", body, lambda reply: read_progress(reply, self._maps))

    def check_stand_in(self, whom: Whom, stand_in_number: str, purpose: str) -> StandIn | Refusal:
        """Ask whether somebody may act for a person."""
        body = {"whom": whom.body(), "stand_in_number": stand_in_number, "purpose": purpose}
        return tell(self._line, "/v1/stand-ins/check", body, read_stand_in)
