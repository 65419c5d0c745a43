"""The adapter package as an installer leaves it: its folder in the path, with metadata that name its entry points."""

from __future__ import annotations

import tomllib
from pathlib import Path

PACKAGE = Path(__file__).with_name("binzhou")


def metadata_of(package: Path, folder: Path) -> Path:
    """Write a package's metadata below a folder, as `pip install` does; returns the folder, to be put in the path."""
    project = tomllib.loads((package / "pyproject.toml").read_text("utf-8"))["project"]
    info = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir(parents=True)
    told = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (info / "METADATA").write_text(told, "utf-8")
    groups = (
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in entries.items())
        for group, entries in project["entry-points"].items()
    )
    (info / "entry_points.txt").write_text("\n".join(groups), "utf-8")
    return folder
