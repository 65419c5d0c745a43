"""The training bank's second desk: accounts for new cards, and 回盘 of cards that keep their number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, Engine, insert

from app.domain.clock import Clock
from app.province.bank_port import BankOutcome
from app.province.code_map import CodeMaps
from app.training.bank_desk import OPENING, contents_digest, stored_serial
from app.training.bank_models import OpeningBody, ReturnBody, SerialReply
from app.training.bank_openings import decide_opening, decide_return, note_failure, open_account
from app.training.bank_schema import BANK_EFFECTS, BANK_SERIALS
from app.training.store import stamp

_RETURN = "return"


class OpeningDesk:
    """Each serial takes effect once; what the bank refuses is kept as its answer."""

    def __init__(self, engine: Engine, maps: CodeMaps, clock: Clock) -> None:
        self._engine = engine
        self._maps = maps
        self._clock = clock

    def open_account(self, body: OpeningBody) -> SerialReply:
        """开户, and the province's request moves with the outcome."""

        def do(connection: Connection, now: datetime) -> SerialReply:
            outcome, reason, account = decide_opening(connection, body, now.date())
            if outcome is BankOutcome.APPLIED:
                account = open_account(connection, self._maps, body, now)
            elif reason is not None:
                note_failure(connection, self._maps, body, reason, now)
            return SerialReply(serial=body.serial, outcome=outcome, reason=reason, at=now, account=account)

        return self._take(OPENING, body, do)

    def take_return(self, body: ReturnBody) -> SerialReply:
        """银行回盘."""

        def do(connection: Connection, now: datetime) -> SerialReply:
            outcome, reason = decide_return(connection, body)
            return SerialReply(serial=body.serial, outcome=outcome, reason=reason, at=now)

        return self._take(_RETURN, body, do)

    def _take(
        self, kind: str, body: OpeningBody | ReturnBody, do: Callable[[Connection, datetime], SerialReply]
    ) -> SerialReply:
        now, contents = self._clock.now(), contents_digest(kind, body)
        with self._engine.begin() as connection:
            known = stored_serial(connection, body.serial)
            if known is not None:
                conflict = SerialReply(
                    serial=body.serial, outcome=BankOutcome.CONFLICT, reason="BANK-SERIAL-USED", at=now
                )
                return known[0] if known[1] == contents else conflict
            answer = do(connection, now)
            connection.execute(
                insert(BANK_SERIALS).values(
                    serial=body.serial,
                    kind=kind,
                    account=answer.account or "",
                    contents_sm3=contents,
                    outcome=answer.outcome,
                    reason=answer.reason,
                    at=stamp(now),
                )
            )
            if answer.outcome is BankOutcome.APPLIED:
                connection.execute(insert(BANK_EFFECTS).values(serial=body.serial, at=stamp(now)))
            return answer
