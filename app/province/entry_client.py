"""Entries of other departments and 电子证照 over the province's line."""

from __future__ import annotations

from app.domain.refusal import Refusal
from app.province.call_kinds import CallKind
from app.province.entry_port import Entries, EntryKind, Licence, LicenceCheck, LicenceDocument
from app.province.entry_wire import read_document, read_entries, read_kinds, read_licence_check, read_licences
from app.province.http_line import HttpLine
from app.province.service_line import Whom, fetch, tell

NAMED = frozenset({"ENTRY-KIND-UNKNOWN", "LICENCE-UNKNOWN"})


class HttpDepartments:
    """Implements `entry_port.Departments`."""

    def __init__(self, line: HttpLine) -> None:
        self._line = line

    def kinds(self) -> tuple[EntryKind, ...] | Refusal:
        """Ask for the catalogue."""
        return fetch(self._line, "/v1/entry-kinds", read_kinds)

    def entries(self, whom: Whom, kind: str, purpose: str) -> Entries | Refusal:
        """Ask for somebody's entries of one kind."""
        body = {"whom": whom.body(), "kind": kind, "purpose": purpose}
        return tell(self._line, "/v1/entries", body, lambda reply: read_entries(reply, kind), NAMED)

    def licences(self, whom: Whom, purpose: str) -> tuple[Licence, ...] | Refusal:
        """Ask which licences somebody has."""
        return tell(self._line, "/v1/licences/query", {"whom": whom.body(), "purpose": purpose}, read_licences)

    def document(self, licence_id: str, purpose: str) -> LicenceDocument | Refusal:
        """Fetch a licence."""
        body = {"licence_id": licence_id, "purpose": purpose}
        return tell(
            self._line,
            "/v1/licences/document",
            body,
            lambda reply: read_document(reply, licence_id),
            NAMED,
            CallKind.BATCH,
        )

    def check_code(self, code: str, purpose: str) -> LicenceCheck | Refusal:
        """Ask what a scanned code shows."""
        return tell(self._line, "/v1/licences/check", {"code": code, "purpose": purpose}, read_licence_check)
