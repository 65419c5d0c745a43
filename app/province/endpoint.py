"""Where a province is and who asks; apart from the clients, because settings are read before any is needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.province.code_map import NATIONAL

if TYPE_CHECKING:
    from app.province.http_line import Watch
    from app.province.line_guard import LineGuard


@dataclass(frozen=True)
class Endpoint:
    """Where a province is, who asks, and by which lists its codes are read."""

    base_url: str
    device: str
    training: bool
    code_map: str = NATIONAL
    watch: Watch = lambda _exchange: None
    """Is told of each exchange."""
    guard: LineGuard | None = None
    """What signs and checks on the reference wire; None where nothing is signed."""
    authority: Path | None = None
    """The certificates that the province is known by over TLS where nothing is signed, PEM; None for the system's."""
