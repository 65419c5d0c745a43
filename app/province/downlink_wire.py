"""Replies of the reference wire /v1 about what the province tells unasked, as typed values."""

from __future__ import annotations

from itertools import pairwise

from app.domain.downlink import CardChange, CardState, ChangePage, SealingKey, Tombstone
from app.domain.province_stop import ProvinceStop, StopKind
from app.domain.refusal import Refusal
from app.province.code_map import CodeMaps
from app.province.json_fields import Fields, IllTyped
from app.province.wire import parsed

_PUBLIC_BYTES = 64


def parse_changes(body: bytes, maps: CodeMaps, after: int) -> ChangePage | Refusal:
    """Read {"changes","last","more","stops"}; numbers that do not rise from `after` on are nonsense."""

    def read(reply: Fields) -> ChangePage:
        changes = tuple(_change(row, maps) for row in reply.objects("changes"))
        numbers = [after, *(change.seq for change in changes), reply.count("last")]
        if any(later < number for number, later in pairwise(numbers)):
            raise IllTyped("seq")
        if len({change.seq for change in changes} - {after}) != len(changes):
            raise IllTyped("seq")
        stops = None
        if reply.values.get("stops") is not None:
            stops = tuple(_stop(row) for row in reply.objects("stops"))
        return ChangePage(changes, numbers[-1], reply.flag("more"), stops)

    return parsed(body, read)


def parse_sealing_key(body: bytes) -> SealingKey | Refusal:
    """Read {"public_key","at","signature"}."""
    return parsed(
        body,
        lambda reply: SealingKey(reply.hexes("public_key", _PUBLIC_BYTES), reply.text("at"), reply.hexes("signature")),
    )


def _stop(row: Fields) -> ProvinceStop:
    kind, starts, ends = row.filled_text("kind"), row.moment("starts"), row.moment("ends")
    if ends <= starts:
        raise IllTyped("ends")
    # A kind that a later version of the wire names is a stop all the same.
    return ProvinceStop(StopKind(kind) if kind in tuple(StopKind) else StopKind.MAINTENANCE, starts, ends)


def _change(row: Fields, maps: CodeMaps) -> CardChange:
    social, production = row.optional_text("social_code") or "", row.optional_text("production_code") or ""
    told = row.optional_text("tombstone")
    try:
        tombstone = None if told is None else Tombstone(told)
    except ValueError as unknown:
        raise IllTyped("tombstone") from unknown
    return CardChange(
        row.count("seq"),
        row.filled_text("card_id"),
        CardState(
            social=maps.social_state(social, production),
            person=maps.person.state(row.optional_text("person_code") or ""),
            version=row.count("version"),
            tombstone=tombstone,
            as_of=row.moment("at"),
        ),
    )
