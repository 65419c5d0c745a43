"""A screen for the tour where there is none: its own Xvfb, ended with it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from app.domain.refusal import Refusal

SCREEN = "1366x768x24"


@contextmanager
def some_display() -> Iterator[Refusal | None]:
    """Use the display that is there, else start an Xvfb for as long as this lasts; NO-DISPLAY where it is missing."""
    from ui.clerk.display import has_display

    if has_display():
        yield None
        return
    xvfb = shutil.which("Xvfb")
    if xvfb is None:
        yield Refusal("NO-DISPLAY")
        return
    reading, writing = os.pipe()
    command = [xvfb, "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=(writing,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as number:
            os.environ["DISPLAY"] = f":{number.readline().strip()}"
        try:
            yield None
        finally:
            del os.environ["DISPLAY"]
            server.terminate()
