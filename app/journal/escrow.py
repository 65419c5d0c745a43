"""The journal's key, sealed by SM2 for the province: so a copy outlives the machine that made it.

What is sealed names the device; the province opens it for that device only, and writes down that it did.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, select

from app.domain.operation import canonical_json
from app.journal.tables import DEVICE_KEY


def sealed_for_province(device: str, journal_key: bytes) -> Callable[[Connection], str]:
    """Return what seals the key of a device, as hex; empty while the device is not enrolled."""

    def seal(connection: Connection) -> str:
        province_key: bytes | None = connection.scalar(select(DEVICE_KEY.c.province_key))
        if province_key is None:
            return ""
        from hardware.crypto import sm2

        return sm2.encrypt(province_key, canonical_json({"device": device, "key": journal_key.hex()}).encode()).hex()

    return seal
