"""Scripted faults of a file: what goes wrong with which requests, when, and how many of a hundred.

seed = 7                 # the same seed, the same requests that meet a fault
clock_offset_s = -3600   # how wrong the province's clock is

[[fault]]
mode = "drop_reply"      # a mode of `FaultBody`
path = "/v1/operations"
share = 10
from_s = 60
until_s = 120
"""

from __future__ import annotations

import random
import threading
import time
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.domain.refusal import Refusal
from app.training.wire_models import FaultBody

LARGEST_OFFSET_S = 400 * 86_400


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seed: int = 0
    clock_offset_s: float = Field(default=0.0, ge=-LARGEST_OFFSET_S, le=LARGEST_OFFSET_S)
    fault: list[FaultBody] = []


class FaultPlan:
    """The faults of one file; the first that fits a request happens. Guarded by its own lock."""

    def __init__(
        self,
        faults: Sequence[FaultBody],
        seed: int = 0,
        clock_offset_s: float = 0.0,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.faults = tuple(faults)
        self.clock_offset_s = clock_offset_s
        self._seconds = seconds
        self._started = seconds()
        self._draw = random.Random(seed)  # noqa: S311 - faults have to be reproducible, nothing secret hangs on them
        self._left = [fault.count for fault in self.faults]
        self._lock = threading.Lock()

    def take(self, path: str, door: str) -> FaultBody:
        """Return what goes wrong with a request to this path of a door, and count it."""
        since = self._seconds() - self._started
        with self._lock:
            for place, fault in enumerate(self.faults):
                left = self._left[place]
                over = fault.until_s is not None and since >= fault.until_s
                if since < fault.from_s or over or left == 0 or not path.startswith(fault.path or door):
                    continue
                if self._draw.randrange(100) >= fault.share:
                    continue
                if left is not None:
                    self._left[place] = left - 1
                return fault
        return FaultBody()


def load(file: Path) -> FaultPlan | Refusal:
    """Read a fault file; TRAINING-FAULTS-UNUSABLE names the line that cannot be meant."""
    try:
        found = _File.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        return Refusal.of("TRAINING-FAULTS-UNUSABLE", file=file, reason=error.strerror)
    except tomllib.TOMLDecodeError as error:
        return Refusal.of("TRAINING-FAULTS-UNUSABLE", file=file, reason=error)
    except ValidationError as error:
        where = "; ".join(".".join(map(str, wrong["loc"])) for wrong in error.errors())
        return Refusal.of("TRAINING-FAULTS-UNUSABLE", file=file, reason=where)
    return FaultPlan(found.fault, found.seed, found.clock_offset_s)
