"""DPAPI under the machine's key: what is protected here opens on this machine only, in any of its accounts.

Who may read the file is for the data folder's access list to say: DPAPI asks only for the machine.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Protocol

_UI_FORBIDDEN = 0x1
_LOCAL_MACHINE = 0x4


class Protection(Protocol):
    """Seals bytes to this machine. Both raise OSError."""

    def protect(self, clear: bytes) -> bytes:
        """Return the sealed bytes."""
        ...

    def unprotect(self, sealed: bytes) -> bytes:
        """Return the bytes again."""
        ...


class _Blob(ctypes.Structure):
    _fields_ = (("size", ctypes.c_uint32), ("data", ctypes.POINTER(ctypes.c_char)))


class MachineProtection:
    """CryptProtectData and its counterpart (dpapi.h)."""

    def protect(self, clear: bytes) -> bytes:
        """Return the sealed bytes."""
        return _call("CryptProtectData", clear, _UI_FORBIDDEN | _LOCAL_MACHINE)

    def unprotect(self, sealed: bytes) -> bytes:
        """Return the bytes again."""
        return _call("CryptUnprotectData", sealed, _UI_FORBIDDEN)


def machine_protection() -> Protection | None:
    """Return Windows' own protection; None elsewhere."""
    return MachineProtection() if sys.platform == "win32" else None


def _call(name: str, given: bytes, flags: int) -> bytes:
    if sys.platform == "win32":
        held = ctypes.create_string_buffer(given, len(given))
        inside, outside = _Blob(len(given), ctypes.cast(held, ctypes.POINTER(ctypes.c_char))), _Blob()
        call = getattr(ctypes.windll.crypt32, name)
        if not call(ctypes.byref(inside), None, None, None, None, flags, ctypes.byref(outside)):
            raise ctypes.WinError()
        try:
            return ctypes.string_at(outside.data, outside.size)
        finally:
            ctypes.windll.kernel32.LocalFree(outside.data)
    raise OSError(name)
