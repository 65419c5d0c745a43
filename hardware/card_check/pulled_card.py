"""T20: the card is pulled between the two steps of 卡认证."""

from __future__ import annotations

from dataclasses import dataclass, field

from hardware.card.authentication import HsmQuestion, HsmReply
from hardware.card.held_card import IdleChannel
from hardware.card.read_card import read_card
from hardware.card_check.finding import Outcome, Reason
from hardware.card_check.ports import Hand
from hardware.ports import CardChannel, CardFault, CardFaultKind, CardGone


@dataclass
class _PullsTheCard:
    """An Authenticator that has the card taken out while it is asked; it answers only once the card is gone."""

    channel: CardChannel
    hand: Hand
    in_time: bool = field(default=True)

    def answer(self, question: HsmQuestion) -> HsmReply | None:
        self.hand.pull()
        while _is_there(self.channel):
            if not self.hand.wait():
                self.in_time = False
                return None
        return HsmReply(bytes(8) + question.internal_original, bytes(8) + question.external_original)


def _is_there(channel: CardChannel) -> bool:
    """Touch the card without a command; a channel without a reader cannot tell, and its card left at once."""
    if not isinstance(channel, IdleChannel):
        return False
    try:
        channel.keep_alive()
    except CardGone:
        return False
    return True


def pulled_between_the_steps(channel: CardChannel, hand: Hand) -> Outcome:
    """T20: a card pulled between the steps ends in that, and nothing of it is handed over."""
    pulls = _PullsTheCard(channel, hand)
    outcome = read_card(channel, pulls)
    if not pulls.in_time:
        return Reason.NOT_PULLED
    if isinstance(outcome, CardFault):
        return () if outcome.kind is CardFaultKind.PULLED else (outcome.kind.value,)
    return ("the card was read",)
