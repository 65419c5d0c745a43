"""Finds this machine's PC/SC service."""

from __future__ import annotations

import ctypes
import sys

from hardware.ports import CardFaultKind, CardGone
from hardware.readers.context import CardContext

_LIBRARY = "libpcsclite.so.1"


def pcsc_context() -> CardContext:
    """Open a session with the PC/SC service; raises CardGone(NO_SERVICE), also where its library is missing."""
    try:
        if sys.platform == "linux":
            # Where it finds none, pyscard prints a line of its own on standard output.
            ctypes.CDLL(_LIBRARY)
        from hardware.readers.pcsc import open_context
    except (ImportError, OSError) as error:
        raise CardGone(CardFaultKind.NO_SERVICE, "no PC/SC library") from error
    return open_context()
