"""Handing a sealed file to a training province; a real one takes it at its own desk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import httpx

from app.domain.refusal import Refusal
from app.province.training_address import require_loopback

_PATH = "/training/imports"
_LONGEST_S = 600.0


def hand_in(file: Path, url: str) -> Mapping[str, object] | Refusal:
    """Return what became of the operations.

    Refusals: SEALED-NOT-OURS, SEALED-ALTERED, DEVICE-UNKNOWN, SEALED-UNREADABLE, INPUT-WRONG for an address that is not
    loopback, PROVINCE-AWAY.
    """
    try:
        require_loopback(url)
        body = file.read_bytes()
    except ValueError:
        return Refusal.of("INPUT-WRONG", detail=url)
    except OSError as error:
        return Refusal.of("SEALED-UNREADABLE", file=file, error=error.strerror)
    try:
        with httpx.Client(trust_env=False, timeout=_LONGEST_S) as client:
            reply = client.post(f"{url.rstrip('/')}{_PATH}", content=body)
    except httpx.TransportError:
        return Refusal("PROVINCE-AWAY")
    try:
        answer = json.loads(reply.content)
    except ValueError:
        return Refusal.of("PROVINCE-NONSENSE", field="JSON")
    if not isinstance(answer, dict):
        return Refusal.of("PROVINCE-NONSENSE", field="JSON")
    return answer if reply.is_success else Refusal(str(answer.get("code", "PROVINCE-REFUSED")))
