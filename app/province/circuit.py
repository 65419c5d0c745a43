"""The circuit before the province: while it is away nobody waits for a time-out."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import datetime
from enum import Enum, auto
from typing import TypeVar

from app.domain.anchor import (
    Anchor,
    AuditFinding,
    AuditPage,
    Countersigned,
    Enrolment,
    EnrolmentReceipt,
    LastSequence,
)
from app.domain.clock import Clock, Moment, moment
from app.domain.downlink import ChangePage, SealingKey
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.province.port import (
    Away,
    CardCheck,
    CardCheckRequest,
    HsmAnswer,
    HsmRequest,
    ItemAnswer,
    OwnOperation,
    ProfileQuery,
    Province,
    UploadBatch,
)

T = TypeVar("T")

AWAY = "PROVINCE-AWAY"
BASE_S = 1.0
CAP_S = 15.0


class CircuitState(Enum):
    """Closed: calls go through. Open: they are refused at once. Half-open: one probe is under way."""

    CLOSED = auto()
    OPEN = auto()
    HALF_OPEN = auto()


class Circuit:
    """Implements `port.Province` around another one; safe to call from several threads.

    It starts open with its probe due, so that the first call finds out. Only PROVINCE-AWAY opens it: a province that
    is busy or refuses is there. `on_change` is called on the thread that noticed, in order, never twice alike.
    """

    def __init__(
        self,
        inner: Province,
        clock: Clock,
        on_change: Callable[[bool], None],
        jitter: Callable[[float, float], float] = random.uniform,
        on_time: Callable[[Moment, datetime], None] = lambda _asked, _told: None,
    ) -> None:
        """Begin open. `on_time` gets the province's time, and when it was asked for, at each contact."""
        self._inner = inner
        self._clock = clock
        self._on_change = on_change
        self._on_time = on_time
        self._jitter = jitter
        self._lock = threading.Lock()
        self._state = CircuitState.OPEN
        self._generation = 0
        self._failures = 0
        self._probe_at = clock.monotonic()
        # Reentrant: a listener may itself ask the province.
        self._publishing = threading.RLock()
        self._published: bool | None = None

    @property
    def state(self) -> CircuitState:
        """Return the state now."""
        with self._lock:
            return self._state

    @property
    def online(self) -> bool:
        """Tell whether the last contact succeeded."""
        return self.state is CircuitState.CLOSED

    def next_probe_in(self) -> float | None:
        """Return the seconds to the next probe, 0 when it is due, None while the circuit is closed."""
        with self._lock:
            if self._state is CircuitState.CLOSED:
                return None
            return max(0.0, self._probe_at - self._clock.monotonic())

    def wake(self) -> None:
        """Make the next probe due at once."""
        with self._lock:
            self._probe_at = self._clock.monotonic()

    def probe(self) -> bool:
        """Probe when one is due and none is under way; return whether the province may be asked now."""
        with self._lock:
            if self._state is not CircuitState.OPEN or self._clock.monotonic() < self._probe_at:
                return self._state is CircuitState.CLOSED
            self._state = CircuitState.HALF_OPEN
        answer: datetime | Refusal = Refusal(AWAY)
        try:
            answer = self._ask_time()
        finally:
            self._settle(answer)
        return self.online

    def clock(self) -> datetime | Refusal:
        """Return the province's time."""
        return self.guarded(self._ask_time)

    def hsm_step(self, request: HsmRequest) -> HsmAnswer | Refusal:
        """Have the HSM answer a card's randoms."""
        return self.guarded(lambda: self._inner.hsm_step(request))

    def check_card(self, request: CardCheckRequest) -> CardCheck | Refusal:
        """Ask whether the card may be used now (卡鉴权)."""
        return self.guarded(lambda: self._inner.check_card(request))

    def profile(self, query: ProfileQuery) -> Profile | Refusal:
        """Fetch the holder's profile."""
        return self.guarded(lambda: self._inner.profile(query))

    def upload(self, batch: UploadBatch) -> tuple[ItemAnswer, ...] | Away:
        """Deliver operations."""
        answer = self.guarded(lambda: self._inner.upload(batch))
        return Away(answer, self.next_probe_in()) if isinstance(answer, Refusal) else answer

    def operation_status(self, op_id: str) -> ItemAnswer | Refusal | None:
        """Ask what became of an operation."""
        return self.guarded(lambda: self._inner.operation_status(op_id))

    def enrol(self, enrolment: Enrolment) -> EnrolmentReceipt | Refusal:
        """Give the province the device's keys."""
        return self.guarded(lambda: self._inner.enrol(enrolment))

    def anchor(self, anchor: Anchor) -> Countersigned | Refusal:
        """Have the head of the audit chain countersigned."""
        return self.guarded(lambda: self._inner.anchor(anchor))

    def last_sequence(self, device: str) -> tuple[LastSequence, ...] | Refusal:
        """Ask for the highest device_seq of each incarnation."""
        return self.guarded(lambda: self._inner.last_sequence(device))

    def own_operations(self, device: str, after: int) -> tuple[OwnOperation, ...] | Refusal:
        """Ask for what the province has of a device."""
        return self.guarded(lambda: self._inner.own_operations(device, after))

    def release_key(self, device: str, escrow: str, public_key: str) -> str | Refusal:
        """Have a journal's key opened."""
        return self.guarded(lambda: self._inner.release_key(device, escrow, public_key))

    def check_audit(self, page: AuditPage) -> AuditFinding | Refusal:
        """Have some rows of the audit chain checked."""
        return self.guarded(lambda: self._inner.check_audit(page))

    def changes(self, after: int, limit: int) -> ChangePage | Refusal:
        """Ask for changes after a number of the province's sequence."""
        return self.guarded(lambda: self._inner.changes(after, limit))

    def sealing_key(self) -> SealingKey | Refusal:
        """Ask for the key that files for the province are sealed with."""
        return self.guarded(lambda: self._inner.sealing_key())

    def _ask_time(self) -> datetime | Refusal:
        asked = moment(self._clock)
        told = self._inner.clock()
        if isinstance(told, datetime):
            self._on_time(asked, told)
        return told

    def guarded(self, call: Callable[[], T]) -> T | Refusal:
        """Make a call of another family of the wire through the circuit: refused at once while it is open."""
        if not self.probe():
            return Refusal(AWAY)
        with self._lock:
            generation = self._generation
        answer = call()
        refusal = answer.refusal if isinstance(answer, Away) else answer
        if isinstance(refusal, Refusal) and refusal.code == AWAY:
            self._open(generation)
        return answer

    def _settle(self, answer: datetime | Refusal) -> None:
        with self._lock:
            self._generation += 1
            if isinstance(answer, Refusal):
                self._state = CircuitState.OPEN
                self._schedule(_retry_after(answer))
            else:
                self._state = CircuitState.CLOSED
                self._failures = 0
        self._publish()

    def _open(self, generation: int) -> None:
        with self._lock:
            # A slow call that began before the last change says nothing about now.
            if generation != self._generation or self._state is not CircuitState.CLOSED:
                return
            self._generation += 1
            self._state = CircuitState.OPEN
            self._schedule(0.0)
        self._publish()

    def _schedule(self, at_least: float) -> None:
        ceiling = min(CAP_S, BASE_S * 2.0**self._failures)
        # Bounded so that the power stays finite however long the province is away.
        self._failures = min(self._failures + 1, 16)
        self._probe_at = self._clock.monotonic() + max(at_least, self._jitter(0.0, ceiling))

    def _publish(self) -> None:
        with self._publishing:
            online = self.online
            if online is not self._published:
                self._published = online
                self._on_change(online)


def _retry_after(refusal: Refusal) -> float:
    try:
        return min(float(dict(refusal.facts).get("retry_after", "0")), CAP_S)
    except ValueError:
        return 0.0
