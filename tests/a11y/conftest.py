"""Texts, sentences and a themed application for the screens."""

from __future__ import annotations

import pytest

from app.catalogue import sentences as sentence_table
from app.catalogue import texts as text_table
from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts


@pytest.fixture(scope="session")
def texts() -> Texts:
    return text_table.load()


@pytest.fixture(scope="session")
def sentences() -> Sentences:
    return sentence_table.load()
