"""Reading a whole answer in one step of the driver, by a statement that is made once.

The driver gives the interpreter up at every row, and on a busy server each return costs up to a switch interval
(5 ms): so SQLite makes one JSON text of all rows, which is read at once. Building a statement and fitting its result
to it costs SQLAlchemy more than SQLite takes to answer (4 of 6 ms): so those that pages ask all the time are kept by
their shape, and only their parameters change.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Executable, Select, func, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

Made = Callable[[ReadOnlyColumnCollection[str, Any]], Iterable[ColumnElement[Any]]]

SHAPES = 128
"""Statements of one form that are kept; the one unasked for longest gives way."""


def json_rows_statement(query: Select[*tuple[Any, ...]], made: Made = tuple) -> Select[str]:
    """Return the statement that makes one text of a query's rows, in its order: integers, text, null or JSON.

    `made`: what each row has of the query's columns; it is made after the query's limit.
    """
    return select(func.json_group_array(func.json_array(*made(query.subquery().c))))


def json_rows(
    connection: Connection, statement: Executable, parameters: Mapping[str, Any] | None = None
) -> list[list[Any]]:
    """Return the rows of a statement that makes one text of them."""
    answer: list[list[Any]] = orjson.loads(connection.execute(statement, parameters).scalar_one())
    return answer
