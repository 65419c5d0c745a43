"""Forking: children that nobody else's locks hold up, that outlive no parent, and that never come back."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

_TASKS = Path("/proc/self/task")
_PR_SET_PDEATHSIG = 1
_LONGEST_S = 10.0


def forked(work: Callable[[], None]) -> int:
    """Fork, do the work in the child, end the child; returns its process id.

    Python is told that a thread has ended before the thread's destructors ran, and OpenSSL's take a lock that a fork
    would copy locked: the system's own count of threads is waited for.
    """
    _wait_until_alone()
    child = os.fork()
    if child:
        return child
    try:
        _die_with_parent()
        work()
        os._exit(0)
    finally:
        # Only a defect comes here; its trace would be the parent's.
        sys.stderr.write(f"{sys.exc_info()[1]!r}\n")
        os._exit(1)


def ended(child: int) -> int:
    """Wait for a child; returns the signal that ended it, 0 for none, -1 for a failure."""
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status)
    return 0 if os.WEXITSTATUS(status) == 0 else -1


def _wait_until_alone() -> None:
    until = time.monotonic() + _LONGEST_S
    while _TASKS.exists() and len(list(_TASKS.iterdir())) > 1:
        if time.monotonic() > until:
            raise RuntimeError("a process with threads cannot be forked")
        time.sleep(0.001)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
