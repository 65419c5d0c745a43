from __future__ import annotations

from collections.abc import Callable

import pytest

from app.verbs.entry import main
from hardware.virtual.private_pcscd import PcscService


@pytest.fixture
def check(pcsc: PcscService, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run `yikatong card check …` here."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["card", "check", *arguments])
        return (code, *capsys.readouterr())

    return run
