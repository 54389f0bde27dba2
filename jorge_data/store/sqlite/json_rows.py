"""Reading all rows of a statement in one step of the driver, by a statement that is built once.

The driver gives the interpreter up at every row, and on a busy server each return costs up to a switch interval
(5 ms): so SQLite makes one JSON text of all rows, which is read at once. Building a statement and fitting its result
to it costs SQLAlchemy more than SQLite takes to run it (4 of 6 ms): so those that pages run all the time are cached by
their form, and only their parameters change.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Executable, Select, func, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from jorge_data.store.sqlite.driver import fetch

MakeRow = Callable[[ReadOnlyColumnCollection[str, Any]], Iterable[ColumnElement[Any]]]

CACHED = 128
"""Statements of one form that are cached; the one that was not used for longest gives way."""


def json_rows_statement(query: Select[*tuple[Any, ...]], make_row: MakeRow = tuple) -> Select[str]:
    """Return a statement that makes one JSON text of a query's rows, in its order: integers, text, null or JSON.

    `make_row`: what each row has of the query's columns; it is evaluated after the query's limit.
    """
    return select(func.json_group_array(func.json_array(*make_row(query.subquery().c))))


def json_rows(
    connection: Connection, statement: Executable, parameters: Mapping[str, Any] | None = None
) -> list[list[Any]]:
    """Return the rows of a statement that makes one text of them."""
    rows: list[list[Any]] = orjson.loads(fetch(connection, statement, parameters)[0][0])
    return rows
