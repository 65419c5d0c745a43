"""A channel straight to a virtual card, and one with answers written beforehand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hardware.ports import CardFaultKind, CardGone
from hardware.virtual.card_os import CardSilent, VirtualCard
from hardware.virtual.profiles import load_profile


@dataclass
class DirectChannel:
    """No reader in between; keeps what was sent, and lets a test change answers."""

    card: VirtualCard
    sent: list[bytes] = field(default_factory=list)
    change: Callable[[bytes, bytes], bytes] = lambda apdu, answer: answer

    @property
    def atr(self) -> bytes:
        return self.card.atr

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        self.sent.append(apdu)
        try:
            answer = self.change(apdu, self.card.transmit(apdu))
        except CardSilent as silent:
            raise CardGone(CardFaultKind.PULLED if self.card.gone else CardFaultKind.MUTE) from silent
        return answer[:-2], int.from_bytes(answer[-2:])


def channel_to(profile: str, *, pull_after: int | None = None) -> DirectChannel:
    """Power a profile's card."""
    card = VirtualCard(load_profile(profile))
    if pull_after is not None:
        card.pull_after(pull_after)
    return DirectChannel(card)


@dataclass
class ScriptedChannel:
    """Answers in order, whatever is sent."""

    answers: Sequence[str]
    sent: list[str] = field(default_factory=list)
    atr: bytes = b""

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        answer = bytes.fromhex(self.answers[len(self.sent)])
        self.sent.append(apdu.hex().upper())
        return answer[:-2], int.from_bytes(answer[-2:])
