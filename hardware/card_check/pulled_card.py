"""T20: the card is pulled between the two steps of 卡认证."""

from __future__ import annotations

from dataclasses import dataclass

from hardware.card.authentication import HsmQuestion, HsmReply
from hardware.card.read_card import read_card
from hardware.card_check.bench import CheckBench
from hardware.card_check.finding import Outcome, Reason
from hardware.card_check.ports import Hand
from hardware.ports import CardFault, CardFaultKind


@dataclass(frozen=True)
class _PullsTheCard:
    """An Authenticator that takes the card out while it is asked."""

    hand: Hand

    def answer(self, question: HsmQuestion) -> HsmReply:
        self.hand.pull()
        return HsmReply(bytes(8) + question.internal_original, bytes(8) + question.external_original)


def pulled_between_the_steps(bench: CheckBench) -> Outcome:
    """T20: a card pulled between the steps ends in that, and nothing of it is handed over."""
    hand = bench.means.hand
    if hand is None:
        return Reason.NO_HAND
    outcome = read_card(bench.channel, _PullsTheCard(hand))
    bench.channel = hand.put_back()
    told = isinstance(outcome, CardFault) and outcome.kind is CardFaultKind.PULLED
    bench.demand(told, outcome.kind if isinstance(outcome, CardFault) else "the card was read")
    return bench.outcome()
