"""SM3 against the standard's own example."""

from __future__ import annotations

import hashlib

import pytest

from app.domain.digest import payload_sm3

ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_the_standards_example() -> None:
    assert payload_sm3("abc") == ABC


def test_without_the_platforms_sm3_the_digest_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashlib, "algorithms_available", {"sha256"})
    assert payload_sm3("abc") == ABC
    assert payload_sm3("挂失") == hashlib.new("sm3", "挂失".encode()).hexdigest()
