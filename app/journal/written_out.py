"""Statements put together once from the tables' own description: for what every visit asks and every save writes.

SQLAlchemy takes longer to find a statement in its own cache than SQLite takes to run it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import ClauseElement, Connection, CursorResult
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.sql.compiler import SQLCompiler

Values = Mapping[str, object]


class WrittenOut:
    """One statement as SQL, written out when first run; values go in as they are stored: text, number, bytes, None."""

    def __init__(self, statement: ClauseElement, columns: Iterable[str] | None = None) -> None:
        """Take a statement; `columns` are what an insert or update without values of its own writes, else all."""
        self._statement = statement
        self._columns = None if columns is None else list(columns)

    def run(self, connection: Connection, values: Values) -> CursorResult[Any]:
        """Run it; raises KeyError for a value that is not there."""
        sql, order, own = self._text
        return connection.exec_driver_sql(sql, tuple(own[name] if name in own else values[name] for name in order))

    @cached_property
    def _text(self) -> tuple[str, tuple[str, ...], Values]:
        """Return the SQL, the names of its values in their order, and those that the statement brings itself."""
        compiled = self._statement.compile(dialect=SQLiteDialect(paramstyle="qmark"), column_keys=self._columns)
        assert isinstance(compiled, SQLCompiler)
        order = tuple(compiled.positiontup or ())
        binds = {name: compiled.binds[name] for name in order}
        own = {name: bind.value for name, bind in binds.items() if not bind.required and bind.value is not None}
        return str(compiled), order, own
