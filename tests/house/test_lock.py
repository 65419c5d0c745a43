"""Dependencies: each is locked, by hash."""

from __future__ import annotations

import re
import tomllib

from tests.house.sources import ROOT


def test_every_dependency_is_locked_with_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[<>=\[]", entry)[0].strip().lower().replace("_", "-") for entry in wanted}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    blocks = {block.split("==")[0]: block for block in re.split(r"\n(?=[a-z0-9])", lock)}
    assert names <= blocks.keys(), names - blocks.keys()
    assert not [name for name, block in blocks.items() if "--hash=sha256:" not in block]


def test_the_lock_names_no_package_index() -> None:
    assert "index-url" not in (ROOT / "requirements.lock").read_text(encoding="utf-8")
