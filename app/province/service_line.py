"""One question over the province's line and its answer; refusals that a family names pass as they are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from app.domain.refusal import Refusal
from app.province.call_kinds import CallKind
from app.province.http_line import HttpLine, NoReply
from app.province.json_fields import Fields
from app.province.wire import parsed

T = TypeVar("T")
_REFUSED = "PROVINCE-REFUSED"
_WHOM = ("CARD-UNKNOWN", "HOLDER-UNKNOWN", "SERIAL-USED")


@dataclass(frozen=True)
class Whom:
    """A person by exactly one of card (AAZ501) and number (AAC002); travels in bodies only."""

    card_id: str | None = field(default=None, repr=False)
    citizen_number: str | None = field(default=None, repr=False)

    def body(self) -> Mapping[str, object]:
        """Return it as the wire carries it."""
        return {"card_id": self.card_id, "citizen_number": self.citizen_number}


def fetch(
    line: HttpLine,
    path: str,
    read: Callable[[Fields], T],
    named: Collection[str] = (),
    kind: CallKind = CallKind.QUESTION,
) -> T | Refusal:
    """GET what belongs to nobody; `path` never holds anything personal."""
    return _ask(line, "GET", path, None, read, named, kind)


def tell(
    line: HttpLine,
    path: str,
    body: Mapping[str, object],
    read: Callable[[Fields], T],
    named: Collection[str] = (),
    kind: CallKind = CallKind.QUESTION,
) -> T | Refusal:
    """POST a body and read the reply; `named` are the family's own refusals beside those of every family."""
    return _ask(line, "POST", path, body, read, named, kind)


def _ask(
    line: HttpLine,
    method: str,
    path: str,
    body: Mapping[str, object] | None,
    read: Callable[[Fields], T],
    named: Collection[str],
    kind: CallKind,
) -> T | Refusal:
    reply = line.ask(method, path, body, kind)
    if not isinstance(reply, NoReply):
        return parsed(reply.body, read)
    code = dict(reply.refusal.facts).get("reason", "")
    own = reply.refusal.code == _REFUSED and (code in named or code in _WHOM)
    return Refusal(code) if own else reply.refusal
