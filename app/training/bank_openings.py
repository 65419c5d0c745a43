"""The training bank's other half: opening accounts for requests, and the 回盘 of cards that keep their number."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, RowMapping, func, insert, select

from app.domain.account_number import account_check_digit
from app.province.bank_port import BankOutcome
from app.province.code_map import CodeMaps
from app.training.bank_models import OpeningBody, ReturnBody
from app.training.bank_schema import BANK_ACCOUNTS
from app.training.request_book import ACCEPTED, FAILED_OPENING, OPENED, SAME_NUMBER, TO_OPEN, move_request
from app.training.schema import CARDS, PERSONS
from app.training.service_schema import MAKING_RESULTS, PERSON_PAPERS, REQUESTS
from app.training.store import stamp

_MAY_OPEN = frozenset({ACCEPTED, TO_OPEN, FAILED_OPENING})


def decide_opening(
    connection: Connection, body: OpeningBody, today: date
) -> tuple[BankOutcome, str | None, str | None]:
    """Decide on an account: outcome, reason, and the account where there is one already (business.md 2.3)."""
    row = _request(connection, body.request_no)
    if row is None:
        return BankOutcome.REFUSED, "BANK-REQUEST-UNKNOWN", None
    if row["bank_account"]:
        # Opened before under another serial: the same account, never a second one.
        return BankOutcome.ALREADY, None, row["bank_account"]
    if row["step_code"] not in _MAY_OPEN or not row["open"]:
        return BankOutcome.REFUSED, "BANK-REQUEST-NOT-READY", None
    reason = _why_not(connection, body, row, today)
    return (BankOutcome.APPLIED, None, None) if reason is None else (BankOutcome.REFUSED, reason, None)


def open_account(connection: Connection, maps: CodeMaps, body: OpeningBody, now: datetime) -> str:
    """Open the account and tell the province."""
    count = connection.execute(select(func.count()).select_from(BANK_ACCOUNTS)).scalar_one()
    bare = f"620001{count:012d}"
    account = bare + account_check_digit(bare)
    connection.execute(
        insert(BANK_ACCOUNTS).values(
            account=account,
            serial=body.serial,
            request_no=body.request_no,
            citizen_number=body.citizen_number,
            bank_line=body.bank_line,
            at=stamp(now),
        )
    )
    told = {"bank_account": account, "bank_line": body.bank_line, "failure_code": None, "failure_text": None}
    move_request(connection, maps, body.request_no, OPENED, now, **told)
    return account


def note_failure(connection: Connection, maps: CodeMaps, body: OpeningBody, reason: str, now: datetime) -> None:
    """Tell the province that the account was refused: the request waits for corrected data (80)."""
    row = _request(connection, body.request_no)
    if row is not None and row["step_code"] in _MAY_OPEN:
        move_request(connection, maps, body.request_no, FAILED_OPENING, now, failure_code=reason, failure_text=reason)


def decide_return(connection: Connection, body: ReturnBody) -> tuple[BankOutcome, str | None]:
    """Decide on a 银行回盘: only for a card that was made and keeps its number."""
    row = _request(connection, body.request_no)
    if row is None:
        return BankOutcome.REFUSED, "BANK-REQUEST-UNKNOWN"
    if row["making_type"] != SAME_NUMBER:
        return BankOutcome.REFUSED, "BANK-NOT-SAME-NUMBER"
    if row["bank_account"] != body.account:
        return BankOutcome.REFUSED, "BANK-ACCOUNT-UNKNOWN"
    mine = (MAKING_RESULTS.c.request_no == body.request_no) & (MAKING_RESULTS.c.card_id == body.card_id)
    if connection.execute(select(MAKING_RESULTS.c.id).where(mine)).first() is None:
        return BankOutcome.REFUSED, "BANK-CARD-UNKNOWN"
    return BankOutcome.APPLIED, None


def _why_not(connection: Connection, body: OpeningBody, row: RowMapping, today: date) -> str | None:
    person = connection.execute(select(PERSONS).where(PERSONS.c.id == row["person_id"])).mappings().one()
    trouble = connection.execute(
        select(PERSON_PAPERS.c.bank_trouble).where(PERSON_PAPERS.c.person_id == row["person_id"])
    ).scalar()
    if (body.holder, body.citizen_number) != (person["name"], person["citizen_number"]):
        return "BANK-HOLDER-DIFFERS"
    if not body.consented:
        return "BANK-CONSENT-MISSING"
    if body.id_expires is not None and body.id_expires < today:
        return "BANK-ID-EXPIRED"
    if not body.occupation:
        return "BANK-OCCUPATION-MISSING"
    if _has_account_at(connection, row["person_id"], body):
        return "BANK-CLASS1-EXISTS"
    return trouble


def _has_account_at(connection: Connection, person: int, body: OpeningBody) -> bool:
    opened = (BANK_ACCOUNTS.c.citizen_number == body.citizen_number) & (BANK_ACCOUNTS.c.bank_line == body.bank_line)
    on_card = (CARDS.c.person_id == person) & (CARDS.c.bank_line == body.bank_line) & (CARDS.c.bank_account != "")
    # A replaced card's account goes with it; it is in the way only while no replacement is open.
    standing = on_card & ~CARDS.c.replacement_open & (CARDS.c.social_code.in_(("0", "1")))
    return any(
        connection.execute(query).first()
        for query in (select(BANK_ACCOUNTS.c.account).where(opened), select(CARDS.c.id).where(standing))
    )


def _request(connection: Connection, request_no: str) -> RowMapping | None:
    return connection.execute(select(REQUESTS).where(REQUESTS.c.request_no == request_no)).mappings().first()
