"""Starting the lab's programs: they fork, which a process with threads such as pytest's must not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.journal.fault_point import FAULT_VARIABLE

ROOT = Path(__file__).parents[3]


def started(name: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a module of the lab."""
    kept = {key: value for key, value in os.environ.items() if key != FAULT_VARIABLE}
    command = [sys.executable, "-m", f"tests.crash.lab.{name}", *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, env=kept, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )


def finished(program: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Wait for its end and return its lines of JSON; what it complains of fails the test."""
    with program:
        told, complaints = program.communicate()
    assert (program.returncode, complaints) == (0, ""), complaints
    return [json.loads(line) for line in told.splitlines()]


def run(name: str, *arguments: object) -> list[dict[str, Any]]:
    """Start a module of the lab and return its lines of JSON."""
    return finished(started(name, *arguments))
