"""Card to identity against the same commands sent bare."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from hardware.card.authentication import Authenticator
from hardware.card.read_card import read_card
from hardware.card.social_card import SocialCard
from hardware.ports import CardChannel
from hardware.readers.context import CardConnection, CardContext
from hardware.readers.supervisor import ReaderSupervisor

T = TypeVar("T")


@dataclass
class _Recorder:
    """Keeps what a channel sends."""

    channel: CardChannel
    sent: list[bytes] = field(default_factory=list)

    @property
    def atr(self) -> bytes:
        return self.channel.atr

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        self.sent.append(apdu)
        return self.channel.transmit(apdu)


@dataclass(frozen=True)
class Race:
    """Minimum times in seconds, and the commands that both sides sent."""

    identity: float
    bare: float
    apdus: tuple[bytes, ...]

    @property
    def ratio(self) -> float:
        return self.identity / self.bare

    def table(self, title: str) -> str:
        """Return the figures and the list of commands."""
        head = (
            f"{title}: identity {self.identity * 1000:.1f} ms, bare {self.bare * 1000:.1f} ms, "
            f"ratio {self.ratio:.3f}, {len(self.apdus)} APDUs"
        )
        return "\n".join([head, *(f"  {apdu.hex().upper()}" for apdu in self.apdus)])


def race(
    supervisor: ReaderSupervisor,
    context: CardContext,
    reader: str,
    authenticator: Authenticator | None,
    runs: int,
) -> Race:
    """Run the whole way through the supervisor, stop it, then send its commands over a plain connection."""
    recorded: list[_Recorder] = []

    def record(channel: CardChannel) -> object:
        recorded.append(_Recorder(channel))
        return read_card(recorded[-1], authenticator)

    assert isinstance(supervisor.use(record).result(30), SocialCard)
    apdus = tuple(recorded[0].sent)

    def whole() -> None:
        card = supervisor.use(lambda channel: read_card(channel, authenticator)).result(30)
        assert isinstance(card, SocialCard)

    def bare() -> None:
        connection = context.connect(reader)
        for apdu in apdus:
            connection.transmit(apdu)
        closing.append(connection)

    closing: list[CardConnection] = []
    identity = min(_timed(whole) for _ in range(runs))
    supervisor.stop()
    bare_times = []
    for _ in range(runs):
        bare_times.append(_timed(bare))
        closing.pop().close(reset=True)
    return Race(identity, min(bare_times), apdus)


def _timed(work: Callable[[], None]) -> float:
    # Letting go of the card comes after the identity is there; its time belongs to no run.
    time.sleep(0.02)
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
