"""The virtual environment and the locked packages; skipped while the lock has not changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from steps import PROJECT, Steps

VENV = PROJECT / ".venv"
LOCK = PROJECT / "requirements.lock"
LOCK_STAMP = VENV / "lock.sha256"
PROJECT_STAMP = VENV / "project.sha256"
BUILT_HERE = ("pyscard",)
"""Packages that come as source on Linux: built with the locked setuptools, not with one fetched for the build."""


def venv_program(name: str) -> Path:
    """Return a program of the virtual environment."""
    return VENV / ("Scripts" if os.name == "nt" else "bin") / (name + (".exe" if os.name == "nt" else ""))


def install_python_packages(steps: Steps) -> None:
    """Make `.venv`, install the lock with its hashes, and the project itself; two steps."""
    _make_environment(steps)
    lock, project = _digest(LOCK), _digest(PROJECT / "pyproject.toml")
    lock_changed = not _stamped(LOCK_STAMP, _lock_stamp(lock))
    project_changed = not _stamped(PROJECT_STAMP, project) or not venv_program("yikatong").exists()
    if not lock_changed and not project_changed:
        steps.skip("locked packages", "unchanged")
        return
    blocks = _blocks(LOCK.read_text(encoding="utf-8"))
    # Each module is compiled when it is first imported: most never are.
    pip = [str(venv_program("python")), "-m", "pip", "--disable-pip-version-check", "install", "--no-deps"]
    pip.append("--no-compile")
    with tempfile.TemporaryDirectory() as folder:
        wheels, built = Path(folder, "wheels.txt"), Path(folder, "built.txt")
        wheels.write_text("".join(text for name, text in blocks if name not in BUILT_HERE), encoding="utf-8")
        built.write_text("".join(text for name, text in blocks if name in BUILT_HERE), encoding="utf-8")
        locked = [
            [*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(wheels)],
            [*pip, "--require-hashes", "--no-build-isolation", "-r", str(built)],
        ]
        itself = [*pip, "--no-build-isolation", "-e", str(PROJECT)]
        steps.do(
            f"locked packages ({len(blocks)})" if lock_changed else "the project itself",
            [*(locked if lock_changed else []), itself],
            "check the network and the room on the disk, then run the same command again; "
            "a wrong hash means that a package is not the one that was locked: do not go on",
        )
    LOCK_STAMP.write_text(_lock_stamp(lock))
    PROJECT_STAMP.write_text(project)


def _make_environment(steps: Steps) -> None:
    if venv_program("python").exists() and _fits(VENV / "pyvenv.cfg") and _has_pip():
        steps.skip("virtual environment", "there")
        return
    shutil.rmtree(VENV, ignore_errors=True)
    steps.do(
        "virtual environment",
        ([sys.executable, "-m", "venv", str(VENV)],),
        "see that this folder may be written, and install python3-venv or use a python3 of 3.11 or later",
    )


def _has_pip() -> bool:
    """Tell whether an environment was made to its end, which installs pip."""
    asked = [str(venv_program("python")), "-c", "import pip"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


def _lock_stamp(lock: str) -> str:
    """Name the lock and what is installed now: a package that was removed or exchanged since is seen."""
    folder = Path(sysconfig.get_path("purelib", "venv", {"base": str(VENV)}))
    return "\n".join([lock, *sorted(found.name for found in folder.glob("*.dist-info"))])


def _fits(configuration: Path) -> bool:
    """Tell whether an environment is of this Python and was made for this folder: its programs name it."""
    if not configuration.exists():
        return False
    lines = configuration.read_text(encoding="utf-8").splitlines()
    entries = dict(line.split(" = ", 1) for line in lines if " = " in line)
    version = f"{sys.version_info.major}.{sys.version_info.minor}."
    return entries.get("version", "").startswith(version) and entries.get("command", "").endswith(str(VENV))


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _stamped(stamp: Path, digest: str) -> bool:
    return stamp.exists() and stamp.read_text() == digest


def _blocks(lock: str) -> list[tuple[str, str]]:
    """Split a lock into (name, its lines); lines before the first name are comments."""
    blocks: list[tuple[str, str]] = []
    for line in lock.splitlines(keepends=True):
        if line[0].isalnum():
            blocks.append((line.split("==")[0], line))
        elif blocks:
            name, text = blocks[-1]
            blocks[-1] = (name, text + line)
    return blocks
