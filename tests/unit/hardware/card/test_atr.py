from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.card.atr import historical_bytes


@pytest.mark.parametrize(
    ("atr", "history"),
    [
        ("3B6D000000814E43238697159900BF7C7A", "00814E43238697159900BF7C7A"),
        ("3B00", ""),
        ("3B024142", "4142"),
        ("3BF2" + "11" * 3 + "81" + "31" + "2045" + "AABB" + "FF", "AABB"),
        ("3B6D0000AA", "AA"),
        ("3B", ""),
        ("", ""),
        ("3BF0", ""),
    ],
)
def test_historical_bytes_stand_behind_the_interface_bytes(atr, history):
    assert historical_bytes(bytes.fromhex(atr)).hex().upper() == history


@given(st.binary(max_size=40))
def test_no_bytes_raise(atr):
    assert len(historical_bytes(atr)) <= 15
