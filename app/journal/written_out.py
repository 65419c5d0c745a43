"""Statements put together once from the tables' own description: for what every visit asks and every save writes.

SQLAlchemy takes longer to find a statement in its own cache, and to describe what came back, than SQLite takes to run
it: these go to the driver as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, partial
from operator import itemgetter
from typing import Any, Protocol, cast

from sqlalchemy import ClauseElement, Connection, Select, bindparam, func, select
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.sql.compiler import SQLCompiler

Values = Mapping[str, object]
Row = tuple[Any, ...]


class _Driver(Protocol):
    def execute(self, sql: str, values: tuple[object, ...]) -> _Answer: ...
    def executemany(self, sql: str, values: Iterable[tuple[object, ...]]) -> object: ...


class _Answer(Protocol):
    def fetchall(self) -> list[Row]: ...


class WrittenOut:
    """One statement as SQL, written out when first run; values go in as they are stored: text, number, bytes, None."""

    def __init__(self, statement: ClauseElement, columns: Iterable[str] | None = None) -> None:
        """Take a statement; `columns` are what an insert or update without values of its own writes, else all."""
        self._statement = statement
        self._columns = None if columns is None else list(columns)

    def run(self, connection: Connection, values: Values) -> list[Row]:
        """Run it in the connection's transaction and return every row, its values as they are stored.

        Raises KeyError for a value that is not there, and the driver's errors as they are.
        """
        sql, order, own = self._text
        return _driver(connection).execute(sql, _in_order(order, own, values)).fetchall()

    def run_over(self, connection: Connection, rows: Iterable[Values]) -> None:
        """Run it once for each row of values, in the connection's transaction; raises as `run` does."""
        sql, order, own = self._text
        several = not own and len(order) > 1
        in_order = itemgetter(*order) if several else partial(_in_order, order, own)
        _driver(connection).executemany(sql, [in_order(values) for values in rows])

    def row(self, connection: Connection, values: Values) -> Row | None:
        """Run it and return the first row, None where there is none; raises as `run` does."""
        found = self.run(connection, values)
        return found[0] if found else None

    def scalar(self, connection: Connection, values: Values) -> Any:
        """Run it and return the first row's first value, None where there is none; raises as `run` does."""
        found = self.run(connection, values)
        return found[0][0] if found else None

    @cached_property
    def _text(self) -> tuple[str, tuple[str, ...], Values]:
        """Return the SQL, the names of its values in their order, and those that the statement brings itself."""
        compiled = self._statement.compile(dialect=SQLiteDialect(paramstyle="qmark"), column_keys=self._columns)
        assert isinstance(compiled, SQLCompiler)
        order = tuple(compiled.positiontup or ())
        binds = {name: compiled.binds[name] for name in order}
        own = {name: bind.value for name, bind in binds.items() if not bind.required and bind.value is not None}
        return str(compiled), order, own


def listed(name: str) -> Select[tuple[str]]:
    """Return what a JSON list under a name holds: one statement for lists of every length."""
    return select(func.json_each(bindparam(name)).table_valued("value").c.value)


def _driver(connection: Connection) -> _Driver:
    assert connection.in_transaction(), "the driver alone begins none"
    return cast(_Driver, connection.connection.driver_connection)


def _in_order(order: tuple[str, ...], own: Values, values: Values) -> tuple[object, ...]:
    return tuple(own[name] if name in own else values[name] for name in order)
