"""A write takes effect once a serial: effect and stored answer in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy import Connection, insert, select

from app.domain.digest import payload_sm3
from app.domain.operation import canonical_json
from app.domain.refusal import Refusal
from app.training.service_schema import SERIALS
from app.training.store import stamp

R = TypeVar("R", bound=BaseModel)


def once(
    connection: Connection,
    kind: str,
    serial: str,
    body: BaseModel,
    reply: type[R],
    now: datetime,
    do: Callable[[], R | Refusal],
) -> R | Refusal:
    """Answer as before where the serial is known, else do it and keep the answer.

    SERIAL-USED for a serial that came with another kind or other contents; a refusal is not kept, for nothing was done.
    """
    contents = payload_sm3(canonical_json({"kind": kind, **body.model_dump(mode="json")}))
    known = connection.execute(
        select(SERIALS.c.contents_sm3, SERIALS.c.reply).where(SERIALS.c.serial == serial)
    ).first()
    if known is not None:
        return reply.model_validate_json(known[1]) if known[0] == contents else Refusal("SERIAL-USED")
    made = do()
    if not isinstance(made, Refusal):
        connection.execute(
            insert(SERIALS).values(
                serial=serial, kind=kind, contents_sm3=contents, reply=made.model_dump_json(), at=stamp(now)
            )
        )
    return made
