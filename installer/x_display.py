"""A screen of our own for tests with real windows."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from steps import StepFailed

SCREEN = "1920x1200x24"


@contextmanager
def own_display() -> Iterator[str | None]:
    """Start an Xvfb and yield its display, also beside a screen that somebody works at; None where Xvfb is missing.

    Raises StepFailed where Xvfb does not start.
    """
    xvfb = shutil.which("Xvfb")
    if xvfb is None:
        yield None
        return
    reading, writing = os.pipe()
    command = [xvfb, "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"]
    with subprocess.Popen(
        command,
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Ctrl+C must not take the screen from windows that are still closing.
        start_new_session=True,
    ) as server:
        os.close(writing)
        with os.fdopen(reading) as number:
            chosen = number.readline().strip()
        if not chosen:
            raise StepFailed("own display", "Xvfb ended at once", "run `Xvfb -displayfd 1` and see what it says")
        try:
            yield f":{chosen}"
        finally:
            server.terminate()
