"""SQLite's own connection beneath SQLAlchemy's: what runs all the time is compiled once, and run without it.

SQLAlchemy takes 0.1 ms to run a statement for which SQLite takes 0.02, and at each event the wall's figures ask twenty.
"""

import sqlite3
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Executable
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.elements import ClauseElement

from jorge_data.store.sqlite.failures import read_failure

COMPILED = 512
"""Most statements that are kept compiled; there are fewer, as each form of a question is built once."""


def driver_of(connection: Connection) -> sqlite3.Connection:
    """Return SQLite's own connection beneath SQLAlchemy's; both see one transaction."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def fetch(
    connection: Connection, statement: Executable, parameters: Mapping[str, Any] | None = None
) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that was built once, within the transaction that has begun; raise StoreError."""
    compiled, given = _compiled(statement), parameters or {}
    values = [given.get(name, compiled.defaults.get(name)) for name in compiled.names]
    try:
        return driver_of(connection).execute(compiled.text, values).fetchall()
    except sqlite3.Error as error:
        raise read_failure(error, str(error)) from error


class _Compiled(NamedTuple):
    text: str
    names: tuple[str, ...]
    defaults: Mapping[str, Any]


@lru_cache(COMPILED)
def _compiled(statement: Executable) -> _Compiled:
    assert isinstance(statement, ClauseElement)
    compiled: Any = statement.compile(dialect=SQLiteDialect_pysqlite(paramstyle="qmark"))
    # Lists of values are part of a statement's form: each value becomes a parameter of its own.
    expanded = compiled.construct_expanded_state(compiled.construct_params(_check=False))
    return _Compiled(expanded.statement, tuple(expanded.positiontup), expanded.parameters)
