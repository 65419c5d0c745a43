"""Where the province is, and by what it is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.services.setting_checks import is_https
from app.services.settings import Settings


@dataclass(frozen=True)
class Address:
    """Where the province is; `control_url` is of a training province, which issues codes by itself."""

    url: str
    authority: Path | None = None
    """The certificates that it is known by over TLS, PEM."""
    control_url: str | None = None


def address_of(settings: Settings, url: str) -> Address:
    """Return what the settings say of an address; a training province's pages are where it is open."""
    control_url = url if settings.training and not is_https(url) else None
    return Address(url, settings.province_ca, control_url)
