"""Enrolment of devices, anchors of their audit chains, and the check of every tag: the province's side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, Engine, Row, func, insert, select

from app.domain.anchor import (
    Anchor,
    AuditFinding,
    AuditPage,
    Countersigned,
    Enrolment,
    EnrolmentReceipt,
    LastSequence,
    signed_text,
)
from app.domain.audit import NOTHING, epoch_of, key_after, next_key, tag_of
from app.domain.clock import Clock
from app.domain.digest import sm3_hex
from app.domain.refusal import Refusal
from app.training.audit_wire import AlarmRow
from app.training.schema import ALARMS, ANCHORS, DEVICES, OPERATIONS, PROVINCE_KEY
from app.training.store import stamp
from hardware.crypto import sm2

TAG_WRONG = "AUDIT-TAG-WRONG"
MISSING = "AUDIT-ROW-MISSING"
DIFFERS = "AUDIT-ANCHOR-DIFFERS"
BEHIND = "ANCHOR-BEHIND"


class AuditDesk:
    """Keeps devices and anchors; whatever does not fit together is refused and leaves an alarm row."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def make_key(self) -> None:
        """Make the province's own key pair, once."""
        with self._engine.begin() as connection:
            if connection.execute(select(PROVINCE_KEY.c.id)).first() is None:
                made = sm2.make_pair()
                connection.execute(insert(PROVINCE_KEY).values(private=made.private.hex(), public=made.public.hex()))

    def enrol(self, asked: Enrolment) -> EnrolmentReceipt | Refusal:
        """Take a device's keys; an incarnation's are taken once, and the same ones again get the same answer."""
        with self._engine.begin() as connection:
            if not _is_signed(asked, asked.public_key, asked.signature):
                return self._refuse(connection, asked, "ANCHOR-SIGNATURE", None)
            known = _device(connection, asked.device, asked.incarnation)
            if known is not None:
                if (known.first_n, known.first_key, known.public_key) == (
                    asked.first_n,
                    asked.first_key,
                    asked.public_key,
                ):
                    return _receipt(connection, asked, known.at, known.signature)
                return self._refuse(connection, asked, "DEVICE-ENROLLED", None)
            if _current(connection, asked.device) is not None:
                # A restore makes a new one, and so does a second machine under the same name: somebody has to look.
                self._alarm(connection, asked, "DEVICE-NEW-INCARNATION", None)
            at = stamp(self._clock.now())
            bare = _receipt(connection, asked, at, "")
            receipt = replace(bare, signature=_sign(connection, bare))
            kept = {**vars(asked), "at": at, "signature": receipt.signature}
            connection.execute(insert(DEVICES).values(kept))
            return receipt

    def anchor(self, asked: Anchor) -> Countersigned | Refusal:
        """Countersign the head of a chain that goes on from what was countersigned before."""
        with self._engine.begin() as connection:
            device = _device(connection, asked.device, asked.incarnation)
            current = _current(connection, asked.device)
            if current is None:
                return Refusal("DEVICE-UNKNOWN")
            last = _last_anchor(connection, asked.device, asked.incarnation)
            code = _why_not(asked, device, current, last)
            if code == BEHIND:
                # As after a lost reply: no alarm until the device has said what that row is now.
                return Refusal(BEHIND)
            if code is not None:
                return self._refuse(connection, asked, code, asked.n)
            if last is not None and last.n == asked.n:
                return _countersigned(last)
            number = (connection.execute(select(func.max(ANCHORS.c.anchor_no))).scalar_one() or 0) + 1
            at = stamp(self._clock.now())
            bare = Countersigned(asked.device, asked.incarnation, number, asked.n, asked.sm3, at)
            made = replace(bare, signature=_sign(connection, bare))
            connection.execute(
                insert(ANCHORS).values(**vars(made), tag=asked.tag, made_at=asked.at, device_signature=asked.signature)
            )
            return made

    def last_sequence(self, device: str) -> Sequence[LastSequence]:
        """Return the highest device_seq of each incarnation, and what it was; oldest incarnation first."""
        highest = (
            select(OPERATIONS.c.incarnation, func.max(OPERATIONS.c.device_seq).label("device_seq"))
            .where(OPERATIONS.c.device == device)
            .group_by(OPERATIONS.c.incarnation)
            .subquery()
        )
        query = (
            select(OPERATIONS.c.incarnation, OPERATIONS.c.device_seq, OPERATIONS.c.op_id, OPERATIONS.c.payload_sm3)
            .join(
                highest,
                (highest.c.incarnation == OPERATIONS.c.incarnation) & (highest.c.device_seq == OPERATIONS.c.device_seq),
            )
            .where(OPERATIONS.c.device == device)
            .order_by(OPERATIONS.c.received_at)
        )
        with self._engine.begin() as connection:
            return [LastSequence(*row) for row in connection.execute(query)]

    def check(self, page: AuditPage) -> AuditFinding | Refusal:
        """Check the tags of some rows, and their digests against the anchors; the rows' contents stay at the device."""
        with self._engine.begin() as connection:
            device, current = _device(connection, page.device, page.incarnation), _current(connection, page.device)
            if device is None or current is None:
                return Refusal("DEVICE-UNKNOWN")
            if device.id != current.id:
                return Refusal("ANCHOR-INCARNATION")
            mine = (ANCHORS.c.device == page.device) & (ANCHORS.c.incarnation == page.incarnation)
            between = ANCHORS.c.n.between(page.after + 1, page.after + len(page.rows))
            rows = connection.execute(select(ANCHORS.c.n, ANCHORS.c.sm3).where(mine & between))
            anchored = {int(row.n): str(row.sm3) for row in rows}
            last = connection.execute(select(func.max(ANCHORS.c.n)).where(mine)).scalar_one() or 0
        first_bad, reason = _first_bad(page, int(device.first_n), bytes.fromhex(device.first_key), anchored)
        return AuditFinding(first_bad, reason, last)

    def alarms(self) -> Sequence[AlarmRow]:
        """Return what somebody has to look at, oldest first."""
        with self._engine.begin() as connection:
            rows = connection.execute(select(ALARMS).order_by(ALARMS.c.id)).all()
        return [AlarmRow(device=row.device, incarnation=row.incarnation, code=row.code, n=row.n) for row in rows]

    def _refuse(self, connection: Connection, asked: Enrolment | Anchor, code: str, n: int | None) -> Refusal:
        self._alarm(connection, asked, code, n)
        return Refusal(code)

    def _alarm(self, connection: Connection, asked: Enrolment | Anchor, code: str, n: int | None) -> None:
        at = stamp(self._clock.now())
        connection.execute(
            insert(ALARMS).values(device=asked.device, incarnation=asked.incarnation, code=code, n=n, at=at)
        )


Found = Row[tuple[object, ...]]


def _why_not(asked: Anchor, device: Found | None, current: Found, last: Found | None) -> str | None:
    """Return the code of what keeps an anchor from being countersigned."""
    if device is None or device.id != current.id:
        return "ANCHOR-INCARNATION"
    if not _is_signed(asked, device.public_key, asked.signature):
        return "ANCHOR-SIGNATURE"
    key = key_after(bytes.fromhex(device.first_key), epoch_of(device.first_n, asked.n))
    if asked.n < device.first_n or tag_of(key, asked.n, bytes.fromhex(asked.sm3)).hex() != asked.tag:
        return "ANCHOR-TAG"
    last_n, last_sm3 = (0, NOTHING.hex()) if last is None else (last.n, last.sm3)
    if asked.n < last_n:
        return "ANCHOR-BACKWARDS"
    if asked.n == last_n:
        return None if asked.sm3 == last_sm3 else "ANCHOR-DIFFERS"
    if asked.after_n != last_n:
        return BEHIND
    return None if asked.after_sm3 == last_sm3 else "ANCHOR-DIFFERS"


def _first_bad(
    page: AuditPage, first_n: int, first_key: bytes, anchored: dict[int, str]
) -> tuple[int, str] | tuple[None, None]:
    epoch, key = -1, b""
    for expected, row in enumerate(page.rows, page.after + 1):
        if row.n != expected or row.n < first_n:
            return min(expected, row.n), MISSING
        if (now := epoch_of(first_n, row.n)) != epoch:
            key = next_key(key) if now == epoch + 1 and key else key_after(first_key, now)
            epoch = now
        if tag_of(key, row.n, row.sm3) != row.tag:
            return row.n, TAG_WRONG
        if anchored.get(row.n, row.sm3.hex()) != row.sm3.hex():
            return row.n, DIFFERS
    return None, None


def _device(connection: Connection, device: str, incarnation: str) -> Found | None:
    return connection.execute(
        select(DEVICES).where(DEVICES.c.device == device, DEVICES.c.incarnation == incarnation)
    ).first()


def _current(connection: Connection, device: str) -> Found | None:
    return connection.execute(select(DEVICES).where(DEVICES.c.device == device).order_by(DEVICES.c.id.desc())).first()


def _last_anchor(connection: Connection, device: str, incarnation: str) -> Found | None:
    mine = ANCHORS.c.device == device, ANCHORS.c.incarnation == incarnation
    return connection.execute(select(ANCHORS).where(*mine).order_by(ANCHORS.c.n.desc()).limit(1)).first()


def _countersigned(row: Found) -> Countersigned:
    return Countersigned(row.device, row.incarnation, row.anchor_no, row.n, row.sm3, row.at, row.signature)


def _receipt(connection: Connection, asked: Enrolment, at: str, signature: str) -> EnrolmentReceipt:
    digest, province_key = sm3_hex(bytes.fromhex(asked.first_key)), _pair(connection).public.hex()
    return EnrolmentReceipt(asked.device, asked.incarnation, digest, asked.public_key, province_key, at, signature)


def _pair(connection: Connection) -> sm2.Sm2Pair:
    row = connection.execute(select(PROVINCE_KEY.c.private, PROVINCE_KEY.c.public)).one()
    return sm2.Sm2Pair(bytes.fromhex(row.private), bytes.fromhex(row.public))


def _sign(connection: Connection, value: EnrolmentReceipt | Countersigned) -> str:
    return sm2.sign(_pair(connection), signed_text(value)).hex()


def _is_signed(value: Enrolment | Anchor, public: str, signature: str) -> bool:
    return sm2.verify(bytes.fromhex(public), signed_text(value), bytes.fromhex(signature))
