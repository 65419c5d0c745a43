"""The frozen program, built once, and started from a path with Chinese characters and a space."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
BUILD_S = 420
NOT_HANDED_ON = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
"""A frozen program brings its own; the tour opens its own display."""


def bare_environment(**more: str) -> dict[str, str]:
    """Return the environment of a machine that knows nothing of this project; no measuring in the child."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in NOT_HANDED_ON and not name.startswith(("PYTHON", "COV", "QT_"))
    }
    return {**kept, "YIKATONG_KEY_STORE": "file", **more}


@dataclass(frozen=True)
class Frozen:
    """The built folder; `elsewhere` is where it is started, far from the sources."""

    folder: Path
    elsewhere: Path
    build_s: float

    @property
    def program(self) -> Path:
        """Return the executable."""
        return self.folder / ("yikatong.exe" if os.name == "nt" else "yikatong")

    def run(self, *arguments: str, timeout: float = 60, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the program to its end, its input empty; text is UTF-8 whatever the locale."""
        return subprocess.run(
            [str(self.program), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            cwd=self.elsewhere,
            env=bare_environment(**more),
            check=False,
        )


def freeze(place: Path, **more: str) -> Path:
    """Build the program into a folder, with more in the environment; returns the program's own folder."""
    options = ["--noconfirm", "--log-level", "WARN", "--distpath", str(place), "--workpath", str(place / "work")]
    built = subprocess.run(
        [sys.executable, "-m", "PyInstaller", *options, str(PROJECT / "installer" / "yikatong.spec")],
        capture_output=True,
        text=True,
        timeout=BUILD_S,
        cwd=PROJECT,
        env=bare_environment(**more),
        check=False,
    )
    assert built.returncode == 0, built.stderr[-4000:]
    shutil.rmtree(place / "work")
    return place / "yikatong"


@pytest.fixture(scope="session")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Frozen]:
    """Build once, then move the folder: a program that remembers where it was built does not start there."""
    if importlib.util.find_spec("PyInstaller") is None:
        pytest.skip("PyInstaller is not installed here")
    place = tmp_path_factory.mktemp("frozen")
    begun = time.monotonic()
    built = freeze(place)
    elapsed = time.monotonic() - begun
    folder = place / "一卡通 柜面" / "yikatong"
    folder.parent.mkdir()
    built.rename(folder)
    elsewhere = place / "别处"
    elsewhere.mkdir()
    yield Frozen(folder, elsewhere, elapsed)
    # pytest keeps the folders of three runs; this one is too large for that.
    shutil.rmtree(place)
