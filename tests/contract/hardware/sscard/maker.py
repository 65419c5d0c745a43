"""A maker's library as tests want one: driver.c compiled, and its settings beside it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hardware.readers.sscard.driver_host import DriverLibrary
from hardware.readers.sscard.wire import Convention

SOURCE = Path(__file__).parent / "driver.c"
MAKE_HOST32 = Path(__file__).parents[4] / "installer" / "host32.py"
CROSS = "i686-w64-mingw32-gcc"
WARNINGS = ("-Wall", "-Wextra", "-Werror")

HISTORY = "00814E43238697159900BF7C7A"
CARD_ID = "639900D15600000500BF7C7A48FB4966"
BASE = f"639900|111111198101011110|X00000019|{CARD_ID}|张三|{HISTORY}|1.00|20101001|20201001|410100813475|终端设备号|"
"""The interface's own example, a fictional person (card.md 4.3)."""


@dataclass(frozen=True)
class Maker:
    """A folder with a library; what it does is set before each call."""

    driver: DriverLibrary

    @property
    def folder(self) -> Path:
        return self.driver.path.parent

    def set(self, mode: str = "well", settings: Mapping[str, str] | None = None) -> None:
        """Write driver.ini anew."""
        lines = {"mode": mode, "iReadCardBas": BASE, **(settings or {})}
        text = "".join(f"{key}={value}\n" for key, value in lines.items())
        (self.folder / "driver.ini").write_bytes(text.encode("gb18030"))

    def calls(self) -> list[str]:
        """Return what was called, with what."""
        noted = self.folder / "called.txt"
        return noted.read_bytes().decode("gb18030").splitlines() if noted.exists() else []


@cache
def compiled(folder: Path, hsm: bool = True) -> Path:
    """Compile the library for this system, once."""
    made = folder / f"libdriver{'' if hsm else '-psam'}.so"
    more = () if hsm else ("-DWITHOUT_HSM",)
    subprocess.run(["gcc", "-shared", "-fPIC", *WARNINGS, *more, "-o", str(made), str(SOURCE)], check=True)
    return made


@cache
def compiled32(folder: Path) -> tuple[Path, Path, Path]:
    """Compile host and library for 32-bit Windows, the library with either convention, once."""
    host, library, other = folder / "host32.exe", folder / "driver32.dll", folder / "driver32-cdecl.dll"
    cross = [CROSS, "-std=gnu11", "-O2", *WARNINGS]
    subprocess.run([sys.executable, str(MAKE_HOST32), str(host)], check=True)
    # A 32-bit stdcall function is @n to the linker; makers export it without.
    subprocess.run([*cross, "-shared", "-Wl,--kill-at", "-o", str(library), str(SOURCE)], check=True)
    subprocess.run([*cross, "-shared", "-DCDECL", "-o", str(other), str(SOURCE)], check=True)
    return host, library, other


def put(library: Path, folder: Path, convention: Convention = Convention.STDCALL) -> Maker:
    """Put a library into a folder of its own, whose name is not ASCII."""
    place = folder / "读卡器 驱动"
    place.mkdir()
    shutil.copy(library, place)
    maker = Maker(DriverLibrary("sscard", place / library.name, convention))
    maker.set()
    return maker
