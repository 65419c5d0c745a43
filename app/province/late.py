"""A province whose client is made by the first question, so that httpx is not loaded before a window is up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.province.port import (
    Away,
    CardCheck,
    CardCheckRequest,
    HsmAnswer,
    HsmRequest,
    ItemAnswer,
    ProfileQuery,
    Province,
    UploadBatch,
)


class LateProvince:
    """Implements `port.Province` around one that `make` makes once; safe to call from several threads."""

    def __init__(self, make: Callable[[], Province]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: Province | None = None

    def _province(self) -> Province:
        with self._lock:
            if self._made is None:
                self._made = self._make()
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
