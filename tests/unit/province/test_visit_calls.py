"""Whoever waits for the province goes on at once when the visit ends; the late reply goes nowhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.province.port import CardCheck, CardCheckRequest, HsmAnswer, HsmRequest, ProfileQuery
from app.province.visit_calls import GIVEN_UP, VisitCalls

ANSWER = Refusal("CARD-UNKNOWN")
ASKED = ProfileQuery("test", card_id="F" * 32)


class Slow:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.asked, self.let = threading.Semaphore(0), threading.Event()
        self.answered = 0

    def hsm_step(self, request: HsmRequest) -> HsmAnswer | Refusal:
        return HsmAnswer("00", "")

    def check_card(self, request: CardCheckRequest) -> CardCheck | Refusal:
        raise ZeroDivisionError

    def profile(self, query: ProfileQuery) -> Profile | Refusal:
        self.asked.release()
        assert self.let.wait(10)
        self.answered += 1
        return ANSWER


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow()
    yield made
    made.let.set()


@pytest.fixture
def calls(slow: Slow) -> Iterator[VisitCalls]:
    made = VisitCalls(slow)
    yield made
    slow.let.set()
    made.close()


def test_an_answer_is_handed_on(calls: VisitCalls, slow: Slow) -> None:
    slow.let.set()
    assert calls.profile(ASKED) == ANSWER
    assert calls.hsm_step(HsmRequest("350100", "", "03", "", "", "", "", "")) == HsmAnswer("00", "")
    assert not calls.give_up()


def test_who_waits_goes_on_at_once_and_the_late_reply_is_nobodys(calls: VisitCalls, slow: Slow) -> None:
    with ThreadPoolExecutor(1) as visit:
        waiting = visit.submit(calls.profile, ASKED)
        assert slow.asked.acquire(timeout=5)
        assert calls.give_up()
        assert waiting.result(5) == GIVEN_UP
    assert slow.answered == 0
    slow.let.set()
    assert calls.profile(ASKED) == ANSWER
    until = time.monotonic() + 5
    while slow.answered < 2 and time.monotonic() < until:
        time.sleep(0.01)
    assert slow.answered == 2


def test_giving_up_holds_for_what_is_under_way_only(calls: VisitCalls, slow: Slow) -> None:
    assert not calls.give_up()
    slow.let.set()
    assert calls.profile(ASKED) == ANSWER


def test_a_defect_reaches_whoever_asked(calls: VisitCalls) -> None:
    with pytest.raises(ZeroDivisionError):
        calls.check_card(CardCheckRequest("", None, True, ""))


def test_after_the_end_nothing_is_asked(calls: VisitCalls, slow: Slow) -> None:
    slow.let.set()
    calls.close()
    assert calls.profile(ASKED) == GIVEN_UP
    assert not slow.asked.acquire(blocking=False)
