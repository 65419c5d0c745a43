from __future__ import annotations

import string
from dataclasses import replace
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue import wedge
from hardware.scanners.wedge import (
    Scanned,
    Terminator,
    Typed,
    WedgeClassifier,
)

SHIPPED = wedge.load()
RULE = replace(SHIPPED, terminators=frozenset(Terminator))
KEYS = string.ascii_letters + string.digits + "-_./:"
CODES = st.text(KEYS, min_size=20, max_size=64)


def play(events, rule=RULE):
    """Feed (character or terminator or None for another key, seconds since the last); items are numbers."""
    classifier = WedgeClassifier(rule)
    outcomes, at = [], 0.0
    for number, (what, gap) in enumerate(events):
        at += gap
        if what is None:
            outcomes += classifier.other(at, number)
        elif isinstance(what, Terminator):
            outcomes += classifier.terminator(what, at, number)
        else:
            outcomes += classifier.character(what, at, number)
    return [*outcomes, *classifier.quiet(at + 1)]


def typed(outcomes):
    return [item for outcome in outcomes if isinstance(outcome, Typed) for item in outcome.items]


def scans(outcomes):
    return [(outcome.text, outcome.complete) for outcome in outcomes if isinstance(outcome, Scanned)]


def burst(text, gap):
    return [(letter, gap) for letter in text]


@given(CODES, st.data())
def test_a_scan_is_one_event_and_nothing_leaks(text, data):
    gaps = data.draw(st.lists(st.floats(0.001, 0.05), min_size=len(text), max_size=len(text)))
    end = data.draw(st.sampled_from([[], [(Terminator.ENTER, 0.05)], [(Terminator.TAB, 0.001)]]))
    outcomes = play([*zip(text, gaps, strict=True), *end])
    assert scans(outcomes) == [(text, True)]
    assert typed(outcomes) == []


@given(st.lists(st.tuples(st.sampled_from([*KEYS, None, Terminator.ENTER, Terminator.TAB]), st.floats(0.12, 2.0))))
def test_a_person_is_never_a_scanner(events):
    outcomes = play(events)
    assert scans(outcomes) == []
    assert typed(outcomes) == list(range(len(events)))


@given(st.lists(st.tuples(st.sampled_from([*KEYS, None, *Terminator]), st.floats(0.0, 0.3)), max_size=120))
def test_every_key_is_told_once_and_typed_keys_keep_their_order(events):
    outcomes = play(events)
    assert typed(outcomes) == sorted(typed(outcomes))
    assert sorted(item for outcome in outcomes for item in outcome.items) == list(range(len(events)))


@given(st.text(KEYS, max_size=12), CODES, st.text(KEYS, max_size=12))
def test_typing_before_and_after_a_scan_stays_typing(before, code, after):
    events = [
        *burst(before, 0.15),
        (code[0], 0.2),
        *burst(code[1:], 0.01),
        (Terminator.ENTER, 0.01),
        *burst(after, 0.15),
    ]
    outcomes = play(events)
    assert scans(outcomes) == [(code, True)]
    assert "".join(events[item][0] for item in typed(outcomes)) == before + after


@given(st.lists(st.floats(0.001, 0.06), min_size=1, max_size=RULE.least - 1))
def test_two_quick_fingers_are_no_scanner(gaps):
    outcomes = play([("a", gap) for gap in gaps])
    assert typed(outcomes) == list(range(len(gaps)))


def test_a_key_in_the_middle_of_a_scan_passes_by():
    outcomes = play([*burst("A" * 12, 0.01), (None, 0.01), *burst("B" * 12, 0.01)])
    assert scans(outcomes) == [("A" * 12 + "B" * 12, True)]
    assert typed(outcomes) == [12]


def test_a_key_at_the_head_of_a_scan_makes_it_incomplete():
    outcomes = play([*burst("ABC", 0.01), (None, 0.01), *burst("D" * 12, 0.01)])
    assert scans(outcomes) == [("D" * 12, False)]
    assert typed(outcomes) == [0, 1, 2, 3]


def test_without_its_terminator_a_scan_is_incomplete_where_one_is_set():
    rule = replace(RULE, terminators=frozenset({Terminator.ENTER}))
    assert scans(play(burst("A" * 20, 0.01), rule)) == [("A" * 20, False)]
    assert scans(play([*burst("A" * 20, 0.01), (Terminator.ENTER, 0.01)], rule)) == [("A" * 20, True)]


def test_prefix_and_suffix_are_taken_off_and_wanted():
    rule = replace(RULE, prefix="~", suffix="!")
    assert scans(play(burst("~12345678!", 0.01), rule)) == [("12345678", True)]
    assert scans(play(burst("~123456789", 0.01), rule)) == [("123456789", False)]
    assert typed(play(burst("1234567890!", 0.01), rule)) == list(range(11))


def test_characters_that_an_input_method_took_make_a_scan_incomplete():
    classifier = WedgeClassifier(RULE)
    for number, at in enumerate(accumulate([0.01] * 20)):
        assert classifier.character("A", at, number, lost=number == 5) == ()
    (outcome,) = classifier.quiet(9)
    assert isinstance(outcome, Scanned)
    assert not outcome.complete


def test_what_no_code_is_long_enough_for_is_swallowed_and_too_long():
    (outcome,) = play(burst("A" * 5000, 0.001))
    assert isinstance(outcome, Scanned)
    assert 512 < len(outcome.text) < 600


def test_a_scan_does_not_tell_its_text():
    assert "ABCDEFGHIJKL" not in repr(play(burst("ABCDEFGHIJKL", 0.01)))


@pytest.mark.parametrize("cut", range(1, 19))
@pytest.mark.parametrize("pause", [0.07, 0.08, 0.09])
def test_a_scanner_that_stands_still_in_the_midst_never_makes_two_codes(cut, pause):
    code = "YKT2026112300010002"
    events = [*burst(code[:cut], 0.01), (code[cut], pause), *burst(code[cut + 1 :], 0.01), (Terminator.ENTER, 0.01)]
    found = scans(play(events, SHIPPED))
    if cut >= SHIPPED.least:
        assert found == [(code, True)]
    else:
        assert [text for text, complete in found if complete] == []
        assert len(found) <= 1


@pytest.mark.parametrize("cut", range(3, 19))
@pytest.mark.parametrize("pause", [0.2, 0.29, 0.35, 0.9])
def test_nor_after_a_long_pause(cut, pause):
    code = "YKT2026112300010002"
    events = [*burst(code[:cut], 0.01), (code[cut], pause), *burst(code[cut + 1 :], 0.01), (Terminator.ENTER, 0.01)]
    found = scans(play(events, SHIPPED))
    whole = [text for text, complete in found if complete]
    assert whole == ([code] if cut >= SHIPPED.least and pause <= SHIPPED.longest_pause else [])


def test_a_scan_without_terminator_is_told_when_it_cannot_go_on_any_more():
    classifier = WedgeClassifier(RULE)
    for number in range(12):
        assert classifier.character("A", number / 100, number) == ()
    assert classifier.quiet(0.11 + RULE.longest_pause) == ()
    assert scans(classifier.quiet(0.12 + RULE.longest_pause)) == [("A" * 12, True)]
