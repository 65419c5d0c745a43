"""The frozen program that was built with an adapter speaks its wire, and knows no other."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from app.training.process import TrainingProvince
from tests.adapters.binzhou_server import binzhou_server
from tests.adapters.installed import PACKAGE, metadata_of
from tests.frozen.conftest import bare_environment, freeze

pytestmark = [pytest.mark.long, pytest.mark.slow, pytest.mark.timeout(900)]


def test_the_program_built_with_an_adapter_checks_a_province_by_its_wire(tmp_path: Path) -> None:
    path = os.pathsep.join((str(PACKAGE), str(metadata_of(PACKAGE, tmp_path / "site"))))
    folder = freeze(tmp_path / "built", YIKATONG_WITH="yikatong-binzhou", PYTHONPATH=path)
    program = folder / ("yikatong.exe" if os.name == "nt" else "yikatong")
    province = TrainingProvince.start(tmp_path / "province", holders=30)
    try:
        with binzhou_server(province.url) as (url, _facade):
            options = [
                "province",
                "check",
                url,
                "--wire",
                "binzhou",
                "--code-map",
                "binzhou",
                "--case",
                "Q1,Q8",
                "--json",
            ]
            done = subprocess.run(
                [str(program), *options],
                capture_output=True,
                encoding="utf-8",
                timeout=120,
                cwd=tmp_path,
                env=bare_environment(),
                check=False,
            )
    finally:
        province.stop()
    assert done.returncode == 0, done.stderr
    assert [row["verdict"] for row in json.loads(done.stdout)["checks"]] == ["pass", "pass"]
