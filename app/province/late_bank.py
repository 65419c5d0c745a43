"""The bank over HTTP whose client is made by the first call: a window does not wait for httpx to load."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from app.domain.refusal import Refusal
from app.province.bank_port import BankAnswer, LossCall, ReleaseCall
from app.province.late import MakeGuard, no_guard
from app.province.training_address import require_loopback

if TYPE_CHECKING:
    from app.province.bank_client import HttpBank

NOT_SET = Refusal("BANK-NOT-SET")


class LateBank:
    """Implements `bank_port.Bank` around an HttpBank that is made once; without an address it refuses BANK-NOT-SET."""

    def __init__(self, base_url: str | None, device: str, training: bool, guard: MakeGuard = no_guard) -> None:
        """Prepare the door; raises ValueError in training for an address that is not loopback."""
        if training and base_url is not None:
            require_loopback(base_url)
        self._base_url = base_url
        self._device = device
        self._training = training
        self._guard = guard
        self._lock = threading.Lock()
        self._made: HttpBank | None = None

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            if self._made is not None:
                self._made.close()

    def register_loss(self, call: LossCall) -> BankAnswer | Refusal:
        """Register a loss."""
        bank = self._bank()
        return NOT_SET if bank is None else bank.register_loss(call)

    def release_loss(self, call: ReleaseCall) -> BankAnswer | Refusal:
        """Take a loss back."""
        bank = self._bank()
        return NOT_SET if bank is None else bank.release_loss(call)

    def serial_status(self, serial: str) -> BankAnswer | Refusal | None:
        """Ask what became of a serial; None when the bank never saw it."""
        bank = self._bank()
        return NOT_SET if bank is None else bank.serial_status(serial)

    def _bank(self) -> HttpBank | None:
        if self._base_url is None:
            return None
        with self._lock:
            if self._made is None:
                from app.province.bank_client import HttpBank

                self._made = HttpBank(self._base_url, self._device, self._training, guard=self._guard())
            return self._made
