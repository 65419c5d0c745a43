"""Opening accounts over the bank's line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from app.domain.refusal import Refusal
from app.province.bank_port import BankOutcome
from app.province.http_line import HttpLine, NoReply
from app.province.json_fields import Fields, IllTyped
from app.province.opening_port import OpeningAnswer, OpeningCall, ReturnCall
from app.province.wire import parsed

_NONSENSE = "BANK-NONSENSE"
_WITH_ACCOUNT = frozenset({BankOutcome.APPLIED, BankOutcome.ALREADY})


class HttpOpenings:
    """Implements `opening_port.Openings`."""

    def __init__(self, line: HttpLine) -> None:
        self._line = line

    def open_account(self, call: OpeningCall) -> OpeningAnswer | Refusal:
        """Open an account; one that is open without its number is nonsense."""
        expires = call.id_expires.isoformat() if call.id_expires else None
        answer = self._tell("/bank/v1/openings", {**asdict(call), "id_expires": expires}, call.serial)
        if isinstance(answer, OpeningAnswer) and (answer.outcome in _WITH_ACCOUNT) != bool(answer.account):
            return Refusal.of(_NONSENSE, field="account")
        return answer

    def report(self, call: ReturnCall) -> OpeningAnswer | Refusal:
        """Tell whether the finance part was written."""
        return self._tell("/bank/v1/returns", asdict(call), call.serial)

    def _tell(self, path: str, body: Mapping[str, object], serial: str) -> OpeningAnswer | Refusal:
        reply = self._line.ask("POST", path, body)
        if isinstance(reply, NoReply):
            return reply.refusal
        answer = parsed(reply.body, lambda fields: _read(fields, serial))
        return Refusal(_NONSENSE, answer.facts) if isinstance(answer, Refusal) else answer


def _read(fields: Fields, serial: str) -> OpeningAnswer:
    try:
        outcome = BankOutcome(fields.text("outcome"))
    except ValueError as unknown:
        raise IllTyped("outcome") from unknown
    if fields.filled_text("serial") != serial:
        raise IllTyped("serial")
    return OpeningAnswer(
        serial, outcome, fields.optional_text("reason"), fields.optional_text("account"), fields.moment("at")
    )
