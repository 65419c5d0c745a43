from __future__ import annotations

from tests.contract.hardware.sscard.conftest import built

__all__ = ["built"]
