"""Rooms and walls: where third parties may be imported, and how long a module may be."""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT, imports, lines, modules

VAGUE = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"}


def importers(name: str) -> set[str]:
    return {str(path) for path, tree in modules().items() if name in imports(tree)}


def test_import_linter_keeps_every_contract() -> None:
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_only_one_module_imports_pyscard() -> None:
    assert importers("smartcard") == {"hardware/readers/pcsc.py"}


@pytest.mark.parametrize(
    ("name", "rooms"),
    [
        ("PySide6", ("ui/",)),
        ("sqlalchemy", ("app/journal/", "app/hall/", "app/training/")),
        ("httpx", ("app/province/",)),
        ("fastapi", ("app/training/",)),
        ("gmssl_pyx", ("hardware/crypto/",)),
        (
            "serial",
            (
                "hardware/resident_id/serial_reader.py",
                "hardware/scanners/serial_scanner.py",
                "hardware/pin_pad/serial_pad.py",
            ),
        ),
        ("ctypes", ("hardware/readers/", "app/journal/")),
        ("cv2", ("hardware/camera/", "hardware/scanners/")),
    ],
)
def test_a_library_lives_in_its_room(name: str, rooms: tuple[str, ...]) -> None:
    found = importers(name)
    assert found
    assert not [path for path in found if not path.startswith(rooms)]


def test_modules_are_short() -> None:
    sizes = {path: lines(path) for path in modules()}
    assert statistics.median(sizes.values()) < 200
    assert not [path for path, size in sizes.items() if size > 600]


def test_names_say_something() -> None:
    assert not [path for path in modules() if VAGUE & set(path.with_suffix("").parts)]
