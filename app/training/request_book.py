"""Requests to make a card: opening, moving by steps, closing; the card's row moves with its request."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from app.domain.states import ProductionState
from app.province.code_map import CodeMaps
from app.training.change_desk import note_change
from app.training.records import CardRecord
from app.training.schema import CARDS
from app.training.service_schema import REQUEST_STEPS, REQUESTS
from app.training.store import stamp

NEW, SAME_NUMBER = "1", "4"
"""ACA017."""
ACCEPTED, TO_OPEN, OPENED, FAILED_OPENING = "11", "21", "23", "80"
IN_BATCH, DATA_TAKEN, MADE, FAILED_MAKING, COLLECTED = "41", "42", "45", "85", "32"


def open_request(
    connection: Connection, card: CardRecord, op_id: str, service: str, making_type: str, now: datetime
) -> str:
    """Open a request for a card's person and return its number; a new card of a person without one gets its row."""
    key = card.key
    row = connection.execute(select(CARDS).where(CARDS.c.id == card.key)).mappings().one()
    if card.has_chip and making_type == NEW:
        shown = {name: row[name] for name in ("person_id", "region_code", "spec_version", "bank_name", "bank_line")}
        blank = {**shown, **_BLANK, "changed_at": stamp(now)}
        key = connection.execute(insert(CARDS).values(blank).returning(CARDS.c.id)).scalar_one()
    count = connection.execute(select(func.count()).select_from(REQUESTS)).scalar_one()
    request_no = f"{row['region_code']}{now:%Y%m%d}{count + 1:08d}"
    connection.execute(
        insert(REQUESTS).values(
            request_no=request_no,
            op_id=op_id,
            person_id=card.person_key,
            card=key,
            service=service,
            making_type=making_type,
            bank_line=row["bank_line"],
            bank_account=row["bank_account"] if making_type == SAME_NUMBER else "",
            step_code=ACCEPTED,
            open=True,
        )
    )
    connection.execute(insert(REQUEST_STEPS).values(request_no=request_no, step_code=ACCEPTED, at=stamp(now)))
    if not (card.has_chip and making_type == NEW):
        shown_by = {"production_code": ACCEPTED} if making_type == NEW else {"replacement_open": True}
        moved = {**shown_by, "version": CARDS.c.version + 1, "changed_at": stamp(now)}
        connection.execute(update(CARDS).where(CARDS.c.id == card.key).values(moved))
    return request_no


def move_request(
    connection: Connection, maps: CodeMaps, request_no: str, step_code: str, now: datetime, **more: object
) -> None:
    """Note a step; a card without its chip shows the same step, and a step at which making ends closes the request."""
    ended = maps.production.state(step_code) in (ProductionState.COLLECTED, ProductionState.NONE)
    values = {"step_code": step_code, "open": not ended, **more}
    connection.execute(update(REQUESTS).where(REQUESTS.c.request_no == request_no).values(values))
    connection.execute(insert(REQUEST_STEPS).values(request_no=request_no, step_code=step_code, at=stamp(now)))
    row = connection.execute(
        select(REQUESTS.c.card, CARDS.c.card_id, REQUESTS.c.making_type)
        .join(CARDS, CARDS.c.id == REQUESTS.c.card)
        .where(REQUESTS.c.request_no == request_no)
    ).one()
    if row.card_id is None:
        moved = {"production_code": step_code, "version": CARDS.c.version + 1, "changed_at": stamp(now)}
        connection.execute(update(CARDS).where(CARDS.c.id == row.card).values(moved))


def close_requests(connection: Connection, maps: CodeMaps, card: CardRecord, step_code: str, now: datetime) -> int:
    """End every open request of a card, and let go of what it replaces; returns how many there were."""
    mine = (REQUESTS.c.card == card.key) & REQUESTS.c.open
    found = connection.execute(select(REQUESTS.c.request_no).where(mine)).scalars().all()
    for request_no in found:
        move_request(connection, maps, request_no, step_code, now, open=False)
    if card.replacement_open:
        moved = {"replacement_open": False, "version": CARDS.c.version + 1, "changed_at": stamp(now)}
        connection.execute(update(CARDS).where(CARDS.c.id == card.key).values(moved))
        note_change(connection, maps, card.key, now)
    return len(found)


_BLANK: dict[str, object] = {
    "card_id": None,
    "card_number": None,
    "issued": None,
    "expires": None,
    "social_code": "",
    "production_code": ACCEPTED,
    "bank_code": "",
    "bank_account": "",
    "register_code": "",
    "replacement_open": False,
    "version": 1,
    "profile": None,
}
