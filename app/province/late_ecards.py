"""E-cards over the line that the province's client is made with, behind its circuit: away is told at once."""

from __future__ import annotations

from app.domain.ecard import EcardBusiness
from app.domain.refusal import Refusal
from app.province.circuit import Circuit
from app.province.ecard_port import VerifiedEcard
from app.province.late import LateProvince


class LateEcards:
    """Verifies codes; safe to call from several threads. PROVINCE-NOT-OFFERED on a wire that has no e-cards."""

    def __init__(self, circuit: Circuit, province: LateProvince, device: str) -> None:
        self._circuit = circuit
        self._province = province
        self._device = device

    def verify(self, code: str, business: EcardBusiness, purpose: str) -> VerifiedEcard | Refusal:
        """Ask whose code this is; each code once."""
        return self._circuit.guarded(lambda: self._verify(code, business, purpose))

    def _verify(self, code: str, business: EcardBusiness, purpose: str) -> VerifiedEcard | Refusal:
        from app.province.ecard_client import HttpEcards

        line = self._province.reference_line()
        if line is None:
            return Refusal("PROVINCE-NOT-OFFERED")
        return HttpEcards(line, self._device).verify(code, business, purpose)
