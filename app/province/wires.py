"""Which wires this program speaks: the reference wire, and those of adapter packages that it was built with.

An adapter package declares its wires as entry points of the group `yikatong.wires`: the name that `counter.toml` sets,
and a callable that makes the client, `name = "package.module:Class"`. A frozen program finds those that it was built
with (`dev.py build --with`) and no others: no folder is searched when it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from app.province.code_map import NATIONAL, CodeMaps
from app.province.port import Province

if TYPE_CHECKING:
    from app.province.http_line import Watch
    from app.province.line_guard import LineGuard

REFERENCE = "reference"
GROUP = "yikatong.wires"


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


class ProvinceClient(Province, Protocol):
    """A province that can be asked until it is closed; safe to call from several threads."""

    @property
    def code_maps(self) -> CodeMaps:
        """Return the code lists in use."""
        ...

    def close(self) -> None:
        """Close every connection."""
        ...


WireFactory = Callable[[Endpoint], ProvinceClient]
"""Makes a client without contact; raises ValueError in training for an address that is not loopback."""


def names() -> tuple[str, ...]:
    """Return the names of every wire, the reference wire first."""
    return (REFERENCE, *sorted({entry.name for entry in entry_points(group=GROUP)} - {REFERENCE}))


def open_wire(endpoint: Endpoint, wire: str = REFERENCE) -> ProvinceClient:
    """Make the client of a wire; raises KeyError for one that this program was not built with."""
    if wire == REFERENCE:
        # httpx takes as long to load as all of Qt.
        from app.province.http_client import HttpProvince

        return HttpProvince(
            endpoint.base_url,
            endpoint.device,
            endpoint.training,
            code_map=endpoint.code_map,
            guard=endpoint.guard,
            watch=endpoint.watch,
        )
    found = entry_points(group=GROUP, name=wire)
    if not found:
        raise KeyError(wire)
    return cast(WireFactory, next(iter(found)).load())(endpoint)
