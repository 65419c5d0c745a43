"""How a desk's refusal becomes an error reply: what is not on file is 404, all else is 409."""

from __future__ import annotations

from typing import TypeVar

from fastapi import HTTPException

from app.domain.refusal import Refusal
from app.training.wire_models import Problem

T = TypeVar("T")
Responses = dict[int | str, dict[str, object]]

_CONFLICT: Responses = {409: {"model": Problem, "description": "not as things are; the code says why"}}
_ABSENT: Responses = {404: {"model": Problem, "description": "not on file"}}


def with_conflicts(refusals: Responses) -> Responses:
    """Return what an address may answer that looks up and changes."""
    return {**refusals, **_ABSENT, **_CONFLICT}


def with_absence(refusals: Responses) -> Responses:
    """Return what an address may answer that only looks up; one that names something with a slash in it is none."""
    return {**refusals, **_ABSENT}


def answered(found: T | Refusal) -> T:
    """Return what was found; raises what FastAPI turns into an error reply."""
    if isinstance(found, Refusal):
        raise HTTPException(404 if found.code.endswith("-UNKNOWN") else 409, found.code)
    return found
