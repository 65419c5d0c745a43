"""The project's own modules, parsed once."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("app", "hardware", "ui", "resources")


@cache
def modules() -> dict[Path, ast.Module]:
    """Return every module of the program by its path below the root."""
    found = sorted(file for room in ROOMS for file in (ROOT / room).rglob("*.py"))
    return {file.relative_to(ROOT): ast.parse(file.read_text(encoding="utf-8")) for file in found}


def lines(path: Path) -> int:
    """Return the length of a module."""
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())


def imports(tree: ast.Module) -> set[str]:
    """Return the top-level names that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names
