"""A saga of four steps, and a world that does what it is told and counts what it did."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.catalogue.sagas import SagaDefinition, Sagas, definition
from app.domain.refusal import Refusal
from app.journal.journal import Journal
from app.journal.limits import OutboxLimits
from app.journal.saga_engine import SagaEngine
from app.journal.saga_values import (
    Answer,
    CannotTell,
    Happened,
    NeverHappened,
    NoAnswer,
    OnItsWay,
    Refused,
    SagaView,
    StepActs,
    StepCall,
)

LIMITS = OutboxLimits(100, 262_144, 120, 1, 300, 3600, 30, 30, 0, 6, 3, 200, 30, {}, 300)
NAMES = ("reserve", "open", "personalise", "activate", "unreserve", "close")


def row(name: str, kind: str, **changes: object) -> dict[str, object]:
    """Return a step as its table has it."""
    plain = {"name": name, "kind": kind, "world": "stock", "key": "own", "second_person": False, "offline": "free"}
    return {**plain, "cannot_tell": "two_persons", "asks": 2, "attempts": 2, **changes}


def content(*steps: dict[str, object], version: int = 1, **changes: object) -> dict[str, object]:
    """Return a definition as its file has it."""
    undo = {"world": "stock", "cannot_tell": "two_persons", "asks": 2, "attempts": 2}
    wanted = [str(step["compensation"]) for step in steps if "compensation" in step]
    return {
        "name": "issue",
        "version": version,
        "audit": "saga.issue",
        "unattended": True,
        "longest_s": 60,
        "steps": list(steps),
        "compensations": [{"name": name, **undo} for name in wanted],
        **changes,
    }


def issuing(version: int = 1, **changes: object) -> SagaDefinition:
    """Reserve a card and open an account, both of which can be taken back; personalise; activate."""
    steps = (
        row("reserve", "reversible", compensation="unreserve"),
        row("open", "reversible", compensation="close"),
        row("personalise", "pivot"),
        row("activate", "after-pivot"),
    )
    return definition(content(*steps, version=version, **changes), "test")


@dataclass
class World:
    """Does each step as it is told next, in order; what it did is counted by key, also twice."""

    told: list[str] = field(default_factory=list)
    """apply, refuse, never_comes, reply_lost, on_its_way, raise; when nothing is told, apply."""
    effects: dict[str, int] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    """What took effect, in order."""
    refused: set[str] = field(default_factory=set)
    away: bool = False
    murky: set[str] = field(default_factory=set)
    """Steps about which even the world cannot tell."""
    probes: list[str] = field(default_factory=list)
    probed: threading.Event = field(default_factory=threading.Event)
    calls: list[StepCall] = field(default_factory=list)

    def acts(self) -> Mapping[str, StepActs]:
        """Supply every name."""
        return {name: StepActs(self.do, self.probe) for name in NAMES}

    def do(self, call: StepCall) -> Answer:
        """Touch the world."""
        self.calls.append(call)
        how = self.told.pop(0) if self.told else "apply"
        if how in ("apply", "reply_lost", "on_its_way"):
            self.effects[call.idem_key] = self.effects.get(call.idem_key, 0) + 1
            self.steps.append(call.step)
        match how:
            case "apply":
                return Happened({"at": call.step})
            case "refuse":
                self.refused.add(call.idem_key)
                return Refused(Refusal.of("WORLD-REFUSES", step=call.step))
            case "on_its_way":
                return OnItsWay()
            case "raise":
                raise ZeroDivisionError
        return NoAnswer(Refusal("WORLD-AWAY"))

    def probe(self, call: StepCall) -> Answer:
        """Ask the world."""
        self.probes.append(call.step)
        self.probed.set()
        if self.away:
            return NoAnswer(Refusal("WORLD-AWAY"))
        if call.step in self.murky:
            return CannotTell(Refusal("WORLD-MURKY"))
        if self.effects.get(call.idem_key):
            return Happened({"probed": call.step})
        if call.idem_key in self.refused:
            return Refused(Refusal.of("WORLD-REFUSES", step=call.step))
        return NeverHappened()


@dataclass
class Stage:
    """A saga on a journal, carried by an engine over a world."""

    journal: Journal
    world: World = field(default_factory=World)
    definitions: Sagas = field(default_factory=lambda: Sagas.of([issuing()]))
    online: bool = True

    @property
    def engine(self) -> SagaEngine:
        """Return an engine that never waits longer than it has to."""
        acts, now = self.world.acts(), lambda low, _high: low
        return SagaEngine(self.journal, self.definitions, acts, lambda: self.online, LIMITS, jitter=now)

    def begin(self, saga_id: str = "saga-1", order_key: str | None = "person-1", **values: str) -> Refusal | None:
        """Begin one, and do nothing for it yet."""
        engine = self.engine
        return self.journal.run(lambda tx: engine.begin(tx, "issue", saga_id, "0317", values, order_key)).result()

    def run(self, saga_id: str = "saga-1") -> SagaView:
        """Begin one and carry it on as far as it goes."""
        assert self.begin(saga_id) is None
        return self.engine.advance(saga_id, attended=True)

    def view(self, saga_id: str = "saga-1") -> SagaView:
        """Return it with its attempts."""
        return self.journal.run(lambda tx: tx.sagas.view(saga_id)).result()

    def shown(self, saga_id: str = "saga-1") -> list[tuple[str, int, str]]:
        """Return its attempts in short."""
        return [(row.step, row.attempt, row.state.value) for row in self.view(saga_id).steps]
