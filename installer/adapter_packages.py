"""Adapter packages that the frozen program carries: `build --with PACKAGE`, an installed package or a project's folder.

A package declares its wires as entry points of the group `yikatong.wires`; the program knows them by these alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from python_packages import venv_program
from steps import StepFailed, Steps

OPTION = "--with"
VARIABLE = "YIKATONG_WITH"
"""Names the packages to PyInstaller's spec, apart by spaces."""
GROUP = "yikatong.wires"


def named_adapters(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Split off the packages named, `--with PACKAGE` each; raises StepFailed for an option without one."""
    packages, rest = [], []
    words = iter(arguments)
    for word in words:
        if word == OPTION:
            package = next(words, "")
            if not package or package.startswith("-"):
                raise StepFailed(OPTION, "no package is named", f"{OPTION} PACKAGE, or {OPTION} FOLDER")
            packages.append(package)
        elif word.startswith(f"{OPTION}="):
            packages.append(word.partition("=")[2])
        else:
            rest.append(word)
    return packages, rest


def install_adapters(steps: Steps, packages: list[str]) -> dict[str, str]:
    """Install those that are folders, and return what names them all to the spec."""
    names, commands = [], []
    pip = [str(venv_program("python")), "-m", "pip", "--disable-pip-version-check", "install", "--no-deps"]
    for package in packages:
        project = Path(package, "pyproject.toml")
        if project.is_file():
            names.append(_name(tomllib.loads(project.read_text(encoding="utf-8")), package))
            commands.append([*pip, "--no-build-isolation", "--force-reinstall", str(Path(package).resolve())])
        else:
            names.append(package)
    if commands:
        steps.do("adapter packages", commands, "see that the folder is a Python project that builds by itself")
    elif packages:
        steps.skip("adapter packages", ", ".join(names))
    return {VARIABLE: " ".join(names)} if names else {}


def wire_packages(name: str) -> tuple[str, ...]:
    """Return the import packages of a distribution's wires; ends the build for one that is missing or has none."""
    try:
        entries = distribution(name).entry_points
    except PackageNotFoundError:
        raise SystemExit(
            f"{OPTION} {name}: no such package is installed. remedy: pip install it, or name its folder"
        ) from None
    packages = {entry.module.partition(".")[0] for entry in entries if entry.group == GROUP}
    if not packages:
        raise SystemExit(f"{OPTION} {name}: it declares no wire. remedy: an entry point of the group {GROUP}")
    return tuple(sorted(packages))


def _name(project: Mapping[str, object], package: str) -> str:
    table = project.get("project")
    name = table.get("name") if isinstance(table, dict) else None
    if not isinstance(name, str):
        raise StepFailed(OPTION, f"{package}: its pyproject.toml has no name", "give it a [project] name")
    return name
