"""Results for what people and the world do: a code with facts, never a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Refusal:
    """Why something was not done; the catalogue has the code's sentence and remedy."""

    code: str
    facts: tuple[tuple[str, str], ...] = field(default=())

    @classmethod
    def of(cls, code: str, **facts: object) -> Refusal:
        """Build a refusal whose facts fill the placeholders of its sentence."""
        return cls(code, tuple((name, str(value)) for name, value in facts.items()))
