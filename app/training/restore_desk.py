"""What a machine asks that was restored: its operations that the province has, and its journal's key."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine, Row, insert, select

from app.domain.clock import Clock
from app.domain.operation import Outcome
from app.domain.refusal import Refusal
from app.training.restore_wire import KeyReleaseReply, OwnOperationReply
from app.training.schema import ALARMS, DEVICES, OPERATIONS, PROVINCE_KEY
from app.training.store import stamp
from hardware.crypto import sm2

PAGE_ROWS = 100
RELEASED = "DEVICE-KEY-RELEASED"
_KEY_DIGITS = 64


class RestoreDesk:
    """Answers machines that lost their disk."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def operations(self, device: str, after: int) -> Sequence[OwnOperationReply]:
        """Return a page of a device's operations by device_seq; all of one number stand in one page."""
        mine = select(OPERATIONS).where(OPERATIONS.c.device == device, OPERATIONS.c.device_seq > after)
        with self._engine.begin() as connection:
            rows = connection.execute(mine.order_by(OPERATIONS.c.device_seq).limit(PAGE_ROWS)).all()
            if len(rows) == PAGE_ROWS:
                last = rows[-1].device_seq
                same = connection.execute(mine.where(OPERATIONS.c.device_seq == last)).all()
                rows = [row for row in rows if row.device_seq != last] + list(same)
        return [_reply(row) for row in rows]

    def release(self, device: str, escrow: str, public_key: str) -> KeyReleaseReply | Refusal:
        """Open what a device had sealed, for itself only, and leave a row that somebody has to look at."""
        with self._engine.begin() as connection:
            known = select(DEVICES.c.incarnation).where(DEVICES.c.device == device).order_by(DEVICES.c.id.desc())
            incarnation = connection.scalar(known.limit(1))
            if incarnation is None:
                return Refusal("DEVICE-UNKNOWN")
            key = _opened(connection, device, bytes.fromhex(escrow))
            code = "ESCROW-FALSE" if key is None else RELEASED
            at = stamp(self._clock.now())
            connection.execute(insert(ALARMS).values(device=device, incarnation=incarnation, code=code, n=None, at=at))
        if key is None:
            return Refusal("ESCROW-FALSE")
        return KeyReleaseReply(sealed=sm2.encrypt(bytes.fromhex(public_key), key).hex())


def _reply(row: Row[tuple[object, ...]]) -> OwnOperationReply:
    return OwnOperationReply(
        incarnation=row.incarnation,
        device_seq=row.device_seq,
        op_id=row.op_id,
        kind=row.kind,
        order_key=row.order_key,
        payload=row.payload,
        payload_sm3=row.payload_sm3,
        schema_ver=row.schema_ver,
        occurred_at=datetime.fromisoformat(row.occurred_at),
        base_version=row.base_version,
        outcome=Outcome(row.outcome),
        reason=row.reason,
        message=row.message,
        effect_at=datetime.fromisoformat(row.effect_at) if row.effect_at is not None else None,
    )


def _opened(connection: Connection, device: str, escrow: bytes) -> bytes | None:
    """Return the key; None for what was not sealed for this province, or for another device."""
    row = connection.execute(select(PROVINCE_KEY.c.private, PROVINCE_KEY.c.public)).one()
    clear = sm2.decrypt(sm2.Sm2Pair(bytes.fromhex(row.private), bytes.fromhex(row.public)), escrow)
    try:
        told = json.loads(clear or b"null")
    except ValueError:
        return None
    if not isinstance(told, dict) or told.get("device") != device:
        return None
    key = told.get("key")
    return bytes.fromhex(key) if isinstance(key, str) and len(key) == _KEY_DIGITS else None
