"""What a social security card says of itself and its holder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class SocialCard:
    """One card as read; None is not written, not readable or not decodable. Personal data in clear."""

    version: str
    """规范版本 as written; empty on some 1.0 cards."""
    region: str
    """发卡地区, the first six digits of the 识别码 (GB/T 2260)."""
    card_id: str
    """卡的识别码, 32 hexadecimal digits."""
    card_number: str | None
    issued: date | None
    expires: date | None
    citizen_number: str | None
    name: str | None
    """姓名 joined with 姓名扩展."""
    sex: str | None
    """GB/T 2261.1 code."""
    nation: str | None
    """GB/T 3304 code."""
    birthplace: str | None
    """GB/T 2260 code."""
    birth_date: date | None
    algorithm: str
    """FCI tag 86: 01 3DES, 03 SM4."""
    history: str
    """Historical bytes of the ATR, hex."""
    locked: tuple[str, ...] = ()
    """Elements that the card gives only after authentication."""
    undecodable: tuple[str, ...] = ()
    """Elements whose bytes do not decode."""
    authenticated: bool = False
    """Whether 卡认证 succeeded."""
