"""The bank over HTTP: the reference wire /bank/v1. Imported only where it is used, for httpx is slow to load."""

from __future__ import annotations

import json
from dataclasses import asdict
from urllib.parse import quote

import httpx

from app.domain.refusal import Refusal
from app.province.bank_port import BankAnswer, BankOutcome, LossCall, ReleaseCall
from app.province.http_line import HttpLine, LineCodes, NoReply
from app.province.json_fields import Fields, IllTyped
from app.province.line_guard import LineGuard

NONSENSE = "BANK-NONSENSE"
_CODES = LineCodes(away="BANK-AWAY", busy="BANK-BUSY", refused="BANK-REFUSED", nonsense=NONSENSE)


class HttpBank:
    """Implements `bank_port.Bank` with one connection pool; safe to call from several threads."""

    def __init__(
        self,
        base_url: str,
        device: str,
        training: bool,
        transport: httpx.BaseTransport | None = None,
        guard: LineGuard | None = None,
    ) -> None:
        """Prepare the door; no contact yet. Raises ValueError in training for an address that is not loopback."""
        self._line = HttpLine(base_url, device, training, _CODES, transport, guard)

    @property
    def line(self) -> HttpLine:
        """Return the line, for the bank's other desk."""
        return self._line

    def close(self) -> None:
        """Close every connection."""
        self._line.close()

    def register_loss(self, call: LossCall) -> BankAnswer | Refusal:
        """Register a loss; what is personal travels in the body, never in the address."""
        reply = self._line.ask("POST", "/bank/v1/losses", asdict(call))
        return reply.refusal if isinstance(reply, NoReply) else _answer(reply.body, call.serial)

    def release_loss(self, call: ReleaseCall) -> BankAnswer | Refusal:
        """Take a loss back."""
        reply = self._line.ask("POST", "/bank/v1/releases", asdict(call))
        return reply.refusal if isinstance(reply, NoReply) else _answer(reply.body, call.serial)

    def serial_status(self, serial: str) -> BankAnswer | Refusal | None:
        """Ask what became of a serial; None when the bank never saw it."""
        path = f"/bank/v1/serials/{quote(serial, safe='')}"
        reply = self._line.ask("GET", path, absent_code="BANK-SERIAL-UNKNOWN")
        if isinstance(reply, NoReply):
            return reply.refusal
        return None if reply.status == httpx.codes.NOT_FOUND else _answer(reply.body, serial)


def _answer(body: bytes, serial: str) -> BankAnswer | Refusal:
    try:
        # RecursionError: a reply of nothing but brackets.
        fields = Fields.of(json.loads(body))
        answer = BankAnswer(
            serial=fields.filled_text("serial"),
            outcome=BankOutcome(fields.text("outcome")),
            reason=fields.optional_text("reason"),
            at=fields.moment("at"),
        )
    except IllTyped as wrong:
        return Refusal.of(NONSENSE, field=wrong.field)
    except (ValueError, RecursionError):
        return Refusal.of(NONSENSE, field="JSON")
    return answer if answer.serial == serial else Refusal.of(NONSENSE, field="serial")
