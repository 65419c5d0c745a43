"""Card to identity against the same commands sent bare."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from hardware.card.authentication import Authenticator
from hardware.card.read_card import read_card
from hardware.card.social_card import SocialCard
from hardware.ports import CardChannel
from hardware.readers.context import CardConnection, CardContext
from hardware.readers.supervisor import ReaderSupervisor

T = TypeVar("T")

_SELECT = ("00A40400", "00C00000")
"""SELECT SSSE, and the GET RESPONSE that T=0 needs for its FCI."""
_BASIC = tuple(f"00B20{number}2C" for number in (3, 1, 5, 6, 7))
"""Of EF05 what an identity is made of, the version first, for it tells the numbers of EF06."""
_INTERNAL = ("00880000", "00C00000")
_EXTERNAL = ("0082000A",)
_RANDOMS = ("00840000",) * 2

LEAST: Mapping[str, tuple[str, ...]] = {
    "gen1": (*_SELECT, *_BASIC, *_INTERNAL, *(f"00B20{number}34" for number in range(1, 7))),
    "gen2": (*_SELECT, *_BASIC, *_INTERNAL, *(f"00B20{number}34" for number in range(1, 8))),
    "gen3": (*_SELECT, *_BASIC, *_RANDOMS, *_INTERNAL, *_EXTERNAL, *(f"00B20{number}34" for number in range(1, 8))),
}
"""The headers of the commands that a whole identity needs, 卡认证 included, record by record (card.md 2.1, 2.6)."""


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
    def headers(self) -> tuple[str, ...]:
        """Return the first four bytes of each command."""
        return tuple(apdu[:4].hex().upper() for apdu in self.apdus)

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
