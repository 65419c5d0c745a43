"""The addresses under /v1 for the register of terminals, evaluations, code tables and notices."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Path, Query

from app.training.answering import Responses, answered, with_absence, with_conflicts
from app.training.notice_desk import NoticeDesk
from app.training.notice_models import CodeTableReply, CodeTablesReply, NoticeBody, NoticesReply
from app.training.rating_desk import RatingDesk
from app.training.rating_models import RatingBody, RatingReply
from app.training.terminal_desk import TerminalDesk
from app.training.terminal_models import TerminalBody, TerminalOffBody, TerminalReply, TerminalsReply


def add_terminals(api: FastAPI, desk: TerminalDesk, refusals: Responses) -> None:
    """Add the register of terminals; `refusals` are what every address may answer."""
    responses = with_conflicts(refusals)

    @api.post("/v1/terminals", operation_id="register_terminal", responses=responses)
    def register(body: TerminalBody) -> TerminalReply:
        return answered(desk.register(body))

    @api.post("/v1/terminals/strike-off", operation_id="strike_off_terminal", responses=responses)
    def strike_off(body: TerminalOffBody) -> TerminalReply:
        return answered(desk.strike_off(body))

    @api.get("/v1/devices/{device}/terminals", operation_id="terminals", responses=with_absence(refusals))
    def of_device(device: Annotated[str, Path(min_length=1, max_length=64)]) -> TerminalsReply:
        return desk.of_device(device)


def add_ratings(api: FastAPI, desk: RatingDesk, refusals: Responses) -> None:
    """Add 好差评."""

    @api.post("/v1/ratings", operation_id="rate", responses=with_conflicts(refusals))
    def rate(body: RatingBody) -> RatingReply:
        return answered(desk.take(body))


def add_notices(api: FastAPI, desk: NoticeDesk, refusals: Responses) -> None:
    """Add notices and code tables."""

    @api.get("/v1/notices", operation_id="notices", responses=refusals)
    def notices(after: Annotated[int, Query(ge=0, le=2**63 - 1, description="the last number taken")]) -> NoticesReply:
        return desk.notices(after)

    @api.get("/v1/code-tables", operation_id="code_tables", responses={503: refusals[503]})
    def tables() -> CodeTablesReply:
        return desk.tables()

    @api.get("/v1/code-tables/{name}", operation_id="code_table", responses=with_absence(refusals))
    def table(name: str) -> CodeTableReply:
        return answered(desk.table(name))

    @api.post("/training/notices", include_in_schema=False)
    def announce(body: NoticeBody) -> int:
        return desk.announce(body.kind, body.title, body.text)
