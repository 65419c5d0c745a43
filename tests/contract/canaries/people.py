"""Two hundred fictional values of forty people, and looking for them in bytes."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.domain.citizen_number import check_digit

PEOPLE = 40
_HEAD_BYTES = 4
_SURNAMES = ("司马", "欧阳", "诸葛", "上官", "尉迟")
_GIVEN = "琬琰璟瑄珺璐瑶玥瑾瑜"


@dataclass(frozen=True)
class Canary:
    """One fictional person."""

    name: str
    citizen_number: str
    card_number: str
    account: str
    phone: str

    @property
    def values(self) -> tuple[str, ...]:
        """Return the five values."""
        return self.name, self.citizen_number, self.card_number, self.account, self.phone


def canaries() -> tuple[Canary, ...]:
    """Return the same people each time; their region is a city's, which no real number begins with."""
    chance = random.Random(20261122)
    made = []
    for number in range(PEOPLE):
        day = f"{chance.randrange(1950, 2005)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"
        first = f"350100{day}{number:03d}"
        name = _SURNAMES[number % 5] + "".join(chance.sample(_GIVEN, 2)) + chr(0x4E00 + 700 * (number // 5) + number)
        card = f"{chance.choice('ABCDEFG')}{chance.randrange(10**7, 10**8)}"
        account = f"621700{chance.randrange(10**12, 10**13)}"
        phone = f"1990000{chance.randrange(1000, 10000)}"
        made.append(Canary(name, first + check_digit(first), card, account, phone))
    return tuple(made)


def ways(value: str) -> Iterator[tuple[str, bytes]]:
    """Yield a value as it would look in five encodings, and the coded forms of its UTF-8."""
    for encoding in ("utf-8", "gbk", "utf-16-le", "utf-16-be"):
        yield encoding, value.encode(encoding)
    yield "hex", value.encode().hex().encode()
    yield "HEX", value.encode().hex().upper().encode()
    for shift in range(3):
        # What stands before it moves it by one or two bytes; what depends on the neighbours is cut off.
        coded = base64.b64encode(bytes(shift) + value.encode())
        yield f"base64+{shift}", coded[4 if shift else 0 : -4]


def found_in(content: bytes, values: Iterable[str]) -> list[tuple[str, str]]:
    """Return (value, encoding) of everything that is in there; heads that many values share are looked for once."""
    by_head: dict[bytes, list[tuple[str, str, bytes]]] = {}
    for value in values:
        for way, looked_for in ways(value):
            by_head.setdefault(looked_for[:_HEAD_BYTES], []).append((value, way, looked_for))
    there = (them for head, them in by_head.items() if head in content)
    return [(value, way) for them in there for value, way, looked_for in them if looked_for in content]
