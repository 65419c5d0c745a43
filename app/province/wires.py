"""Which wires this program speaks: the reference wire, and those of adapter packages that it was built with.

An adapter package declares its wires as entry points of the group `yikatong.wires`: the name that `counter.toml` sets,
and a callable that makes the client, `name = "package.module:Class"`. A frozen program finds those that it was built
with (`dev.py build --with`) and no others: no folder is searched when it runs.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Protocol, cast

from app.province.code_map import CodeMaps
from app.province.endpoint import Endpoint
from app.province.port import Province
from app.province.wire_names import GROUP, REFERENCE


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
