"""Saga definitions: `resources/catalogue/sagas/*.toml`, one version a file, typed and checked when loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import resources
from app.catalogue.services import OfflineClass
from app.catalogue.tables import TableError, read_table, rows, string
from app.domain.refusal import Refusal


class StepKind(StrEnum):
    """What a step means for the way back."""

    REVERSIBLE = "reversible"
    """May be refused; once done its compensation takes it back, where it has one."""
    PIVOT = "pivot"
    """May be refused; once done there is no way back."""
    AFTER_PIVOT = "after-pivot"
    """Has to be done in the end: what went before cannot be taken back."""


class WhenNobodyCanTell(StrEnum):
    """What becomes of a step of which no probe can tell whether it was done."""

    TWO_PERSONS = "two_persons"
    LEAVE = "leave"
    """The saga ends as left: nothing hangs on the step."""


class StepKey(StrEnum):
    """What makes a step idempotent in its world."""

    OWN = "own"
    """An id made for the step."""
    SAGA = "saga"
    """The saga's own id, which is the op_id of the operation that it carries out."""


@dataclass(frozen=True)
class Patience:
    """How long the world is tried."""

    cannot_tell: WhenNobodyCanTell
    asks: int
    """Probes without an answer, then it counts as: nobody can tell."""
    attempts: int
    """How often a step that surely never happened is done anew by itself."""


@dataclass(frozen=True)
class Compensation:
    """What takes a step back: an operation of its own, with a key of its own."""

    name: str
    world: str
    patience: Patience


@dataclass(frozen=True)
class StepDefinition:
    """One step in the world."""

    name: str
    kind: StepKind
    world: str
    key: StepKey
    second_person: bool
    compensation: Compensation | None
    offline: OfflineClass
    """`never`: not begun while the province is away."""
    patience: Patience


@dataclass(frozen=True)
class SagaDefinition:
    """One version of a saga; a saga under way keeps the version it began with."""

    name: str
    version: int
    audit: str
    """The audit event of its end; empty where its command's own row is enough."""
    unattended: bool
    """Whether steps may be begun with no clerk waiting, as after a restart."""
    longest_s: int
    """How long it takes at the most with the province there; it is not begun so shortly before an announced stop."""
    steps: tuple[StepDefinition, ...]

    @property
    def acts(self) -> tuple[str, ...]:
        """Return the name of everything that code has to supply."""
        undone = (step.compensation.name for step in self.steps if step.compensation is not None)
        return (*(step.name for step in self.steps), *undone)


@dataclass(frozen=True)
class Sagas:
    """Every version of every saga."""

    entries: Mapping[tuple[str, int], SagaDefinition]

    @classmethod
    def of(cls, definitions: Sequence[SagaDefinition]) -> Sagas:
        """Collect definitions; raises TableError for a version given twice."""
        entries = {(definition.name, definition.version): definition for definition in definitions}
        if len(entries) != len(definitions):
            raise TableError("sagas: a version is given twice")
        return cls(entries)

    @property
    def names(self) -> frozenset[str]:
        """Return every name that has a file."""
        return frozenset(name for name, _version in self.entries)

    def current(self, name: str) -> SagaDefinition:
        """Return the newest version; raises KeyError for a name that no file has."""
        versions = [definition for definition in self.entries.values() if definition.name == name]
        if not versions:
            raise KeyError(name)
        return max(versions, key=lambda definition: definition.version)

    def version(self, name: str, version: int) -> SagaDefinition | None:
        """Return one version, or None where it is not shipped any more."""
        return self.entries.get((name, version))

    def missing(self, needed: Sequence[tuple[str, int]]) -> Refusal | None:
        """Refuse SAGA-DEFINITION-MISSING for a name and version that something still runs by, and is not carried."""
        lacking = [wanted for wanted in needed if wanted not in self.entries]
        if not lacking:
            return None
        name, version = lacking[0]
        return Refusal.of("SAGA-DEFINITION-MISSING", name=name, version=version)


def load() -> Sagas:
    """Load and check every file; raises TableError naming file and step."""
    files = sorted(file.name for file in resources.path("catalogue", "sagas").glob("*.toml"))
    return Sagas.of([definition(read_table("catalogue", "sagas", file), file) for file in files])


def definition(content: Mapping[str, object], where: str) -> SagaDefinition:
    """Read one definition; raises TableError."""
    undoing = {
        string(row.get("name"), where): Compensation(
            string(row.get("name"), where), string(row.get("world"), where), _patience(row, where)
        )
        for row in (rows(content["compensations"], where) if "compensations" in content else ())
    }
    made = SagaDefinition(
        name=string(content.get("name"), where),
        version=_count(content, "version", where),
        audit=string(content.get("audit"), where),
        unattended=_flag(content, "unattended", where),
        longest_s=_count(content, "longest_s", where),
        steps=tuple(_step(row, undoing, where) for row in rows(content.get("steps"), where)),
    )
    for wrong in _wrong(made, undoing):
        raise TableError(f"{where}: {wrong}")
    return made


def _step(row: Mapping[str, object], undoing: Mapping[str, Compensation], where: str) -> StepDefinition:
    name = string(row.get("name"), where)
    where = f"{where}: {name}"
    undo = string(row["compensation"], where) if "compensation" in row else None
    if undo is not None and undo not in undoing:
        raise TableError(f"{where}: no compensation is called {undo}")
    try:
        return StepDefinition(
            name=name,
            kind=StepKind(string(row.get("kind"), where)),
            world=string(row.get("world"), where),
            key=StepKey(string(row.get("key"), where)),
            second_person=_flag(row, "second_person", where),
            compensation=undoing[undo] if undo is not None else None,
            offline=OfflineClass(string(row.get("offline"), where)),
            patience=_patience(row, where),
        )
    except ValueError as wrong:
        raise TableError(f"{where}: {wrong}") from wrong


def _wrong(made: SagaDefinition, undoing: Mapping[str, Compensation]) -> Iterator[str]:
    if not made.steps:
        yield "there are no steps"
    if len(set(made.acts)) != len(made.acts):
        yield "a name is given twice"
    if set(undoing) - set(made.acts):
        yield "a compensation belongs to no step"
    order = list(StepKind)
    places = [order.index(step.kind) for step in made.steps]
    if places != sorted(places) or places.count(order.index(StepKind.PIVOT)) > 1:
        yield "reversible steps come first, then one pivot, then the others"
    if StepKind.AFTER_PIVOT in (step.kind for step in made.steps) and StepKind.PIVOT not in (
        step.kind for step in made.steps
    ):
        yield "nothing is after a pivot that is not there"
    for step in made.steps:
        if step.compensation is not None and step.kind is not StepKind.REVERSIBLE:
            yield f"{step.name} cannot be taken back"


def _patience(row: Mapping[str, object], where: str) -> Patience:
    try:
        policy = WhenNobodyCanTell(string(row.get("cannot_tell"), where))
    except ValueError as wrong:
        raise TableError(f"{where}: {wrong}") from wrong
    return Patience(policy, _count(row, "asks", where), _count(row, "attempts", where))


def _count(row: Mapping[str, object], key: str, where: str) -> int:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise TableError(f"{where}: {key} is not a count from 1")
    return value


def _flag(row: Mapping[str, object], key: str, where: str) -> bool:
    value = row.get(key)
    if not isinstance(value, bool):
        raise TableError(f"{where}: {key} is neither true nor false")
    return value
