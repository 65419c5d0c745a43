"""Every place where a saga can die, read off its definition: nothing is listed by hand but what the outbox adds."""

from __future__ import annotations

from app.catalogue.sagas import SagaDefinition, StepDefinition
from app.journal.fault_point import DELIVERY_POINTS, SAGA_POINTS

_COMMITS = ("before_commit", "after_commit")
_TOUCHES = tuple(point for point in SAGA_POINTS if point.endswith("_touch"))
_UPLOAD = tuple(point for point in DELIVERY_POINTS if point not in _COMMITS)


def fault_points(command: str, definition: SagaDefinition, taken_back: bool) -> tuple[str, ...]:
    """Return the points on the way forward; `taken_back`: and then on the way back from the last step."""
    points = [f"{commit}@{label}" for label in (command, "saga") for commit in _COMMITS]
    for step in definition.steps:
        points += _of_act(step.name)
        if step.world == "province":
            points += _of_delivery(step)
    if taken_back:
        undone = [step.compensation.name for step in reversed(definition.steps) if step.compensation is not None]
        points += [point for name in undone for point in _of_act(name)]
    return tuple(points)


def _of_act(name: str) -> list[str]:
    return [*(f"{touch}@{name}" for touch in _TOUCHES), *(f"{commit}@{name}" for commit in _COMMITS)]


def _of_delivery(step: StepDefinition) -> list[str]:
    """The outbox brings it: the row, the lease, the upload, the answer, and the question what became of it."""
    commits = [f"{commit}@{label}" for label in ("deliver", "lease", "settle") for commit in _COMMITS]
    asked = [f"after_probe@{step.name}", *(f"{commit}@{step.name}:2" for commit in _COMMITS)]
    return [*commits, *_UPLOAD, *asked]
