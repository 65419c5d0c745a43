"""A visit's questions to the province: when the visit ends, nobody waits for them, and late replies are ignored."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.province.port import CardCheck, CardCheckRequest, HsmAnswer, HsmRequest, ProfileQuery

T = TypeVar("T")

GIVEN_UP = Refusal("CALL-GIVEN-UP")
_AT_ONCE = 4
"""Questions on their way, those included that nobody waits for any more; a visit asks one after the other."""


class Questions(Protocol):
    """What a visit asks of the province; `port.Province` has more."""

    def hsm_step(self, request: HsmRequest) -> HsmAnswer | Refusal:
        """Have the HSM answer a card's randoms."""
        ...

    def check_card(self, request: CardCheckRequest) -> CardCheck | Refusal:
        """Ask whether the card may be used now (卡鉴权)."""
        ...

    def profile(self, query: ProfileQuery) -> Profile | Refusal:
        """Fetch the holder's profile."""
        ...


class VisitCalls:
    """Implements `Questions` around another one, with a way out for whoever waits; safe to call from several threads.

    Only questions are given up: what changes something is asked about until it is known. A question's own thread ends
    with its reply or its time-out.
    """

    def __init__(self, inner: Questions) -> None:
        self._inner = inner
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="visit call")
        self._lock = threading.Lock()
        self._under_way: set[threading.Event] = set()
        self._closed = False

    def give_up(self) -> bool:
        """Have every question under way refused with CALL-GIVEN-UP at once; tells whether there was one."""
        with self._lock:
            for over in self._under_way:
                over.set()
            return bool(self._under_way)

    def close(self) -> None:
        """Ask nothing more; waits for the replies under way."""
        with self._lock:
            self._closed = True
        self.give_up()
        self._pool.shutdown(cancel_futures=True)

    def hsm_step(self, request: HsmRequest) -> HsmAnswer | Refusal:
        """Have the HSM answer a card's randoms."""
        return self._ask(lambda: self._inner.hsm_step(request))

    def check_card(self, request: CardCheckRequest) -> CardCheck | Refusal:
        """Ask whether the card may be used now (卡鉴权)."""
        return self._ask(lambda: self._inner.check_card(request))

    def profile(self, query: ProfileQuery) -> Profile | Refusal:
        """Fetch the holder's profile."""
        return self._ask(lambda: self._inner.profile(query))

    def _ask(self, question: Callable[[], T]) -> T | Refusal:
        with self._lock:
            if self._closed:
                return GIVEN_UP
            over = threading.Event()
            self._under_way.add(over)
            reply = self._pool.submit(question)
        reply.add_done_callback(lambda _reply: over.set())
        over.wait()
        with self._lock:
            self._under_way.discard(over)
        return reply.result() if reply.done() else GIVEN_UP
