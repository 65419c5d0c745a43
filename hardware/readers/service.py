"""Finds this machine's PC/SC service."""

from __future__ import annotations

from hardware.ports import CardFaultKind, CardGone
from hardware.readers.context import CardContext


def pcsc_context() -> CardContext:
    """Open a session with the PC/SC service; raises CardGone(NO_SERVICE), also where its library is missing."""
    try:
        from hardware.readers.pcsc import open_context
    except ImportError as error:
        raise CardGone(CardFaultKind.NO_SERVICE, "no PC/SC library") from error
    return open_context()
