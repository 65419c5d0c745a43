"""The province over HTTP: the reference wire /v1. Imported only where it is used, for httpx is slow to load."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlsplit

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
from app.domain.operation import canonical_json
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.province import wire
from app.province.code_map import CodeMaps
from app.province.code_map import load as load_code_maps
from app.province.port import (
    Away,
    CardCheck,
    CardCheckRequest,
    HsmAnswer,
    HsmRequest,
    ItemAnswer,
    ProfileQuery,
    UploadBatch,
    UploadItem,
)
from app.province.training_address import require_loopback

AWAY = "PROVINCE-AWAY"
BUSY = "PROVINCE-BUSY"
REFUSED = "PROVINCE-REFUSED"

_CONNECT_S = 2.0
_READ_S = 5.0
_UPLOAD_READ_S = 15.0
_LARGEST_REPLY = 4 * 1024 * 1024
_LONGEST_RETRY_AFTER_S = 3600.0
# Shorter than any server keeps an idle connection, so that a request does not meet one being closed.
_KEEP_ALIVE_S = 3.0
_BUSY_STATUSES = frozenset({408, 425, 429})
_NAMED_REFUSALS = frozenset(
    {
        *("HOLDER-UNKNOWN", "CARD-UNKNOWN", "DEVICE-UNKNOWN", "DEVICE-ENROLLED", "ANCHOR-SIGNATURE"),
        *("ANCHOR-INCARNATION", "ANCHOR-BACKWARDS", "ANCHOR-BEHIND", "ANCHOR-DIFFERS", "ANCHOR-TAG"),
    }
)


@dataclass(frozen=True)
class _Reply:
    status: int
    body: bytes


@dataclass(frozen=True)
class _NoReply:
    refusal: Refusal
    retry_after: float | None = None


class HttpProvince:
    """Implements `port.Province` with one connection pool; safe to call from several threads."""

    def __init__(
        self, base_url: str, device: str, training: bool, transport: httpx.BaseTransport | None = None
    ) -> None:
        """Prepare the door; no contact yet.

        Raises ValueError in training for an address that is not loopback: fictional data must not reach a real
        province, nor a real holder's data the training province.
        """
        if training:
            require_loopback(base_url)
        self._maps = load_code_maps()
        self._client = httpx.Client(
            base_url=base_url,
            transport=transport,
            headers={"X-Device": quote(device, safe=""), "Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(_READ_S, connect=_CONNECT_S),
            limits=httpx.Limits(max_connections=8, keepalive_expiry=_KEEP_ALIVE_S),
            follow_redirects=False,
            trust_env=False,
            verify=_trust(base_url),
        )

    @property
    def code_maps(self) -> CodeMaps:
        """Return the code lists in use."""
        return self._maps

    def close(self) -> None:
        """Close every connection."""
        self._client.close()

    def clock(self) -> datetime | Refusal:
        """Return the province's time."""
        reply = self._ask("GET", "/v1/clock")
        return reply.refusal if isinstance(reply, _NoReply) else wire.parse_clock(reply.body)

    def hsm_step(self, request: HsmRequest) -> HsmAnswer | Refusal:
        """Have the HSM answer a card's randoms."""
        reply = self._ask(
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
        if isinstance(reply, _NoReply):
            return reply.refusal
        return wire.parse_hsm_answer(reply.body, external_asked=bool(request.external_original))

    def check_card(self, request: CardCheckRequest) -> CardCheck | Refusal:
        """Ask whether the card may be used now (卡鉴权)."""
        reply = self._ask(
            "POST",
            "/v1/card-checks",
            {
                "card_id": request.card_id,
                "card_number": request.card_number,
                "authenticated": request.authenticated,
                "device": request.device,
            },
        )
        return reply.refusal if isinstance(reply, _NoReply) else wire.parse_card_check(reply.body, self._maps)

    def profile(self, query: ProfileQuery) -> Profile | Refusal:
        """Fetch the holder's profile; what is asked for travels in the body, never in the address."""
        reply = self._ask(
            "POST",
            "/v1/holders/profile",
            {"purpose": query.purpose, "card_id": query.card_id, "citizen_number": query.citizen_number},
        )
        return reply.refusal if isinstance(reply, _NoReply) else wire.parse_profile(reply.body, self._maps, query)

    def upload(self, batch: UploadBatch) -> tuple[ItemAnswer, ...] | Away:
        """Deliver operations; exactly one answer an item."""
        body = {
            "device": batch.device,
            "incarnation": batch.incarnation,
            "items": [_item_body(item) for item in batch.items],
        }
        reply = self._ask("POST", "/v1/operations", body, read_s=_UPLOAD_READ_S)
        if isinstance(reply, _NoReply):
            return Away(reply.refusal, reply.retry_after)
        answers = wire.parse_upload_answers(reply.body, [item.op_id for item in batch.items])
        return Away(answers) if isinstance(answers, Refusal) else answers

    def operation_status(self, op_id: str) -> ItemAnswer | Refusal | None:
        """Ask what became of an operation; None when the province never saw it."""
        reply = self._ask("GET", f"/v1/operations/{quote(op_id, safe='')}", absent_code="OP-UNKNOWN")
        if isinstance(reply, _NoReply):
            return reply.refusal
        return None if reply.status == httpx.codes.NOT_FOUND else wire.parse_item_answer(reply.body)

    def enrol(self, enrolment: Enrolment) -> EnrolmentReceipt | Refusal:
        """Give the province the device's keys."""
        path = f"/v1/devices/{quote(enrolment.device, safe='')}/enrolment"
        body = {name: value for name, value in vars(enrolment).items() if name != "device"}
        reply = self._ask("POST", path, body)
        return reply.refusal if isinstance(reply, _NoReply) else wire.parse_enrolment_receipt(reply.body)

    def anchor(self, anchor: Anchor) -> Countersigned | Refusal:
        """Have the head of the audit chain countersigned."""
        reply = self._ask("POST", "/v1/anchors", vars(anchor))
        return reply.refusal if isinstance(reply, _NoReply) else wire.parse_countersigned(reply.body)

    def last_sequence(self, device: str) -> tuple[LastSequence, ...] | Refusal:
        """Ask for the highest device_seq of each incarnation."""
        reply = self._ask("GET", f"/v1/devices/{quote(device, safe='')}/sequence")
        return reply.refusal if isinstance(reply, _NoReply) else wire.parse_last_sequences(reply.body)

    def check_audit(self, page: AuditPage) -> AuditFinding | Refusal:
        """Have some rows of the audit chain checked."""
        rows = [{"n": row.n, "sm3": row.sm3.hex(), "tag": row.tag.hex()} for row in page.rows]
        body = {"device": page.device, "incarnation": page.incarnation, "after": page.after, "rows": rows}
        reply = self._ask("POST", "/v1/audit-checks", body, read_s=_UPLOAD_READ_S)
        return reply.refusal if isinstance(reply, _NoReply) else wire.parse_audit_finding(reply.body)

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        read_s: float = _READ_S,
        absent_code: str | None = None,
    ) -> _Reply | _NoReply:
        content = None if body is None else canonical_json(body).encode("utf-8")
        headers = {} if body is None else {"Content-Type": "application/json"}
        timeout = httpx.Timeout(read_s, connect=_CONNECT_S)
        try:
            with self._client.stream(method, path, content=content, headers=headers, timeout=timeout) as response:
                reply = _bounded(response, time.monotonic() + read_s)
                return reply if isinstance(reply, _NoReply) else _judged(response, reply, absent_code)
        except httpx.TransportError:
            return _NoReply(Refusal(AWAY))
        except httpx.DecodingError:
            return _NoReply(Refusal.of(wire.NONSENSE, field="encoding"))


def _bounded(response: httpx.Response, deadline: float) -> bytes | _NoReply:
    # A read time-out counts each piece; a reply that trickles needs an end of its own.
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > _LARGEST_REPLY:
            return _NoReply(Refusal.of(wire.NONSENSE, field="length"))
        if time.monotonic() > deadline:
            return _NoReply(Refusal(AWAY))
    return bytes(body)


def _judged(response: httpx.Response, body: bytes, absent_code: str | None) -> _Reply | _NoReply:
    status = response.status_code
    if response.is_success:
        return _Reply(status, body)
    if response.is_server_error or status in _BUSY_STATUSES:
        retry_after = _retry_after(response.headers.get("Retry-After"))
        facts = {} if retry_after is None else {"retry_after": f"{retry_after:g}"}
        return _NoReply(Refusal.of(BUSY, **facts), retry_after)
    if not response.is_client_error:
        return _NoReply(Refusal.of(wire.NONSENSE, field=f"HTTP {status}"))
    code = wire.parse_problem(body)
    if code is not None and code == absent_code:
        return _Reply(status, body)
    if code in _NAMED_REFUSALS:
        return _NoReply(Refusal(code))
    return _NoReply(Refusal.of(REFUSED, status=status, reason=code or f"HTTP {status}"))


def _retry_after(header: str | None) -> float | None:
    """Read Retry-After (RFC 9110 10.2.3): seconds or an HTTP date; None when absent or unreadable."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        seconds = float(header)
    else:
        try:
            then = parsedate_to_datetime(header)
        except ValueError:
            return None
        seconds = (then.replace(tzinfo=then.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER_S)


def _item_body(item: UploadItem) -> Mapping[str, object]:
    return {
        "op_id": item.op_id,
        "device_seq": item.device_seq,
        "kind": item.kind,
        "order_key": item.order_key,
        "payload": item.payload,
        "payload_sm3": item.payload_sm3,
        "schema_ver": item.schema_ver,
        "occurred_at": item.occurred_at.isoformat(),
        "base_version": item.base_version,
        "age_s": item.age_s,
    }


def _trust(base_url: str) -> ssl.SSLContext:
    # Loading the trusted roots costs more than the rest of the start; without TLS nothing is to be trusted.
    if urlsplit(base_url).scheme == "https":
        return ssl.create_default_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
