"""The province over HTTP whose client is made by the first question: a window does not wait for httpx to load."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

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
from app.province.endpoint import Endpoint
from app.province.port import (
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
from app.province.training_address import require_loopback
from app.province.wire_names import REFERENCE
from app.province.wires import ProvinceClient, open_wire

if TYPE_CHECKING:
    from app.province.http_line import HttpLine
    from app.province.line_guard import LineGuard

MakeGuard = Callable[[], "LineGuard | None"]
"""Makes what signs and checks, when the first question is asked; it may block."""


def no_guard() -> LineGuard | None:
    """Stand for a line on which nothing is signed."""
    return None


class LateProvince:
    """Implements `port.Province` around a wire's client that is made once; safe to call from several threads."""

    def __init__(self, endpoint: Endpoint, wire: str = REFERENCE, guard: MakeGuard = no_guard) -> None:
        """Prepare the door; raises ValueError in training for an address that is not loopback."""
        if endpoint.training:
            require_loopback(endpoint.base_url)
        self._endpoint = endpoint
        self._guard = guard
        self._wire = wire
        self._lock = threading.Lock()
        self._made: ProvinceClient | None = None

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            if self._made is not None:
                self._made.close()

    def reference_line(self) -> HttpLine | None:
        """Return the line for the families that have clients of their own; None on another wire."""
        client = self._province()
        from app.province.http_client import HttpProvince

        return client.line if isinstance(client, HttpProvince) else None

    def _province(self) -> ProvinceClient:
        with self._lock:
            if self._made is None:
                # Keys are asked for by the reference wire: a province with another one has none to give.
                guard = self._guard() if self._wire == REFERENCE else None
                self._made = open_wire(replace(self._endpoint, guard=guard), self._wire)
            return self._made

    def clock(self) -> datetime | Refusal:
        """Return the province's time."""
        return self._province().clock()

    def hsm_step(self, request: HsmRequest) -> HsmAnswer | Refusal:
        """Have the HSM answer a card's randoms."""
        return self._province().hsm_step(request)

    def check_card(self, request: CardCheckRequest) -> CardCheck | Refusal:
        """Ask whether the card may be used now (卡鉴权)."""
        return self._province().check_card(request)

    def profile(self, query: ProfileQuery) -> Profile | Refusal:
        """Fetch the holder's profile."""
        return self._province().profile(query)

    def upload(self, batch: UploadBatch) -> tuple[ItemAnswer, ...] | Away:
        """Deliver operations."""
        return self._province().upload(batch)

    def operation_status(self, op_id: str) -> ItemAnswer | Refusal | None:
        """Ask what became of an operation."""
        return self._province().operation_status(op_id)

    def enrol(self, enrolment: Enrolment) -> EnrolmentReceipt | Refusal:
        """Give the province the device's keys."""
        return self._province().enrol(enrolment)

    def anchor(self, anchor: Anchor) -> Countersigned | Refusal:
        """Have the head of the audit chain countersigned."""
        return self._province().anchor(anchor)

    def last_sequence(self, device: str) -> tuple[LastSequence, ...] | Refusal:
        """Ask for the highest device_seq of each incarnation."""
        return self._province().last_sequence(device)

    def own_operations(self, device: str, after: int) -> tuple[OwnOperation, ...] | Refusal:
        """Ask for what the province has of a device."""
        return self._province().own_operations(device, after)

    def release_key(self, device: str, escrow: str, public_key: str) -> str | Refusal:
        """Have a journal's key opened."""
        return self._province().release_key(device, escrow, public_key)

    def check_audit(self, page: AuditPage) -> AuditFinding | Refusal:
        """Have some rows of the audit chain checked."""
        return self._province().check_audit(page)

    def changes(self, after: int, limit: int) -> ChangePage | Refusal:
        """Ask for changes after a number of the province's sequence."""
        return self._province().changes(after, limit)

    def sealing_key(self) -> SealingKey | Refusal:
        """Ask for the key that files for the province are sealed with."""
        return self._province().sealing_key()
