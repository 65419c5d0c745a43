"""The virtual environment and the locked packages; skipped while the lock has not changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from steps import PROJECT, Steps

VENV = PROJECT / ".venv"
LOCK = PROJECT / "requirements.lock"
STAMP = VENV / "lock.sha256"
BUILT_HERE = ("pyscard",)
"""Packages that come as source on Linux: built with the locked setuptools, not with one fetched for the build."""


def venv_program(name: str) -> Path:
    """Return a program of the virtual environment."""
    return VENV / ("Scripts" if os.name == "nt" else "bin") / (name + (".exe" if os.name == "nt" else ""))


def install_python_packages(steps: Steps) -> None:
    """Make `.venv`, install the lock with its hashes, and the project itself; two steps."""
    python = venv_program("python")
    wanted = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        steps.skip("virtual environment", "there")
        steps.skip("locked packages", "unchanged")
        return
    shutil.rmtree(VENV, ignore_errors=True)
    steps.do(
        "virtual environment",
        ([sys.executable, "-m", "venv", str(VENV)],),
        "install python3-venv, or use a python3 of 3.11 or later",
    )
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--no-deps"]
    with tempfile.TemporaryDirectory() as folder:
        wheels, built = Path(folder, "wheels.txt"), Path(folder, "built.txt")
        blocks = _blocks(LOCK.read_text(encoding="utf-8"))
        wheels.write_text("".join(text for name, text in blocks if name not in BUILT_HERE), encoding="utf-8")
        built.write_text("".join(text for name, text in blocks if name in BUILT_HERE), encoding="utf-8")
        steps.do(
            f"locked packages ({len(blocks)})",
            (
                [*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(wheels)],
                [*pip, "--require-hashes", "--no-build-isolation", "-r", str(built)],
                [*pip, "--no-build-isolation", "-e", str(PROJECT)],
            ),
            "check the network; a wrong hash means that a package is not the one that was locked: do not go on",
        )
    STAMP.write_text(wanted)


def _blocks(lock: str) -> list[tuple[str, str]]:
    """Split a lock into (name, its lines)."""
    blocks: list[tuple[str, str]] = []
    for line in lock.splitlines(keepends=True):
        if line[0].isalnum():
            blocks.append((line.split("==")[0], line))
        elif blocks:
            name, text = blocks[-1]
            blocks[-1] = (name, text + line)
    return blocks
