"""Steps that say what they do and how long it took, and a failure that names its step and a remedy."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
_TAIL = 25


class StepFailed(Exception):
    """A step did not work; `told` is what a person reads."""

    def __init__(self, step: str, output: str, remedy: str) -> None:
        super().__init__(step)
        self.told = f"\nstep failed: {step}\n{output}\nremedy: {remedy}"


class Steps:
    """Counts steps and prints them."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._number = 0

    def head(self) -> str:
        """Return the next step's number, such as [2/6]."""
        self._number += 1
        return f"[{self._number}/{self._total}]"

    def skip(self, name: str, why: str) -> None:
        """Say that a step has nothing to do."""
        print(f"{self.head()} {name}: {why}", flush=True)

    def do(
        self, name: str, commands: Sequence[Sequence[str]], remedy: str, environment: Mapping[str, str] | None = None
    ) -> None:
        """Run commands; raises StepFailed with the last lines of what failed."""
        title = f"{self.head()} {name} … "
        print(title, end="", flush=True)
        began = time.monotonic()
        for command in commands:
            try:
                code, lines = _run(title, command, environment)
            except OSError as error:
                print("failed", flush=True)
                raise StepFailed(name, str(error), remedy) from error
            if code != 0:
                print("failed", flush=True)
                raise StepFailed(name, "\n".join(lines[-_TAIL:]), remedy)
        print(f"{time.monotonic() - began:.0f} s", flush=True)

    def check(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> bool:
        """Run a check, show its output only where it fails, and tell whether it passed."""
        title = f"{self.head()} {name} … "
        print(title, end="", flush=True)
        began = time.monotonic()
        code, lines = _run(title, command, environment)
        print(f"{'passed' if code == 0 else 'FAILED'}, {time.monotonic() - began:.0f} s", flush=True)
        if code != 0:
            print("\n".join(lines))
        return code == 0


def _run(title: str, command: Sequence[str], environment: Mapping[str, str] | None) -> tuple[int, list[str]]:
    """Run a command and return its exit code and lines; a terminal sees each line come, behind the title."""
    room = shutil.get_terminal_size().columns - len(title) - 1 if sys.stdout.isatty() else 0
    lines: list[str] = []
    with subprocess.Popen(
        list(command),
        cwd=PROJECT,
        env=environment,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                lines.append(line.rstrip("\n"))
                if room > 0:
                    print(f"\r{title}{line.strip()[:room]:{room}}", end="", flush=True)
        except KeyboardInterrupt:
            # Ctrl+C reached the command too; a package system must come to its own end.
            print("\nstopping: the running command comes to its end …", flush=True)
            process.communicate()
            raise
    if room > 0:
        print(f"\r{title}{'':{room}}\r{title}", end="", flush=True)
    return process.returncode, lines
