"""What a device holds to speak to the province: the keys that sign and seal, and until when its certificate lasts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Signing(StrEnum):
    """How requests and replies are signed; agreed when the device gets its certificate."""

    HMAC_SM3 = "hmac-sm3"
    SM2 = "sm2"


@dataclass(frozen=True)
class LineSecrets:
    """The keys of one device's line; SM2 keys bare (private 32 bytes, public 64), the shared key 32 bytes."""

    device: str
    key_id: str
    """Under which the province files these keys; 32 hex digits."""
    signing: Signing
    private_key: bytes = field(repr=False)
    public_key: bytes
    shared_key: bytes = field(repr=False)
    province_key: bytes
    """What the province signs replies with, where `signing` is SM2."""
    sealing_key: bytes
    """What sensitive fields are sealed for."""
    renew_at: datetime
    expires_at: datetime
