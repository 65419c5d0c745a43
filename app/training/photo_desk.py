"""Photos of holders: given with a purpose, taken when they fit the rules."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from sqlalchemy import Connection, Engine, insert

from app.domain.clock import Clock
from app.domain.digest import sm3_hex
from app.domain.jpeg_size import jpeg_size
from app.domain.refusal import Refusal
from app.province.code_map import CodeMaps
from app.training.once import once
from app.training.photo_models import PhotoBody, PhotoQueryBody, PhotoReply, PhotoRulesReply, PhotoTakenReply
from app.training.photo_store import photo, rules
from app.training.schema import LOOKUPS
from app.training.service_schema import PHOTOS
from app.training.store import stamp
from app.training.whom import find


class PhotoDesk:
    """Refusals: CARD-UNKNOWN, HOLDER-UNKNOWN, and of a photo that is sent PHOTO-…."""

    def __init__(self, engine: Engine, maps: CodeMaps, clock: Clock) -> None:
        self._engine = engine
        self._maps = maps
        self._clock = clock

    def rules(self) -> PhotoRulesReply:
        """Tell what a photo must be."""
        return PhotoRulesReply(**vars(rules()))

    def give(self, body: PhotoQueryBody) -> PhotoReply | Refusal:
        """Give a person's photo."""
        with self._engine.begin() as connection:
            card = find(connection, self._maps, body.whom)
            if isinstance(card, Refusal):
                return card
            noted = {"person_id": card.person_key, "purpose": body.purpose, "at": stamp(self._clock.now())}
            connection.execute(insert(LOOKUPS).values(noted))
            jpeg, taken = photo(connection, card.person_key)
        return PhotoReply.model_validate(
            {"jpeg": base64.b64encode(jpeg).decode(), "sm3": sm3_hex(jpeg), "taken": taken}
        )

    def take(self, body: PhotoBody) -> PhotoTakenReply | Refusal:
        """Keep a photo; PHOTO-UNREADABLE, PHOTO-ALTERED, PHOTO-BYTES, PHOTO-SIZE, PHOTO-FUTURE."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            return once(
                connection, "photo", body.serial, body, PhotoTakenReply, now, lambda: self._keep(connection, body, now)
            )

    def _keep(self, connection: Connection, body: PhotoBody, now: datetime) -> PhotoTakenReply | Refusal:
        card = find(connection, self._maps, body.whom)
        if isinstance(card, Refusal):
            return card
        try:
            jpeg = base64.b64decode(body.jpeg, validate=True)
        except binascii.Error:
            return Refusal("PHOTO-UNREADABLE")
        if (refusal := _why_not(jpeg, body, now)) is not None:
            return refusal
        connection.execute(
            insert(PHOTOS).values(
                person_id=card.person_key, jpeg=jpeg.hex(), sm3=body.sm3, taken=body.taken.isoformat()
            )
        )
        return PhotoTakenReply(sm3=body.sm3, bytes=len(jpeg))


def _why_not(jpeg: bytes, body: PhotoBody, now: datetime) -> Refusal | None:
    wanted, size = rules(), jpeg_size(jpeg)
    if sm3_hex(jpeg) != body.sm3:
        return Refusal("PHOTO-ALTERED")
    if size is None:
        return Refusal("PHOTO-UNREADABLE")
    if not wanted.least_bytes <= len(jpeg) <= wanted.most_bytes:
        return Refusal("PHOTO-BYTES")
    if size != (wanted.width, wanted.height):
        return Refusal("PHOTO-SIZE")
    return Refusal("PHOTO-FUTURE") if body.taken > now.date() else None
