"""The door for what other departments have on file, and for 电子证照."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from app.domain.refusal import Refusal
from app.province.service_line import Whom


@dataclass(frozen=True)
class EntryKind:
    """One kind of entry of the province's catalogue."""

    kind: str
    title: str
    department: str


@dataclass(frozen=True)
class Entry:
    """One entry: labels and values as the department words them."""

    title: str
    fields: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True)
class Entries:
    """What a department has of somebody; None where it gives no data, which is not "none"."""

    kind: str
    department: str
    entries: tuple[Entry, ...] | None
    as_of: datetime


@dataclass(frozen=True)
class Licence:
    """One 电子证照; the id says nothing about the person."""

    licence_id: str
    kind: str
    title: str
    issuer: str
    issued: date


@dataclass(frozen=True)
class LicenceDocument:
    """A licence as a document whose digest was checked."""

    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class LicenceCheck:
    """What a scanned code shows (扫码亮证): a licence with its holder's masked name, or the reason why none."""

    licence: Licence | None
    holder: str | None
    reason: str | None
    at: datetime


class Departments(Protocol):
    """Refusals: those of the province, CARD-UNKNOWN, HOLDER-UNKNOWN, ENTRY-KIND-UNKNOWN, LICENCE-UNKNOWN."""

    def kinds(self) -> tuple[EntryKind, ...] | Refusal:
        """Ask for the catalogue."""
        ...

    def entries(self, whom: Whom, kind: str, purpose: str) -> Entries | Refusal:
        """Ask for somebody's entries of one kind."""
        ...

    def licences(self, whom: Whom, purpose: str) -> tuple[Licence, ...] | Refusal:
        """Ask which licences somebody has."""
        ...

    def document(self, licence_id: str, purpose: str) -> LicenceDocument | Refusal:
        """Fetch a licence."""
        ...

    def check_code(self, code: str, purpose: str) -> LicenceCheck | Refusal:
        """Ask what a scanned code shows; the code is kept nowhere."""
        ...
