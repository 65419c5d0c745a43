"""A saga definition drawn as a Mermaid flow chart, from its table alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.catalogue.sagas import Compensation, SagaDefinition, StepDefinition, StepKind, WhenNobodyCanTell
from app.catalogue.services import OfflineClass

_END = {WhenNobodyCanTell.TWO_PERSONS: "two_persons", WhenNobodyCanTell.LEAVE: "left"}
_SHAPES: Mapping[StepKind, tuple[str, str]] = {
    StepKind.REVERSIBLE: ("[", "]"),
    StepKind.PIVOT: ("{{", "}}"),
    StepKind.AFTER_PIVOT: ("[[", "]]"),
}


def mermaid(definition: SagaDefinition) -> str:
    """Return the flow chart: steps downwards, what takes them back dotted, and where two persons are asked."""
    return "\n".join(["flowchart TD", *(f"    {line}" for line in _lines(definition)), ""])


def _lines(definition: SagaDefinition) -> Iterator[str]:
    yield f"begin([{definition.name} {definition.version}]) --> {definition.steps[0].name}"
    for n, step in enumerate(definition.steps):
        yield from _forward(step, _after(definition, n), _way_back(definition, n))
    for n, step in enumerate(definition.steps):
        if step.compensation is not None:
            yield from _backward(step.compensation, _way_back(definition, n))
    yield "done([done])"
    if any(step.kind is not StepKind.AFTER_PIVOT for step in definition.steps):
        yield "undone([undone])"
    for end in sorted({_END[step.patience.cannot_tell] for step in definition.steps}):
        yield f"{end}([{end}])"


def _forward(step: StepDefinition, after: str, back: str) -> Iterator[str]:
    opening, closing = _SHAPES[step.kind]
    words = [step.name, f"{step.world}, {step.kind}"]
    if step.offline is OfflineClass.NEVER:
        words.append("never offline")
    if step.second_person:
        words.append("second person")
    yield f'{step.name}{opening}"{"<br/>".join(words)}"{closing}'
    yield f"{step.name} -->|done| {after}"
    if step.kind is StepKind.AFTER_PIVOT:
        yield f"{step.name} -->|refused| two_persons"
    else:
        yield f"{step.name} -.->|refused| {back}"
    yield f"{step.name} -->|nobody can tell| {_END[step.patience.cannot_tell]}"


def _backward(undo: Compensation, back: str) -> Iterator[str]:
    yield f'{undo.name}("{undo.name}<br/>{undo.world}")'
    yield f"{undo.name} -.->|done| {back}"
    yield f"{undo.name} -->|refused, or nobody can tell| two_persons"


def _after(definition: SagaDefinition, n: int) -> str:
    return definition.steps[n + 1].name if n + 1 < len(definition.steps) else "done"


def _way_back(definition: SagaDefinition, n: int) -> str:
    """Return what comes next when step n is not, or no longer, done."""
    earlier = (step.compensation for step in reversed(definition.steps[:n]))
    return next((undo.name for undo in earlier if undo is not None), "undone")
