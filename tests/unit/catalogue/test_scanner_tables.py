"""The tables of wedges and pads: what comes with the program can be used, what cannot be used is refused."""

from __future__ import annotations

import pytest

from app.catalogue import pin_pads, wedge
from app.catalogue.tables import TableError
from hardware.scanners.wedge import Terminator

RULE = {"longest_gap_ms": 65, "longest_pause_ms": 300, "least": 8, "terminators": ["enter"], "suffix": "!"}
KEYS = {f"3{digit}": str(digit) for digit in range(10)} | {"0D": "enter", "1B": "cancel", "08": "back"}
PAD = {"baud": 9600, "begin": "02 31", "end": "", "frame": "02 kk xx", "timeout_s": 30, "most": 8, "keys": KEYS}


def test_a_rule_is_typed_in_seconds():
    rule = wedge.rule_of(RULE)
    assert (rule.longest_gap, rule.least, rule.terminators) == (0.065, 8, {Terminator.ENTER})
    assert (rule.prefix, rule.suffix) == ("", "!")


@pytest.mark.parametrize(
    "wrong",
    [
        *({"longest_gap_ms": 120}, {"longest_gap_ms": 0}, {"longest_pause_ms": 60}, {"least": 1}, {"least": None}),
        *({"terminators": ["space"]}, {"terminators": []}, {"prefix": 3}),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused(wrong):
    with pytest.raises(TableError, match=r"^wedge"):
        wedge.rule_of(RULE | wrong)


def test_a_pad_is_typed():
    pad = pin_pads.pads_of({"hall": PAD})["hall"]
    assert (pad.baud, pad.begin, pad.end, pad.frame) == (9600, b"\x021", b"", ("02", "kk", "xx"))
    assert (pad.keys[0x31], pad.keys[0x0D], pad.timeout) == ("1", "enter", 30.0)


@pytest.mark.parametrize(
    "wrong",
    [{"frame": "02"}, {"frame": "kk zz"}, {"keys": {}}, {"keys": KEYS | {"0102": "1"}}, {"begin": "x"}, {"baud": "1"}],
)
def test_a_pad_that_cannot_be_used_is_refused_by_name(wrong):
    with pytest.raises(TableError, match="hall"):
        pin_pads.pads_of({"hall": PAD | wrong})
