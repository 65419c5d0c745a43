"""The plan as a pure function: for each picture of the rows, the one move that is right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.catalogue.sagas import definition
from app.journal.saga_plan import (
    HAS_TO_BE_DONE,
    NEEDS_TWO,
    NOBODY_CAN_TELL,
    AskTwo,
    Begin,
    End,
    Hold,
    Move,
    Probe,
    Situation,
    is_way_back,
    next_move,
)
from app.journal.saga_values import Act, Question, SagaState, StepRow, StepState, ToldBy
from tests.unit.journal.saga.scenery import content, issuing, row

ATTENDED = Situation(online=True, may_begin=True)
DO, UNDO = Act.DO, Act.UNDO


def made(picture: str) -> list[StepRow]:
    """Read rows from a picture: `0+1 done` is step 0, forward, attempt 1; `0-1` is taking it back."""
    rows = []
    for line in filter(None, map(str.strip, picture.split(","))):
        place, state, *told = line.split()
        by = ToldBy.PEOPLE if "people" in told else ToldBy.WORLD if "world" in told else None
        asks = next((int(word) for word in told if word.isdigit()), 0)
        act = DO if place[1] == "+" else UNDO
        rows.append(StepRow(int(place[0]), act, int(place[2]), StepState(state), "key", by, asks))
    return rows


@pytest.mark.parametrize(
    ("picture", "move"),
    [
        ("", Begin(0, DO, 1)),
        ("0+1 done", Begin(1, DO, 1)),
        ("0+1 not_done", Begin(0, DO, 2)),
        ("0+1 not_done, 0+2 not_done", End(SagaState.UNDONE)),
        ("0+1 failed world", End(SagaState.UNDONE)),
        ("0+1 failed people", End(SagaState.UNDONE)),
        ("0+1 done, 1+1 failed world", Begin(0, UNDO, 1)),
        ("0+1 done, 1+1 not_done, 1+2 not_done", Begin(0, UNDO, 1)),
        ("0+1 done, 1+1 done, 2+1 failed world", Begin(1, UNDO, 1)),
        ("0+1 done, 1+1 compensated, 1-1 done, 2+1 failed world", Begin(0, UNDO, 1)),
        ("0+1 compensated, 0-1 done, 1+1 compensated, 1-1 done, 2+1 failed world", End(SagaState.UNDONE)),
        ("0+1 done, 0-1 not_done, 1+1 failed world", Begin(0, UNDO, 2)),
        ("0+1 done, 0-2 not_done, 1+1 failed world", AskTwo(0, UNDO, 2, Question.HAPPENED, HAS_TO_BE_DONE)),
        ("0+1 done, 0-1 failed world, 1+1 failed world", AskTwo(0, UNDO, 1, Question.HAPPENED, HAS_TO_BE_DONE)),
        ("0+1 done, 0-1 failed people, 1+1 failed world", Begin(0, UNDO, 2)),
        ("0+1 done, 1+1 done, 2+1 done", Begin(3, DO, 1)),
        ("0+1 done, 1+1 done, 2+1 done, 3+1 not_done", Begin(3, DO, 2)),
        ("0+1 done, 1+1 done, 2+1 done, 3+2 not_done", AskTwo(3, DO, 2, Question.HAPPENED, HAS_TO_BE_DONE)),
        ("0+1 done, 1+1 done, 2+1 done, 3+1 failed world", AskTwo(3, DO, 1, Question.HAPPENED, HAS_TO_BE_DONE)),
        ("0+1 done, 1+1 done, 2+1 done, 3+1 failed people", Begin(3, DO, 2)),
        ("0+1 done, 1+1 done, 2+1 done, 3+1 done", End(SagaState.DONE)),
        ("0+1 unknown 2", AskTwo(0, DO, 1, Question.HAPPENED, NOBODY_CAN_TELL)),
        ("0+1 unknown world", AskTwo(0, DO, 1, Question.HAPPENED, NOBODY_CAN_TELL)),
        ("0+1 done, 0-1 unknown 2, 1+1 failed world", AskTwo(0, UNDO, 1, Question.HAPPENED, NOBODY_CAN_TELL)),
    ],
)
def test_each_picture_has_its_move(picture: str, move: Move) -> None:
    assert next_move(issuing(), made(picture), ATTENDED) == move


@pytest.mark.parametrize("picture", ["0+1 unknown", "0+1 unknown 1", "0+1 done, 0-1 unknown, 1+1 failed world"])
def test_what_is_in_doubt_is_asked_before_anything_else(picture: str) -> None:
    rows = made(picture)
    (doubtful,) = [step for step in rows if step.state is StepState.UNKNOWN]
    for situation in (ATTENDED, Situation(online=False, may_begin=False)):
        assert next_move(issuing(), rows, situation) == Probe(doubtful)


@pytest.mark.parametrize(
    ("picture", "move"),
    [
        ("", End(SagaState.UNDONE)),
        ("0+1 not_done", End(SagaState.UNDONE)),
        ("0+1 done", Hold()),
        ("0+1 done, 1+1 failed world", Begin(0, UNDO, 1)),
    ],
)
def test_with_no_clerk_nothing_is_begun_and_everything_taken_back(picture: str, move: Move) -> None:
    assert next_move(issuing(), made(picture), replace(ATTENDED, may_begin=False)) == move


def test_offline_only_what_may_be_begun_is() -> None:
    shape = definition(content(row("reserve", "reversible"), row("personalise", "pivot", offline="never")), "test")
    offline = replace(ATTENDED, online=False)
    assert next_move(shape, [], offline) == Begin(0, DO, 1)
    assert next_move(shape, made("0+1 done"), offline) == Hold()
    assert next_move(shape, made("0+1 done"), ATTENDED) == Begin(1, DO, 1)


def test_a_second_person_is_asked_for_each_step_that_wants_one() -> None:
    shape = definition(content(row("reserve", "reversible", second_person=True), row("personalise", "pivot")), "test")
    assert next_move(shape, [], ATTENDED) == AskTwo(0, DO, 1, Question.MAY_BEGIN, NEEDS_TWO)
    assert next_move(shape, [], replace(ATTENDED, approved=frozenset({1}))) == AskTwo(
        0, DO, 1, Question.MAY_BEGIN, NEEDS_TWO
    )
    assert next_move(shape, [], replace(ATTENDED, approved=frozenset({0}))) == Begin(0, DO, 1)


def test_what_nothing_hangs_on_is_left() -> None:
    shape = definition(content(row("reserve", "pivot", cannot_tell="leave", asks=1)), "test")
    assert next_move(shape, made("0+1 unknown 1"), ATTENDED) == End(SagaState.LEFT)
    assert next_move(shape, made("0+1 unknown world"), ATTENDED) == End(SagaState.LEFT)


def test_taking_back_has_a_patience_of_its_own() -> None:
    undo = {"name": "unreserve", "world": "stock", "cannot_tell": "two_persons", "asks": 3, "attempts": 4}
    steps = row("reserve", "reversible", compensation="unreserve", asks=1, attempts=1), row("personalise", "pivot")
    shape = definition({**content(*steps), "compensations": [undo]}, "test")
    assert next_move(shape, made("0+1 unknown 1"), ATTENDED) == AskTwo(0, DO, 1, Question.HAPPENED, NOBODY_CAN_TELL)
    assert next_move(shape, made("0+1 not_done"), ATTENDED) == End(SagaState.UNDONE)
    doubtful = made("0+1 done, 1+1 failed world, 0-1 unknown 2")
    assert next_move(shape, doubtful, ATTENDED) == Probe(doubtful[-1])
    assert next_move(shape, made("0+1 done, 1+1 failed world, 0-3 not_done"), ATTENDED) == Begin(0, UNDO, 4)


def test_the_way_back_is_told_from_the_way_forward() -> None:
    assert is_way_back(Begin(0, UNDO, 1))
    assert is_way_back(AskTwo(0, UNDO, 1, Question.HAPPENED, HAS_TO_BE_DONE))
    assert not is_way_back(Begin(0, DO, 1))
    assert not is_way_back(End(SagaState.UNDONE))
