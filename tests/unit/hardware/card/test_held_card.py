from __future__ import annotations

import threading

import pytest

from hardware.card import held_card
from hardware.card.authentication import Distant, HsmQuestion, HsmReply
from hardware.card.held_card import ask_while_held
from hardware.ports import CardFaultKind, CardGone
from tests.unit.hardware.direct_channel import ScriptedChannel


class Idle(ScriptedChannel):
    """A channel that counts touches, and whose card may leave at one of them."""

    def __init__(self, gone_at: int = 0) -> None:
        super().__init__([])
        self.touches = 0
        self.gone_at = gone_at
        self.touched = threading.Event()

    def keep_alive(self) -> None:
        self.touches += 1
        if self.touches == 3:
            self.touched.set()
        if self.touches == self.gone_at:
            self.touched.set()
            raise CardGone(CardFaultKind.PULLED)


def test_a_slow_answer_keeps_the_card_alive():
    channel = Idle()
    assert ask_while_held(channel, lambda: channel.touched.wait(10), each=0.01)
    assert channel.touches >= 3


def test_a_quick_answer_touches_nothing():
    channel = Idle()
    assert ask_while_held(channel, lambda: 7) == 7
    assert channel.touches == 0


def test_a_card_that_leaves_meanwhile_ends_the_question():
    channel = Idle(gone_at=2)
    with pytest.raises(CardGone):
        ask_while_held(channel, lambda: channel.touched.wait(10), each=0.01)


def test_what_the_question_raises_comes_through():
    def fail() -> None:
        raise TimeoutError("a defect")

    with pytest.raises(TimeoutError, match="a defect"):
        ask_while_held(Idle(), fail)


def test_the_card_is_touched_while_a_distant_authenticator_thinks(monkeypatch):
    monkeypatch.setattr(held_card, "_TOUCH_EACH", 0.01)
    channel = Idle(gone_at=1)

    class Slow:
        def answer(self, _question: HsmQuestion) -> HsmReply | None:
            channel.touched.wait(10)
            return HsmReply(b"")

    with pytest.raises(CardGone):
        Distant(channel, Slow()).answer(HsmQuestion("350100", b"", "01", "", b"", b""))


def test_a_channel_that_cannot_be_touched_is_asked_on_this_thread():
    assert ask_while_held(ScriptedChannel([]), threading.current_thread) is threading.current_thread()
