from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.readers.box import ReaderBox
from hardware.readers.sscard.driver_host import DriverHost
from tests.contract.hardware.sscard.maker import Maker, compiled, put


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where libraries are compiled."""
    if shutil.which("gcc") is None:
        pytest.skip("no C compiler: gcc is not installed")
    return tmp_path_factory.mktemp("drivers")


@pytest.fixture
def maker(built: Path, tmp_path: Path) -> Maker:
    """A library of 64 bit, well-behaved until it is told otherwise."""
    return put(compiled(built), tmp_path)


@pytest.fixture
def box(maker: Maker) -> Iterator[ReaderBox[DriverHost]]:
    """The box that the library drives."""
    box: ReaderBox[DriverHost] = ReaderBox(lambda: DriverHost([maker.driver]))
    box.start()
    yield box
    box.stop()
