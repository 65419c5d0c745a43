"""The frozen program starts itself as a driver's process, its own libraries out of a maker's way."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from hardware.readers.sscard.card_driver import CardDriver
from hardware.readers.sscard.driver_host import FROZEN_VERB, DriverHost
from hardware.readers.sscard.functions import Interface
from tests.contract.hardware.sscard.maker import compiled, put
from tests.frozen.conftest import Frozen, bare_environment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_it_reads_a_card_through_a_makers_library(
    frozen: Frozen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("no C compiler: gcc is not installed")
    maker = put(compiled(tmp_path), tmp_path)
    for name in os.environ.keys() - bare_environment().keys():
        monkeypatch.delenv(name, raising=False)
    host = DriverHost([maker.library], [str(frozen.program), FROZEN_VERB])
    try:
        assert CardDriver(host).read_base(Interface.CONTACT, None).name == "张三"
    finally:
        host.close()
