"""How many files, sockets and devices this process holds open."""

from __future__ import annotations

import gc
import os
import sys


def open_handles() -> int:
    """Count descriptors; 0 where the system has no list of them."""
    gc.collect()
    return len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
