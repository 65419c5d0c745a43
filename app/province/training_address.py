"""Where a training province may be: on this machine, and nowhere else."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(url: str) -> bool:
    """Tell whether an address is this machine's own; raises ValueError for one that is none."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def require_loopback(base_url: str) -> None:
    """Raise ValueError for an address that is not this machine's own."""
    if not is_loopback(base_url):
        raise ValueError("in training the province has to be on this machine")
