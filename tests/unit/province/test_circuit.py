"""The circuit: refuses at once while the province is away, probes, closes, and says so in order."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from app.domain.anchor import (
    Anchor,
    AuditFinding,
    AuditPage,
    Countersigned,
    Enrolment,
    EnrolmentReceipt,
    LastSequence,
)
from app.domain.operation import Outcome
from app.domain.refusal import Refusal
from app.province.circuit import CAP_S, Circuit, CircuitState
from app.province.port import (
    Away,
    CardCheck,
    CardCheckRequest,
    HsmAnswer,
    HsmRequest,
    ItemAnswer,
    OwnOperation,
    ProfileQuery,
    UploadBatch,
)

AWAY = Refusal("PROVINCE-AWAY")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
BATCH = UploadBatch("d", "i", [])
CHECK = CardCheckRequest("c", None, True, "d")


@dataclass
class HandClock:
    seconds: float = 100.0

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return self.seconds

    def boot_id(self) -> str:
        return "boot"


@dataclass
class Line:
    """A province whose answer is set by hand; counts what reaches it."""

    answer: Refusal | None = None
    asked: int = 0
    entered: threading.Event = field(default_factory=threading.Event)
    release: threading.Event | None = None

    def _take(self) -> Refusal | None:
        self.asked += 1
        self.entered.set()
        if self.release is not None:
            assert self.release.wait(5)
        return self.answer

    def clock(self) -> datetime | Refusal:
        return self._take() or NOW

    def hsm_step(self, request: HsmRequest) -> HsmAnswer | Refusal:
        return self._take() or HsmAnswer("", "")

    def check_card(self, request: CardCheckRequest) -> CardCheck | Refusal:
        return self._take() or Refusal("CARD-UNKNOWN")

    def profile(self, query: ProfileQuery) -> Refusal:
        return self._take() or Refusal("HOLDER-UNKNOWN")

    def upload(self, batch: UploadBatch) -> tuple[ItemAnswer, ...] | Away:
        refusal = self._take()
        return Away(refusal) if refusal else (ItemAnswer("op", Outcome.APPLIED),)

    def operation_status(self, op_id: str) -> ItemAnswer | Refusal | None:
        return self._take()

    def enrol(self, enrolment: Enrolment) -> EnrolmentReceipt | Refusal:
        return self._take() or EnrolmentReceipt("d", "i", "", "", "", "")

    def anchor(self, anchor: Anchor) -> Countersigned | Refusal:
        return self._take() or Countersigned("d", "i", 1, 1, "", "")

    def last_sequence(self, device: str) -> tuple[LastSequence, ...] | Refusal:
        return self._take() or ()

    def own_operations(self, device: str, after: int) -> tuple[OwnOperation, ...] | Refusal:
        return self._take() or ()

    def release_key(self, device: str, escrow: str, public_key: str) -> str | Refusal:
        return self._take() or "00"

    def check_audit(self, page: AuditPage) -> AuditFinding | Refusal:
        return self._take() or AuditFinding(None, None, 0)


@dataclass
class Bench:
    """A circuit with everything around it."""

    line: Line = field(default_factory=Line)
    clock: HandClock = field(default_factory=HandClock)
    seen: list[bool] = field(default_factory=list)
    ceilings: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.circuit = Circuit(self.line, self.clock, self.seen.append, self._jitter)

    def _jitter(self, low: float, high: float) -> float:
        assert low == 0.0
        self.ceilings.append(high)
        return high


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_the_first_call_finds_out_and_goes_through(bench: Bench) -> None:
    assert bench.circuit.state is CircuitState.OPEN
    assert bench.circuit.next_probe_in() == 0.0
    assert bench.circuit.check_card(CHECK) == Refusal("CARD-UNKNOWN")
    assert bench.line.asked == 2
    assert bench.circuit.online
    assert bench.circuit.next_probe_in() is None
    assert bench.seen == [True]


def audit_questions(bench: Bench) -> list[object]:
    """Ask everything that concerns the audit chain."""
    return [
        bench.circuit.enrol(Enrolment("d", "i", 1, "", "")),
        bench.circuit.anchor(Anchor("d", "i", 1, "", "", "")),
        bench.circuit.last_sequence("d"),
        bench.circuit.check_audit(AuditPage("d", "i", 0, ())),
    ]


def test_an_absent_province_is_published_once(bench: Bench) -> None:
    bench.line.answer = AWAY
    for _ in range(3):
        assert bench.circuit.check_card(CHECK) == AWAY
        bench.clock.seconds += 100
    assert bench.seen == [False]
    assert bench.line.asked == 3


def test_while_open_nothing_reaches_the_line(bench: Bench) -> None:
    bench.circuit.probe()
    bench.line.answer = AWAY
    assert bench.circuit.profile(ProfileQuery("t")) == AWAY
    assert bench.circuit.state is CircuitState.OPEN
    asked = bench.line.asked
    assert bench.circuit.clock() == AWAY
    assert bench.circuit.hsm_step(HsmRequest("", "", "", "", "", "", "", "")) == AWAY
    assert bench.circuit.check_card(CHECK) == AWAY
    assert bench.circuit.profile(ProfileQuery("t")) == AWAY
    assert bench.circuit.operation_status("op") == AWAY
    assert bench.circuit.upload(BATCH) == Away(AWAY, 1.0)
    for answer in audit_questions(bench):
        assert answer == AWAY
    assert bench.line.asked == asked


def test_a_probe_that_succeeds_closes_it(bench: Bench) -> None:
    bench.line.answer = AWAY
    bench.circuit.probe()
    bench.line.answer = None
    assert not bench.circuit.probe()
    bench.clock.seconds += 1.0
    assert bench.circuit.probe()
    assert bench.circuit.upload(BATCH) == (ItemAnswer("op", Outcome.APPLIED),)
    assert bench.circuit.operation_status("op") is None
    assert isinstance(bench.circuit.clock(), datetime)
    assert isinstance(bench.circuit.hsm_step(HsmRequest("", "", "", "", "", "", "", "")), HsmAnswer)
    answers = [type(answer) for answer in audit_questions(bench)]
    assert answers == [EnrolmentReceipt, Countersigned, tuple, AuditFinding]
    assert bench.seen == [False, True]


def test_probe_times_grow_to_a_cap_and_start_again(bench: Bench) -> None:
    bench.line.answer = AWAY
    for _ in range(40):
        bench.circuit.probe()
        bench.clock.seconds += CAP_S
    assert bench.ceilings[:5] == [1.0, 2.0, 4.0, 8.0, CAP_S]
    assert set(bench.ceilings[4:]) == {CAP_S}
    bench.line.answer = None
    assert bench.circuit.probe()
    bench.line.answer = AWAY
    bench.circuit.clock()
    assert bench.ceilings[-1] == 1.0


def test_waking_makes_the_probe_due(bench: Bench) -> None:
    bench.line.answer = AWAY
    bench.circuit.probe()
    bench.line.answer = None
    bench.circuit.wake()
    assert bench.circuit.next_probe_in() == 0.0
    assert bench.circuit.probe()


@pytest.mark.parametrize("code", ["PROVINCE-BUSY", "PROVINCE-NONSENSE", "PROVINCE-REFUSED"])
def test_a_province_that_answers_anything_is_there(bench: Bench, code: str) -> None:
    bench.circuit.probe()
    bench.line.answer = Refusal(code)
    assert bench.circuit.check_card(CHECK) == Refusal(code)
    assert bench.circuit.upload(BATCH) == Away(Refusal(code))
    assert bench.circuit.online
    assert bench.seen == [True]


@pytest.mark.parametrize(("told", "wait"), [("9", 9.0), ("0.5", 1.0), ("9999", CAP_S), ("soon", 1.0)])
def test_a_busy_probe_waits_as_long_as_it_was_told(bench: Bench, told: str, wait: float) -> None:
    bench.line.answer = Refusal.of("PROVINCE-BUSY", retry_after=told)
    assert not bench.circuit.probe()
    assert bench.circuit.next_probe_in() == wait


def test_one_probe_at_a_time(bench: Bench) -> None:
    bench.line.release = threading.Event()
    prober = threading.Thread(target=bench.circuit.probe)
    prober.start()
    assert bench.line.entered.wait(5)
    assert bench.circuit.state is CircuitState.HALF_OPEN
    assert bench.circuit.check_card(CHECK) == AWAY
    bench.line.release.set()
    prober.join()
    assert bench.line.asked == 1
    assert bench.circuit.online


def test_a_probe_that_is_a_defect_does_not_leave_it_half_open(bench: Bench) -> None:
    class Defect(Exception):
        pass

    def broken() -> Refusal:
        raise Defect

    bench.line.clock = broken  # type: ignore[method-assign]
    with pytest.raises(Defect):
        bench.circuit.probe()
    assert bench.circuit.state is CircuitState.OPEN
    assert bench.seen == [False]


def test_a_slow_failure_from_before_says_nothing_about_now(bench: Bench) -> None:
    bench.circuit.probe()
    bench.line.release = threading.Event()
    bench.line.entered.clear()
    bench.line.answer = AWAY
    slow = threading.Thread(target=bench.circuit.check_card, args=(CHECK,))
    slow.start()
    assert bench.line.entered.wait(5)
    held, bench.line.release = bench.line.release, None
    bench.circuit.clock()
    bench.line.answer = None
    bench.clock.seconds += 1.0
    assert bench.circuit.probe()
    bench.line.answer = AWAY
    held.set()
    slow.join()
    assert bench.circuit.online
    assert bench.seen == [True, False, True]


def test_a_listener_may_ask_the_province_itself() -> None:
    line, asked = Line(), []
    circuit = Circuit(line, HandClock(), lambda online: asked.append((online, circuit.clock())))
    circuit.probe()
    assert asked == [(True, NOW)]
