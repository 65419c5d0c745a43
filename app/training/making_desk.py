"""Making a card at the window: lock, batch, data, result, enabling; each step once a serial (business.md 2.2, 2.3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy import Connection, Engine, RowMapping, insert, select, update

from app.domain.clock import Clock
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.province.code_map import CodeMaps
from app.training.change_desk import note_change
from app.training.making_models import EnablingReply, MakingBody, MakingDataReply, MakingReply, ResultBody
from app.training.once import once
from app.training.photo_store import photo_sm3
from app.training.request_book import (
    ACCEPTED,
    DATA_TAKEN,
    FAILED_MAKING,
    IN_BATCH,
    MADE,
    OPENED,
    SAME_NUMBER,
    move_request,
)
from app.training.schema import CARDS, PERSONS
from app.training.service_desk import request_reply
from app.training.service_schema import MAKING_RESULTS, REQUESTS
from app.training.store import stamp

R = TypeVar("R", bound=BaseModel)
_VALID_YEARS = 10
_READY_FOR_BATCH = frozenset({OPENED, IN_BATCH, DATA_TAKEN, FAILED_MAKING})
_READY_FOR_DATA = frozenset({IN_BATCH, DATA_TAKEN, FAILED_MAKING})


class MakingDesk:
    """One maker at a time for a request; refusals MAKING-UNKNOWN and MAKING-…."""

    def __init__(self, engine: Engine, maps: CodeMaps, clock: Clock) -> None:
        self._engine = engine
        self._maps = maps
        self._clock = clock

    def lock(self, body: MakingBody) -> MakingReply | Refusal:
        """Take a request for one device; MAKING-LOCKED, MAKING-ENDED."""

        def do(connection: Connection, row: RowMapping, _now: datetime) -> MakingReply | Refusal:
            if row["locked_by"] not in (None, body.device):
                return Refusal("MAKING-LOCKED")
            return _locked(connection, body, body.device)

        return self._take("making lock", body, MakingReply, do)

    def unlock(self, body: MakingBody) -> MakingReply | Refusal:
        """Let go of a request; MAKING-NOT-LOCKED."""

        def do(connection: Connection, _row: RowMapping, _now: datetime) -> MakingReply | Refusal:
            return _locked(connection, body, None)

        return self._take("making unlock", body, MakingReply, do, own=True)

    def batch(self, body: MakingBody) -> MakingReply | Refusal:
        """Mark as made at once and give a batch; one that has its batch keeps it. MAKING-ACCOUNT-MISSING."""

        def do(connection: Connection, row: RowMapping, now: datetime) -> MakingReply | Refusal:
            if row["making_type"] == SAME_NUMBER and row["step_code"] == ACCEPTED:
                move_request(connection, self._maps, body.request_no, OPENED, now)
            elif row["step_code"] not in _READY_FOR_BATCH:
                return Refusal("MAKING-ACCOUNT-MISSING")
            if row["batch_no"] is None:
                batch_no = f"{now:%Y%m%d}{row['request_no'][-8:]}"
                move_request(connection, self._maps, body.request_no, IN_BATCH, now, batch_no=batch_no)
            return MakingReply(request=request_reply(connection, body.request_no))

        return self._take("making batch", body, MakingReply, do, own=True)

    def data(self, body: MakingBody) -> MakingDataReply | Refusal:
        """Give what is written and printed; MAKING-BATCH-MISSING, MAKING-ACCOUNT-MISSING."""

        def do(connection: Connection, row: RowMapping, now: datetime) -> MakingDataReply | Refusal:
            if row["batch_no"] is None or row["step_code"] not in _READY_FOR_DATA:
                return Refusal("MAKING-BATCH-MISSING")
            if not row["bank_account"]:
                return Refusal("MAKING-ACCOUNT-MISSING")
            person = _person(connection, row["person_id"])
            card = connection.execute(select(CARDS).where(CARDS.c.id == row["card"])).mappings().one()
            move_request(connection, self._maps, body.request_no, DATA_TAKEN, now)
            return MakingDataReply(
                request_no=body.request_no,
                card_number=f"T{row['request_no'][-8:]}",
                citizen_number=person["citizen_number"],
                name=person["name"],
                sex_code=person["sex_code"],
                nation_code=person["nation_code"],
                birth_date=person["birth_date"],
                issued=now.date(),
                expires=now.date().replace(year=now.year + _VALID_YEARS, day=min(now.day, 28)),
                region_code=card["region_code"],
                bank_line=row["bank_line"],
                bank_account=row["bank_account"],
                photo_sm3=photo_sm3(connection, row["person_id"]),
            )

        return self._take("making data", body, MakingDataReply, do, own=True)

    def result(self, body: ResultBody) -> MakingReply | Refusal:
        """Take a 回盘; MAKING-CARD-MISSING, MAKING-STAGE-MISSING, MAKING-DATA-MISSING, MAKING-ACCOUNT-DIFFERS.

        Refused too: MAKING-CARD-USED for a 卡识别码 that another card has.
        """

        def do(connection: Connection, row: RowMapping, now: datetime) -> MakingReply | Refusal:
            if (refusal := _why_no_result(connection, body, row)) is not None:
                return refusal
            connection.execute(insert(MAKING_RESULTS).values(_result_row(body, now)))
            if not body.made:
                text = f"{body.failed_stage} {body.failure_text}".strip()
                failed = {"failure_code": "MAKING-FAILED", "failure_text": text}
                move_request(connection, self._maps, body.request_no, FAILED_MAKING, now, **failed)
            else:
                self._made(connection, body, row, now)
            return MakingReply(request=request_reply(connection, body.request_no))

        return self._take("making result", body, MakingReply, do, own=True)

    def enable(self, body: MakingBody) -> EnablingReply | Refusal:
        """启用 of the card that a request made: it becomes normal, and what it replaces ends. MAKING-NOT-MADE."""

        def do(connection: Connection, row: RowMapping, now: datetime) -> EnablingReply | Refusal:
            made = select(MAKING_RESULTS.c.card_id).where(
                MAKING_RESULTS.c.request_no == body.request_no, MAKING_RESULTS.c.made
            )
            card_id = connection.execute(made).scalar()
            if card_id is None:
                return Refusal("MAKING-NOT-MADE")
            normal = self._maps.social.code(SocialState.NORMAL) or ""
            ended = self._maps.social.code(SocialState.CANCELLED) or ""
            mine = (CARDS.c.person_id == row["person_id"]) & CARDS.c.card_id.is_not(None)
            old = (
                connection.execute(select(CARDS).where(mine, CARDS.c.card_id != card_id, CARDS.c.social_code != ended))
                .mappings()
                .all()
            )
            for other in old:
                self._set(connection, other["id"], ended, now, replacement_open=False)
            new = connection.execute(select(CARDS.c.id).where(CARDS.c.card_id == card_id)).scalar_one()
            self._set(connection, new, normal, now, production_code="32", bank_code="0")
            move_request(connection, self._maps, body.request_no, "32", now)
            version = connection.execute(select(CARDS.c.version).where(CARDS.c.id == new)).scalar_one()
            return EnablingReply(social_code=normal, version=version, old_cards=[card["card_id"] for card in old])

        return self._take("making enable", body, EnablingReply, do, ended_too=True)

    def _take(
        self,
        kind: str,
        body: MakingBody | ResultBody,
        reply: type[R],
        do: Callable[[Connection, RowMapping, datetime], R | Refusal],
        own: bool = False,
        ended_too: bool = False,
    ) -> R | Refusal:
        now = self._clock.now()

        def judged(connection: Connection) -> R | Refusal:
            query = select(REQUESTS).where(REQUESTS.c.request_no == body.request_no)
            row = connection.execute(query).mappings().first()
            if row is None:
                return Refusal("MAKING-UNKNOWN")
            if not row["open"] and not ended_too:
                return Refusal("MAKING-ENDED")
            if own and row["locked_by"] != body.device:
                return Refusal("MAKING-NOT-LOCKED")
            return do(connection, row, now)

        with self._engine.begin() as connection:
            return once(connection, kind, body.serial, body, reply, now, lambda: judged(connection))

    def _made(self, connection: Connection, body: ResultBody, row: RowMapping, now: datetime) -> None:
        sealed = self._maps.social.code(SocialState.SEALED) or ""
        old = connection.execute(select(CARDS).where(CARDS.c.id == row["card"])).mappings().one()
        values = {
            "card_id": body.card_id,
            "card_number": f"T{row['request_no'][-8:]}",
            "spec_version": "3.00",
            "issued": now.date().isoformat(),
            "expires": now.date().replace(year=now.year + _VALID_YEARS, day=min(now.day, 28)).isoformat(),
            "social_code": sealed,
            "production_code": MADE,
            "register_code": sealed,
            "bank_code": "0",
            "bank_line": row["bank_line"],
            "bank_account": row["bank_account"],
            "changed_at": stamp(now),
        }
        move_request(connection, self._maps, body.request_no, MADE, now, failure_code=None, failure_text=None)
        if old["card_id"] is None:
            connection.execute(update(CARDS).where(CARDS.c.id == old["id"]).values(values))
            note_change(connection, self._maps, old["id"], now)
            return
        kept = {name: old[name] for name in ("person_id", "region_code", "bank_name")}
        new = {**kept, **values, "replacement_open": False, "version": 1, "profile": None}
        key = connection.execute(insert(CARDS).values(new).returning(CARDS.c.id)).scalar_one()
        note_change(connection, self._maps, key, now)

    def _set(self, connection: Connection, key: int, social_code: str, now: datetime, **more: object) -> None:
        moved = {"social_code": social_code, "register_code": social_code, "changed_at": stamp(now), **more}
        connection.execute(update(CARDS).where(CARDS.c.id == key).values({**moved, "version": CARDS.c.version + 1}))
        note_change(connection, self._maps, key, now)


def _locked(connection: Connection, body: MakingBody, device: str | None) -> MakingReply:
    mine = REQUESTS.c.request_no == body.request_no
    connection.execute(update(REQUESTS).where(mine).values(locked_by=device))
    return MakingReply(request=request_reply(connection, body.request_no))


def _why_no_result(connection: Connection, body: ResultBody, row: RowMapping) -> Refusal | None:
    if row["step_code"] not in (DATA_TAKEN, FAILED_MAKING):
        return Refusal("MAKING-DATA-MISSING")
    if not body.made:
        return None if body.failed_stage else Refusal("MAKING-STAGE-MISSING")
    if body.card_id is None:
        return Refusal("MAKING-CARD-MISSING")
    if body.bank_account and body.bank_account != row["bank_account"]:
        return Refusal("MAKING-ACCOUNT-DIFFERS")
    used = connection.execute(select(CARDS.c.id).where(CARDS.c.card_id == body.card_id)).first()
    return None if used is None else Refusal("MAKING-CARD-USED")


def _result_row(body: ResultBody, now: datetime) -> dict[str, object]:
    row: dict[str, object] = body.model_dump(
        include={"request_no", "made", "card_id", "device", "failed_stage", "failure_text"}
    )
    return {**row, "at": stamp(now)}


def _person(connection: Connection, person: int) -> RowMapping:
    return connection.execute(select(PERSONS).where(PERSONS.c.id == person)).mappings().one()
