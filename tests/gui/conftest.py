"""Texts and sentences for the screens, and a training province for a whole window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.catalogue import sentences as sentence_table
from app.catalogue import texts as text_table
from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from tests.contract.hardware.sscard.conftest import built, maker
from tests.programs import Province

__all__ = ["built", "maker"]


@pytest.fixture(scope="session")
def texts() -> Texts:
    return text_table.load()


@pytest.fixture(scope="session")
def sentences() -> Sentences:
    return sentence_table.load()


@pytest.fixture
def province(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Province]:
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")
    served = Province(tmp_path / "province")
    served.start()
    yield served
    served.kill()
