"""Steps that say what they do and how long it took, and a failure that names its step and a remedy."""

from __future__ import annotations

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
        print(f"{self.head()} {name} … ", end="", flush=True)
        began = time.monotonic()
        for command in commands:
            try:
                done = subprocess.run(
                    list(command),
                    cwd=PROJECT,
                    env=environment,
                    text=True,
                    errors="replace",
                    check=False,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                )
            except OSError as error:
                print("failed", flush=True)
                raise StepFailed(name, str(error), remedy) from error
            if done.returncode != 0:
                print("failed", flush=True)
                raise StepFailed(name, "\n".join(done.stdout.splitlines()[-_TAIL:]), remedy)
        print(f"{time.monotonic() - began:.0f} s", flush=True)

    def check(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> bool:
        """Run a check, show its output only where it fails, and tell whether it passed."""
        print(f"{self.head()} {name} … ", end="", flush=True)
        began = time.monotonic()
        done = subprocess.run(
            list(command),
            cwd=PROJECT,
            env=dict(environment),
            text=True,
            errors="replace",
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        print(f"{'passed' if done.returncode == 0 else 'FAILED'}, {time.monotonic() - began:.0f} s", flush=True)
        if done.returncode != 0:
            sys.stdout.write(done.stdout)
        return done.returncode == 0
