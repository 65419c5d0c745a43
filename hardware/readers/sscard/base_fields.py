"""The string of iReadCardBas: fields by position, each ended by a bar (card.md 4.3)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from hardware.card.decode import Undecodable, decode_date

LEAST = 9
"""Fields before authentication; 11 by the interface, 13 or 15 where a region adds its own."""
_NATIONAL = 11

_REGION = re.compile(r"[0-9]{6}")
_CARD_ID = re.compile(r"[0-9A-F]{32}")
_HISTORY = re.compile(r"(?:[0-9A-F]{2})*")
_VERSION = re.compile(r"[Vv]?([0-9]\.[0-9]{1,2})?")
_DAY = re.compile(r"[0-9A-F]{8}")
_THIRD = "3"


@dataclass(frozen=True)
class BaseReading:
    """What a driver says of a card; None is not written, not readable yet, or not decodable. Personal data in clear."""

    region: str
    """发卡地区, the first six digits of the 识别码 (GB/T 2260)."""
    card_id: str = field(repr=False)
    """卡的识别码, 32 hexadecimal digits."""
    version: str
    history: str
    """Historical bytes of the ATR, hex; empty where the driver gives none."""
    citizen_number: str | None = field(default=None, repr=False)
    card_number: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    """姓名 joined with 姓名扩展."""
    issued: date | None = None
    expires: date | None = None
    terminal: str | None = None
    """终端机编号 of the PSAM; None where twelve zeros say that there is no PSAM."""
    device: str | None = None
    extras: tuple[str, ...] = field(default=(), repr=False)
    """What a region adds behind the eleven fields, in its own order."""
    undecodable: tuple[str, ...] = ()

    authenticated: bool = False
    """卡认证 was done by the PSAM or the HSM; what a string alone says proves nothing."""

    @property
    def closed(self) -> bool:
        """Tell a 3.0 card that has not been opened: number, card number and name are empty."""
        empty = self.citizen_number is None and self.card_number is None and self.name is None
        return empty and self.version.startswith(_THIRD)

    @property
    def card_info(self) -> str:
        """Return pCardInfo, by which the driver finds out that the card was exchanged (-22)."""
        return f"{self.card_id}|{self.card_number or ''}|"

    def named_extras(self, names: tuple[str, ...]) -> Mapping[str, str]:
        """Return the extras by a region's own names for them, as far as both go."""
        return MappingProxyType(dict(zip(names, self.extras, strict=False)))


@dataclass(frozen=True)
class MalformedReading:
    """A string that cannot be a reading: which field is wrong; never what stands in it."""

    part: str


def parse_base(text: str | bytes) -> BaseReading | MalformedReading:
    """Read a driver's string; bytes are what was no GBK."""
    if isinstance(text, bytes):
        return MalformedReading("encoding")
    # A driver's own line end, or a mark of its encoding, is none of the card's.
    text = text.removeprefix("\ufeff").rstrip("\r\n\x00")
    fields = [each.strip(" \x00") for each in text.split("|")]
    if fields and not fields[-1]:
        fields.pop()
    if len(fields) < LEAST:
        return MalformedReading("count")
    if not text.isprintable() and any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        return MalformedReading("control")
    region, number, card_number, card_id, name, history, version, issued, expires = fields[:LEAST]
    card_id, history = card_id.upper(), history.upper()
    shapes = (*(("region", _REGION, region), ("card_id", _CARD_ID, card_id), ("history", _HISTORY, history)),)
    wrong = next((part for part, shape, value in shapes if not shape.fullmatch(value)), None)
    if wrong is not None:
        return MalformedReading(wrong)
    written = _VERSION.fullmatch(version)
    days = {"issued": _day(issued), "expires": _day(expires)}
    terminal, device = (*fields[LEAST:_NATIONAL], "", "")[:2]
    return BaseReading(
        region=region,
        card_id=card_id,
        version="" if written is None else written[1] or "",
        history=history,
        citizen_number=number or None,
        card_number=card_number or None,
        name=name or None,
        issued=_known(days["issued"]),
        expires=_known(days["expires"]),
        terminal=terminal if terminal.strip("0") else None,
        device=device or None,
        extras=tuple(fields[_NATIONAL:]),
        undecodable=(
            *(part for part, day in days.items() if isinstance(day, Undecodable)),
            *(("version",) if written is None else ()),
        ),
    )


def _day(value: str) -> date | Undecodable | None:
    """Read YYYYMMDD as the chip has it; None when nothing, or only fill, is written."""
    if not value:
        return None
    return decode_date(bytes.fromhex(value)) if _DAY.fullmatch(value) else Undecodable()


def _known(day: date | Undecodable | None) -> date | None:
    return None if isinstance(day, Undecodable) else day
