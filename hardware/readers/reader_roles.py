"""What each reader of a machine is for, told by its name: PC/SC tells no more of a reader than that.

Boxes with several slots show each slot as a reader of its own, such as `ACME DualReader SAM 0`; other programs bring
readers that never hold a card of ours. Which words makers use is a table of the configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

_WILD = frozenset("*?[")


class ReaderRole(StrEnum):
    """What stands in a reader's slot."""

    CONTACT = "contact"
    CONTACTLESS = "contactless"
    SAM = "sam"
    """A PSAM, which stays in."""
    IGNORED = "ignored"


@dataclass(frozen=True)
class RolePattern:
    """A shell pattern of reader names, upper and lower case alike, and what such readers are for."""

    pattern: str
    role: ReaderRole


def role_of(reader: str, patterns: Sequence[RolePattern]) -> ReaderRole:
    """Return the role of the first pattern that fits; CONTACT where none does."""
    name = reader.casefold()
    fitting = (row.role for row in patterns if fnmatchcase(name, row.pattern.casefold()))
    return next(fitting, ReaderRole.CONTACT)


def is_wanted(reader: str, wanted: str) -> bool:
    """Tell whether a reader is one of those asked for: a shell pattern, or words of its name; empty asks for any."""
    if _WILD.isdisjoint(wanted):
        return wanted in reader
    return fnmatchcase(reader.casefold(), wanted.casefold())


def beside(reader: str, others: Iterable[str]) -> str | None:
    """Return the reader of the same box: the one whose name begins like this one's for longest; None of none."""
    return max(others, key=lambda other: _alike(reader, other), default=None)


def _alike(one: str, other: str) -> int:
    """Return how many characters two names begin with alike."""
    return next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))
