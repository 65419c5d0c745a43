"""Requests made of what was drawn before and of what the province has answered: cheap, and deep in its states."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

from schemathesis.generation.case import Case

_KEPT_A_FIELD = 200
_LONGEST = 2000
_KNOWN, _STRANGE, _LEFT_OUT = 0.6, 0.03, 0.02
"""How often a value is one that the field had before, is another field's, or is left out."""


class Recombined:
    """Remembers values by the names of their fields, and puts them into other requests of the same operation."""

    def __init__(self, seed: int, cases: Sequence[Case]) -> None:
        self._draw = random.Random(seed)
        self._cases = tuple(cases)
        self._values: defaultdict[str, list[object]] = defaultdict(list)
        for case in cases:
            self.learn(case.body)
            self.learn(case.path_parameters)

    def learn(self, value: object, name: str = "") -> None:
        """Remember every value of a body or a reply; of many of one field any few."""
        if isinstance(value, dict):
            for field, found in value.items():
                self.learn(found, field)
        elif isinstance(value, list):
            for found in value[:5]:
                self.learn(found, name)
        elif name and len(str(value)) < _LONGEST:
            kept = self._values[name]
            if len(kept) < _KEPT_A_FIELD:
                kept.append(value)
            else:
                kept[self._draw.randrange(_KEPT_A_FIELD)] = value

    def case(self) -> Case:
        """Make a request of a drawn one."""
        drawn = self._draw.choice(self._cases)
        body = self._changed(drawn.body, "") if isinstance(drawn.body, dict | list) else drawn.body
        named = {
            name: text if (text := str(self._value(found, name))) and text not in (".", "..") else found
            for name, found in dict(drawn.path_parameters or {}).items()
        }
        return drawn.operation.Case(
            method=drawn.method, path_parameters=named, query=drawn.query, body=body, media_type=drawn.media_type
        )

    def _changed(self, value: object, name: str) -> object:
        if isinstance(value, dict):
            return {
                field: self._changed(found, field) for field, found in value.items() if self._draw.random() >= _LEFT_OUT
            }
        if isinstance(value, list):
            return [self._changed(found, name) for found in value[:5]]
        return self._value(value, name)

    def _value(self, value: object, name: str) -> object:
        chance = self._draw.random()
        if chance < _STRANGE:
            return self._draw.choice(self._values[self._draw.choice(tuple(self._values))])
        return self._draw.choice(self._values[name]) if chance < _KNOWN and self._values.get(name) else value
