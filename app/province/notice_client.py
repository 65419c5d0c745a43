"""Notices and code tables over the province's line."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from urllib.parse import quote

from app.domain.refusal import Refusal
from app.province.http_line import HttpLine
from app.province.json_fields import Fields, IllTyped
from app.province.notice_port import CodeTable, Notice, NoticePage
from app.province.service_line import fetch

_SM3_BYTES = 32
NAMED = frozenset({"CODE-TABLE-UNKNOWN"})


class HttpNotices:
    """Implements `notice_port.Notices`."""

    def __init__(self, line: HttpLine) -> None:
        self._line = line

    def notices(self, after: int) -> NoticePage | Refusal:
        """Ask for notices after a number."""
        return fetch(self._line, f"/v1/notices?after={after:d}", lambda reply: read_notices(reply, after))

    def code_tables(self) -> Mapping[str, str] | Refusal:
        """Ask which code tables there are."""
        return fetch(self._line, "/v1/code-tables", read_code_tables)

    def code_table(self, name: str) -> CodeTable | Refusal:
        """Fetch one code table."""
        return fetch(
            self._line, f"/v1/code-tables/{quote(name, safe='')}", lambda reply: read_code_table(reply, name), NAMED
        )


def read_notices(reply: Fields, after: int) -> NoticePage:
    """Read a page; numbers that do not rise from `after` on are nonsense."""
    notices = tuple(
        Notice(
            row.count("seq"),
            row.text("kind"),
            row.text("title"),
            row.text("text"),
            row.moment("starts"),
            row.optional_moment("ends"),
        )
        for row in reply.objects("notices")
    )
    numbers, last = [after, *(notice.seq for notice in notices)], reply.count("last")
    if any(later <= number for number, later in pairwise(numbers)) or last != numbers[-1]:
        raise IllTyped("seq")
    return NoticePage(notices, last)


def read_code_tables(reply: Fields) -> Mapping[str, str]:
    """Read {"tables"}: digests by name."""
    return {row.filled_text("name"): row.hexes("sm3", _SM3_BYTES) for row in reply.objects("tables")}


def read_code_table(reply: Fields, name: str) -> CodeTable:
    """Read one code table; another one, or a code given twice, is nonsense."""
    if reply.filled_text("name") != name:
        raise IllTyped("name")
    rows = reply.objects("codes")
    codes = {row.text("code"): row.filled_text("meaning") for row in rows}
    if len(codes) != len(rows):
        raise IllTyped("code")
    return CodeTable(name, reply.hexes("sm3", _SM3_BYTES), codes)
