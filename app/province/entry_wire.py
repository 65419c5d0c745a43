"""Replies of the reference wire /v1 about entries and 电子证照, as typed values."""

from __future__ import annotations

import base64
import binascii

from app.domain.digest import sm3_hex
from app.province.entry_port import Entries, Entry, EntryKind, Licence, LicenceCheck, LicenceDocument
from app.province.json_fields import Fields, IllTyped

_SM3_BYTES = 32


def read_kinds(reply: Fields) -> tuple[EntryKind, ...]:
    """Read {"kinds"}."""
    return tuple(
        EntryKind(row.filled_text("kind"), row.text("title"), row.text("department")) for row in reply.objects("kinds")
    )


def read_entries(reply: Fields, kind: str) -> Entries:
    """Read entries; those of another kind than was asked for are nonsense."""
    if reply.filled_text("kind") != kind:
        raise IllTyped("kind")
    found = tuple(_entry(row) for row in reply.objects("entries"))
    available = reply.flag("available")
    return Entries(kind, reply.text("department"), found if available else None, reply.moment("as_of"))


def read_licences(reply: Fields) -> tuple[Licence, ...]:
    """Read {"licences"}."""
    return tuple(_licence(row) for row in reply.objects("licences"))


def read_document(reply: Fields, licence_id: str) -> LicenceDocument:
    """Read a document; another licence's, or one whose digest differs, is nonsense."""
    if reply.filled_text("licence_id") != licence_id:
        raise IllTyped("licence_id")
    try:
        content = base64.b64decode(reply.text("content"), validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise IllTyped("content") from wrong
    if sm3_hex(content) != reply.hexes("sm3", _SM3_BYTES):
        raise IllTyped("sm3")
    return LicenceDocument(reply.filled_text("media_type"), content)


def read_licence_check(reply: Fields) -> LicenceCheck:
    """Read what a code shows; valid without a licence, or not without a reason, is nonsense."""
    row, reason = reply.values.get("licence"), reply.optional_text("reason")
    if reply.flag("valid") != isinstance(row, dict) or reply.flag("valid") == bool(reason):
        raise IllTyped("valid")
    licence = None if row is None else _licence(Fields.of(row))
    return LicenceCheck(licence, reply.optional_text("holder"), reason, reply.moment("at"))


def _entry(row: Fields) -> Entry:
    return Entry(row.text("title"), tuple((cell.text("label"), cell.text("value")) for cell in row.objects("fields")))


def _licence(row: Fields) -> Licence:
    issued = row.optional_day("issued")
    if issued is None:
        raise IllTyped("issued")
    return Licence(row.filled_text("licence_id"), row.text("kind"), row.text("title"), row.text("issuer"), issued)
