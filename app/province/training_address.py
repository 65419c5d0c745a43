"""Where a training province may be: on this machine, and nowhere else."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def require_loopback(base_url: str) -> None:
    """Raise ValueError for an address that is not this machine's own."""
    host = urlsplit(base_url).hostname or ""
    try:
        local = ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise ValueError("in training the province has to be on this machine")
