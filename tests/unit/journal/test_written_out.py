"""Statements written out once run as SQLAlchemy's own would, and miss no value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import Connection, bindparam, create_engine, insert, select

from app.journal.tables import COUNTER, METADATA
from app.journal.written_out import WrittenOut

ADD = WrittenOut(insert(COUNTER))
HIGHER = WrittenOut(select(COUNTER.c.name).where(COUNTER.c.value > bindparam("than"), COUNTER.c.name != "hidden"))


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    METADATA.create_all(engine, [COUNTER])
    with closing(engine.connect()) as made, made.begin():
        yield made
    engine.dispose()


def test_values_go_where_their_names_are_whatever_their_order(connection: Connection) -> None:
    ADD.run(connection, {"value": 7, "name": "seven"})
    ADD.run(connection, {"name": "three", "value": 3})
    assert connection.execute(select(COUNTER.c.name, COUNTER.c.value)).all() == [("seven", 7), ("three", 3)]


def test_a_value_of_the_statement_stays_beside_those_that_are_given(connection: Connection) -> None:
    for name, value in (("hidden", 9), ("seven", 7), ("three", 3)):
        ADD.run(connection, {"name": name, "value": value})
    assert HIGHER.run(connection, {"than": 5}) == [("seven",)]
    assert HIGHER.run(connection, {"than": 1}) == [("seven",), ("three",)]


def test_nothing_stands_in_for_a_value_that_is_missing(connection: Connection) -> None:
    with pytest.raises(KeyError, match="value"):
        ADD.run(connection, {"name": "seven"})
    assert connection.execute(select(COUNTER)).all() == []


def test_only_the_named_columns_are_written(connection: Connection) -> None:
    WrittenOut(insert(COUNTER), ("name", "value")).run(connection, {"name": "one", "value": 1, "other": 2})
    assert connection.execute(select(COUNTER.c.value)).scalar_one() == 1
