"""The province over HTTP: the reference wire /v1. Imported only where it is used, for httpx is slow to load."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

import httpx

from app.domain.anchor import (
    Anchor,
    AuditFinding,
    AuditPage,
    Countersigned,
    Enrolment,
    EnrolmentReceipt,
    LastSequence,
)
from app.domain.downlink import ChangePage, SealingKey
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.province import downlink_wire, wire
from app.province.call_kinds import CallKind
from app.province.code_map import NATIONAL, CodeMaps
from app.province.code_map import load as load_code_maps
from app.province.http_line import HttpLine, LineCodes, NoReply, Watch
from app.province.line_guard import LineGuard
from app.province.port import (
    NOT_OFFERED,
    Away,
    CardCheck,
    CardCheckRequest,
    HsmAnswer,
    HsmRequest,
    ItemAnswer,
    OwnOperation,
    ProfileQuery,
    UploadBatch,
)
from app.province.upload_body import item_body

_CODES = LineCodes(
    away="PROVINCE-AWAY",
    busy="PROVINCE-BUSY",
    refused="PROVINCE-REFUSED",
    nonsense=wire.NONSENSE,
    named=frozenset(
        {
            *("HOLDER-UNKNOWN", "CARD-UNKNOWN", "DEVICE-UNKNOWN", "DEVICE-ENROLLED", "ANCHOR-SIGNATURE"),
            *("ANCHOR-INCARNATION", "ANCHOR-BACKWARDS", "ANCHOR-BEHIND", "ANCHOR-DIFFERS", "ANCHOR-TAG"),
            *("ESCROW-FALSE", NOT_OFFERED),
        }
    ),
)


class HttpProvince:
    """Implements `port.Province` with one connection pool; safe to call from several threads."""

    def __init__(
        self,
        base_url: str,
        device: str,
        training: bool,
        transport: httpx.BaseTransport | None = None,
        code_map: str = NATIONAL,
        guard: LineGuard | None = None,
        watch: Watch = lambda _exchange: None,
    ) -> None:
        """Prepare the door to a province that speaks by a code map; no contact yet. Without a guard nothing is signed.

        Raises ValueError in training for an address that is not loopback: fictional data must not reach a real
        province, nor a real holder's data the training province.
        """
        self._maps = load_code_maps(code_map)
        self._guard = guard
        self._line = HttpLine(base_url, device, training, _CODES, transport, guard, watch)

    @property
    def code_maps(self) -> CodeMaps:
        """Return the code lists in use."""
        return self._maps

    @property
    def line(self) -> HttpLine:
        """Return the line, for the families of the wire that have clients of their own."""
        return self._line

    def close(self) -> None:
        """Close every connection."""
        self._line.close()

    def clock(self) -> datetime | Refusal:
        """Return the province's time."""
        reply = self._line.ask("GET", "/v1/clock", kind=CallKind.CLOCK)
        if isinstance(reply, NoReply):
            return reply.refusal
        told = wire.parse_clock(reply.body)
        if self._guard is not None and not isinstance(told, Refusal):
            self._guard.tell_time(told)
        return told

    def hsm_step(self, request: HsmRequest) -> HsmAnswer | Refusal:
        """Have the HSM answer a card's randoms."""
        reply = self._line.ask(
            "POST",
            "/v1/hsm/step",
            {
                "region": request.region,
                "history": request.history,
                "algorithm": request.algorithm,
                "card_id": request.card_id,
                "internal_process": request.internal_process,
                "internal_original": request.internal_original,
                "external_process": request.external_process,
                "external_original": request.external_original,
            },
        )
        if isinstance(reply, NoReply):
            return reply.refusal
        return wire.parse_hsm_answer(reply.body, external_asked=bool(request.external_original))

    def check_card(self, request: CardCheckRequest) -> CardCheck | Refusal:
        """Ask whether the card may be used now (卡鉴权)."""
        reply = self._line.ask(
            "POST",
            "/v1/card-checks",
            {
                "card_id": request.card_id,
                "card_number": request.card_number,
                "authenticated": request.authenticated,
                "device": request.device,
                "purpose": request.purpose,
            },
        )
        if isinstance(reply, NoReply):
            return reply.refusal
        return wire.parse_card_check(reply.body, self._maps, ProfileQuery("", card_id=request.card_id))

    def profile(self, query: ProfileQuery) -> Profile | Refusal:
        """Fetch the holder's profile; what is asked for travels in the body, never in the address."""
        reply = self._line.ask(
            "POST",
            "/v1/holders/profile",
            {"purpose": query.purpose, "card_id": query.card_id, "citizen_number": query.citizen_number},
        )
        return reply.refusal if isinstance(reply, NoReply) else wire.parse_profile(reply.body, self._maps, query)

    def upload(self, batch: UploadBatch) -> tuple[ItemAnswer, ...] | Away:
        """Deliver operations; exactly one answer an item."""
        body = {
            "device": batch.device,
            "incarnation": batch.incarnation,
            "items": [item_body(item) for item in batch.items],
        }
        reply = self._line.ask("POST", "/v1/operations", body, CallKind.BATCH)
        if isinstance(reply, NoReply):
            return Away(reply.refusal, reply.retry_after)
        answers = wire.parse_upload_answers(reply.body, [item.op_id for item in batch.items])
        return Away(answers) if isinstance(answers, Refusal) else answers

    def operation_status(self, op_id: str) -> ItemAnswer | Refusal | None:
        """Ask what became of an operation; None when the province never saw it."""
        reply = self._line.ask("GET", f"/v1/operations/{quote(op_id, safe='')}", absent_code="OP-UNKNOWN", op_id=op_id)
        if isinstance(reply, NoReply):
            return reply.refusal
        return None if reply.status == httpx.codes.NOT_FOUND else wire.parse_item_answer(reply.body)

    def enrol(self, enrolment: Enrolment) -> EnrolmentReceipt | Refusal:
        """Give the province the device's keys."""
        path = f"/v1/devices/{quote(enrolment.device, safe='')}/enrolment"
        body = {name: value for name, value in vars(enrolment).items() if name != "device"}
        reply = self._line.ask("POST", path, body)
        return reply.refusal if isinstance(reply, NoReply) else wire.parse_enrolment_receipt(reply.body)

    def anchor(self, anchor: Anchor) -> Countersigned | Refusal:
        """Have the head of the audit chain countersigned."""
        reply = self._line.ask("POST", "/v1/anchors", vars(anchor))
        return reply.refusal if isinstance(reply, NoReply) else wire.parse_countersigned(reply.body)

    def last_sequence(self, device: str) -> tuple[LastSequence, ...] | Refusal:
        """Ask for the highest device_seq of each incarnation."""
        reply = self._line.ask("GET", f"/v1/devices/{quote(device, safe='')}/sequence")
        return reply.refusal if isinstance(reply, NoReply) else wire.parse_last_sequences(reply.body)

    def own_operations(self, device: str, after: int) -> tuple[OwnOperation, ...] | Refusal:
        """Ask for what the province has of a device."""
        path = f"/v1/devices/{quote(device, safe='')}/operations?after={after}"
        reply = self._line.ask("GET", path, kind=CallKind.BATCH)
        return reply.refusal if isinstance(reply, NoReply) else wire.parse_own_operations(reply.body)

    def release_key(self, device: str, escrow: str, public_key: str) -> str | Refusal:
        """Have a journal's key opened."""
        path = f"/v1/devices/{quote(device, safe='')}/key-releases"
        reply = self._line.ask("POST", path, {"escrow": escrow, "public_key": public_key})
        return reply.refusal if isinstance(reply, NoReply) else wire.parse_released_key(reply.body)

    def check_audit(self, page: AuditPage) -> AuditFinding | Refusal:
        """Have some rows of the audit chain checked."""
        rows = [{"n": row.n, "sm3": row.sm3.hex(), "tag": row.tag.hex()} for row in page.rows]
        body = {"device": page.device, "incarnation": page.incarnation, "after": page.after, "rows": rows}
        reply = self._line.ask("POST", "/v1/audit-checks", body, CallKind.BATCH)
        return reply.refusal if isinstance(reply, NoReply) else wire.parse_audit_finding(reply.body)

    def changes(self, after: int, limit: int) -> ChangePage | Refusal:
        """Ask for changes after a number of the province's sequence."""
        reply = self._line.ask("GET", f"/v1/changes?after={after:d}&limit={limit:d}")
        return (
            reply.refusal if isinstance(reply, NoReply) else downlink_wire.parse_changes(reply.body, self._maps, after)
        )

    def sealing_key(self) -> SealingKey | Refusal:
        """Ask for the key that files for the province are sealed with."""
        reply = self._line.ask("GET", "/v1/sealing-key")
        return reply.refusal if isinstance(reply, NoReply) else downlink_wire.parse_sealing_key(reply.body)
