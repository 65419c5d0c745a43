"""What the province tells every window: notices by its own sequence, and its code tables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sqlalchemy import Engine, func, insert, select

from app.catalogue.tables import read_table, string, table
from app.domain.clock import Clock
from app.domain.digest import payload_sm3
from app.domain.operation import canonical_json
from app.domain.refusal import Refusal
from app.training.notice_models import (
    CodeReply,
    CodeTableName,
    CodeTableReply,
    CodeTablesReply,
    NoticeReply,
    NoticesReply,
)
from app.training.service_schema import NOTICES
from app.training.store import stamp

_PAGE = 100


class NoticeDesk:
    """Refusal: CODE-TABLE-UNKNOWN."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def notices(self, after: int) -> NoticesReply:
        """Return notices after a number."""
        query = select(NOTICES).where(NOTICES.c.seq > after).order_by(NOTICES.c.seq).limit(_PAGE)
        with self._engine.begin() as connection:
            found = connection.execute(query).mappings().all()
        last = found[-1]["seq"] if found else after
        return NoticesReply(notices=[NoticeReply.model_validate({**row}) for row in found], last=last)

    def announce(self, kind: str, title: str, text: str) -> int:
        """Add a notice from the training desk and return its number."""
        with self._engine.begin() as connection:
            seq = (connection.execute(select(func.max(NOTICES.c.seq))).scalar_one() or 0) + 1
            row = {"seq": seq, "kind": kind, "title": title, "text": text, "starts": stamp(self._clock.now())}
            connection.execute(insert(NOTICES).values(row))
        return int(seq)

    def tables(self) -> CodeTablesReply:
        """List the code tables."""
        return CodeTablesReply(
            tables=[CodeTableName(name=name, sm3=_digest(codes)) for name, codes in _code_tables().items()]
        )

    def table(self, name: str) -> CodeTableReply | Refusal:
        """Return one code table."""
        codes = _code_tables().get(name)
        if codes is None:
            return Refusal("CODE-TABLE-UNKNOWN")
        shown = [CodeReply(code=code, meaning=meaning) for code, meaning in codes.items()]
        return CodeTableReply(name=name, sm3=_digest(codes), codes=shown)


@cache
def _code_tables() -> Mapping[str, Mapping[str, str]]:
    lists = read_table("catalogue", "codes.toml")
    return {
        name: {code: string(meaning, name) for code, meaning in table(codes, name).items()}
        for name, codes in lists.items()
    }


def _digest(codes: Mapping[str, str]) -> str:
    return payload_sm3(canonical_json(codes))
