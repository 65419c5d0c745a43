"""Who acts: a signed-in member of staff at a window."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Actor:
    """One natural person of the hall, with what they may do."""

    staff_no: str
    name: str
    person_id: str
    """The natural person; two accounts of one person share it."""
    window: str
    permissions: frozenset[str] = field(default_factory=frozenset)
    titles: tuple[str, ...] = ()
    """What the roles are called: keys of texts."""
    roles: frozenset[str] = field(default_factory=frozenset)
