"""Operation ids: UUID version 7, made before the first try and never again."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime


def new_op_id(now: datetime) -> str:
    """Make a UUIDv7 (RFC 9562 5.7): 48 bits of milliseconds, then 74 random bits."""
    millis = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    value = millis << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))
