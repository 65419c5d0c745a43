"""The door for what the province tells every window: notices and code tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.domain.refusal import Refusal


@dataclass(frozen=True)
class Notice:
    """One notice of the province's own sequence; `ends` is None for one without an end."""

    seq: int
    kind: str
    title: str
    text: str
    starts: datetime
    ends: datetime | None


@dataclass(frozen=True)
class NoticePage:
    """Notices in their order; `last` is the next cursor."""

    notices: tuple[Notice, ...]
    last: int


@dataclass(frozen=True)
class CodeTable:
    """One code list of the province and the digest by which a change is seen."""

    name: str
    sm3: str
    codes: Mapping[str, str]


class Notices(Protocol):
    """Refusals: those of the province, CODE-TABLE-UNKNOWN."""

    def notices(self, after: int) -> NoticePage | Refusal:
        """Ask for notices after a number."""
        ...

    def code_tables(self) -> Mapping[str, str] | Refusal:
        """Ask which code tables there are, and their digests."""
        ...

    def code_table(self, name: str) -> CodeTable | Refusal:
        """Fetch one code table."""
        ...
