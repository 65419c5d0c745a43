"""Photos of fictional people: those that a window sent, else one drawn from the person's reference."""

from __future__ import annotations

import hashlib
import io
import random
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, select

from app.catalogue.tables import number, read_table
from app.domain.digest import sm3_hex
from app.training.schema import PERSONS
from app.training.service_schema import PHOTOS

_QUALITY = 92
_NOISE = 26


@dataclass(frozen=True)
class PhotoRules:
    """What a photo must be: pixels, dots per inch, bytes of its JPEG; below `from_age` years none is needed."""

    width: int
    height: int
    dpi: int
    least_bytes: int
    most_bytes: int
    from_age: int


@cache
def rules() -> PhotoRules:
    """Load `resources/training/photo_rules.toml`; raises TableError."""
    found, where = read_table("training", "photo_rules.toml"), "photo_rules.toml"
    names = ("width", "height", "dpi", "least_bytes", "most_bytes", "from_age")
    return PhotoRules(*(number(found.get(name), where) for name in names))


def photo(connection: Connection, person: int) -> tuple[bytes, str | None]:
    """Return a person's JPEG, and when it was taken where a window sent it."""
    sent = connection.execute(
        select(PHOTOS.c.jpeg, PHOTOS.c.taken).where(PHOTOS.c.person_id == person).order_by(PHOTOS.c.id.desc())
    ).first()
    if sent is not None:
        return bytes.fromhex(sent[0]), sent[1]
    reference = connection.execute(select(PERSONS.c.person_ref).where(PERSONS.c.id == person)).scalar_one()
    return drawn(reference), None


def photo_sm3(connection: Connection, person: int) -> str:
    """Return the digest of a person's photo, lower-case hex."""
    return sm3_hex(photo(connection, person)[0])


@cache
def drawn(reference: str) -> bytes:
    """Draw a head and shoulders of nobody: the same reference gives the same picture."""
    # Only training that is asked for a picture pays for loading it.
    from PIL import Image, ImageDraw

    form = rules()
    draw = random.Random(hashlib.sha256(reference.encode()).digest())  # noqa: S311 - a picture of nobody
    size = form.width // 2, form.height // 2
    grain = Image.frombytes("RGB", size, draw.randbytes(size[0] * size[1] * 3))
    paper = Image.blend(
        Image.new("RGB", (form.width, form.height), "white"), grain.resize((form.width, form.height)), _NOISE / 255
    )
    pen = ImageDraw.Draw(paper)
    middle, skin = form.width // 2, (200 + draw.randrange(40), 170 + draw.randrange(30), 140 + draw.randrange(30))
    coat = tuple(draw.randrange(40, 140) for _ in range(3))
    pen.ellipse((middle - 150, 330, middle + 150, form.height + 160), fill=coat)
    pen.ellipse((middle - 98, 40, middle + 98, 300), fill=(40, 36, 34))
    pen.ellipse((middle - 90, 70, middle + 90, 320), fill=skin)
    for side in (-36, 36):
        pen.ellipse((middle + side - 8, 180, middle + side + 8, 196), fill=(30, 30, 30))
    kept = io.BytesIO()
    paper.save(kept, "JPEG", quality=_QUALITY, dpi=(form.dpi, form.dpi))
    return kept.getvalue()
