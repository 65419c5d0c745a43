"""Named points where a test has the process killed, as a power cut would."""

from __future__ import annotations

import os
import signal
from collections import Counter

FAULT_VARIABLE = "YIKATONG_FAULT"
DELIVERY_POINTS = (
    "before_commit",
    "after_commit",
    "after_lease",
    "before_upload",
    "after_upload",
    "after_settle",
)
ANCHOR_POINTS = ("after_enrol", "after_anchor")
SAGA_POINTS = ("before_touch", "after_touch", "after_probe")
PRINT_POINTS = ("after_spool",)
COPY_POINTS = ("copy_begun", "copy_written", "copy_replaces")
RESTORE_POINTS = ("restore_key", "restore_rows", "restore_renewed", "restore_named")
FAULT_POINTS = (*DELIVERY_POINTS, *ANCHOR_POINTS, *SAGA_POINTS, *PRINT_POINTS, *COPY_POINTS, *RESTORE_POINTS)

# Counting hits needs a place that outlives the call; it holds nothing unless the variable is set.
_hits: Counter[str] = Counter()


def fault_point(name: str, label: str = "") -> None:
    """Kill the process here with SIGKILL if YIKATONG_FAULT names this point.

    The variable holds `name`, `name@label` or either with `:n` for the n-th time (1 is the first). Free when not set.
    """
    wanted = os.environ.get(FAULT_VARIABLE)
    if not wanted:
        return
    point, _, nth = wanted.partition(":")
    if point not in (name, f"{name}@{label}"):
        return
    _hits[point] += 1
    if _hits[point] >= int(nth or "1"):
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
