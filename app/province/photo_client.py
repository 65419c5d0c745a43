"""Photos over the province's line."""

from __future__ import annotations

import base64
import binascii
from datetime import date

from app.domain.digest import sm3_hex
from app.domain.refusal import Refusal
from app.province.call_kinds import CallKind
from app.province.http_line import HttpLine
from app.province.json_fields import Fields, IllTyped
from app.province.photo_port import Photo, PhotoRules
from app.province.service_line import Whom, fetch, tell

NAMED = frozenset({"PHOTO-UNREADABLE", "PHOTO-ALTERED", "PHOTO-BYTES", "PHOTO-SIZE", "PHOTO-FUTURE"})
_SM3_BYTES = 32


class HttpPhotos:
    """Implements `photo_port.Photos`."""

    def __init__(self, line: HttpLine) -> None:
        self._line = line

    def rules(self) -> PhotoRules | Refusal:
        """Ask what a photo must be."""
        return fetch(self._line, "/v1/photo-rules", read_rules)

    def photo(self, whom: Whom, purpose: str) -> Photo | Refusal:
        """Fetch a photo."""
        body = {"whom": whom.body(), "purpose": purpose}
        return tell(self._line, "/v1/photos/query", body, read_photo, NAMED, CallKind.BATCH)

    def send(self, serial: str, whom: Whom, jpeg: bytes, taken: date) -> str | Refusal:
        """Send a photo."""
        sm3 = sm3_hex(jpeg)
        body = {
            "serial": serial,
            "whom": whom.body(),
            "jpeg": base64.b64encode(jpeg).decode("ascii"),
            "sm3": sm3,
            "taken": taken.isoformat(),
        }
        return tell(self._line, "/v1/photos", body, lambda reply: _same(reply, sm3), NAMED, CallKind.BATCH)


def read_rules(reply: Fields) -> PhotoRules:
    """Read what a photo must be."""
    names = ("width", "height", "dpi", "least_bytes", "most_bytes", "from_age")
    return PhotoRules(*(reply.count(name) for name in names))


def read_photo(reply: Fields) -> Photo:
    """Read a photo; one whose digest differs is nonsense."""
    try:
        jpeg = base64.b64decode(reply.filled_text("jpeg"), validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise IllTyped("jpeg") from wrong
    if sm3_hex(jpeg) != reply.hexes("sm3", _SM3_BYTES):
        raise IllTyped("sm3")
    return Photo(jpeg, reply.text("sm3"), reply.optional_day("taken"))


def _same(reply: Fields, sm3: str) -> str:
    if reply.hexes("sm3", _SM3_BYTES) != sm3:
        raise IllTyped("sm3")
    return sm3
