"""SQLite's own connection beneath SQLAlchemy's, and SQLite's words for the statements of `store/sql`.

SQLAlchemy takes 0.1 ms to run a statement for which SQLite takes 0.02, and at each event the wall's figures ask twenty.
The driver gives the interpreter up at every row, and on a busy server each return costs up to a switch interval (5 ms):
so SQLite makes one JSON text of all rows, which is read at once.
"""

import re
import sqlite3
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, Executable, Select, Table, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

import jorge_data.store.sqlite.fields  # noqa: F401 - what it says of fields
from jorge_data.store.sql.driver import COMPILED, ENGINES, AllRows, Compiled, compile_for
from jorge_data.store.sqlite.failures import read_failure
from jorge_data.store.sqlite.triggers import AGENT

_WORDS = {
    r"\b(?:listed|texts|numbers)\(": "json_each(",
    r"\bstrpos\(": "instr(",
    r"\bleast\(": "min(",
    r"\bevent_field\(([\w.]+), '(\w+)'\)": r"(\1 ->> '$.data.\2')",
    r"\bstate_contacts\(([\w.]+)\)": r"json_extract(CAST(\1 AS TEXT), '$[6]')",
    r"\bstate_contact_ids\(([\w.]+)\)": r"json_each(CAST(\1 AS TEXT), '$[6]')",
    r"\bevent_agent\(([\w.]+)\)": AGENT.replace("<row>.body", r"\1"),
    r"/\* by (\w+) \*/": r"INDEXED BY \1",
}
"""What is PostgreSQL's word in the statements of `store/sql`, and SQLite's."""


def driver_of(connection: Connection) -> sqlite3.Connection:
    """Return SQLite's own connection beneath SQLAlchemy's; both see one transaction."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


class SQLiteEngine:
    """`driver.Engine` of SQLite."""

    def driver(self, connection: Connection) -> sqlite3.Connection:
        return driver_of(connection)

    def fetch(
        self, connection: Connection, statement: Executable, parameters: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        return fetch_from(driver_of(connection), statement, parameters)

    def all_rows(self, connection: Connection, statement: AllRows, parameters: Mapping[str, Any]) -> list[list[Any]]:
        rows: list[list[Any]] = orjson.loads(self.fetch(connection, _as_text(statement), parameters)[0][0])
        return rows

    def insert(self, table: Table) -> Any:
        return insert(table)


def fetch_from(
    driver: sqlite3.Connection, statement: Executable, parameters: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that was built once, by SQLite's own connection; raise StoreError."""
    compiled = _compiled(statement)
    values = [parameters.get(name, compiled.defaults.get(name)) for name in compiled.names]
    try:
        return driver.execute(compiled.text, values).fetchall()
    except sqlite3.Error as error:
        raise read_failure(error, str(error)) from error


ENGINES["sqlite"] = SQLiteEngine()


@lru_cache(COMPILED)
def _as_text(statement: AllRows) -> Select[str]:
    """Return a statement that makes one JSON text of all rows, in their order: integers, text, null or JSON."""
    columns = statement.query.subquery().c
    row = tuple(columns) if statement.make_row is None else statement.make_row(columns)
    return select(func.json_group_array(func.json_array(*row)))


@lru_cache(COMPILED)
def _compiled(statement: Executable) -> Compiled:
    compiled = compile_for(SQLiteDialect_pysqlite(paramstyle="qmark"), statement)
    return compiled._replace(text=in_sqlites_words(compiled.text))


def in_sqlites_words(text: str) -> str:
    """Return a statement of `store/sql` as SQLite understands it."""
    for word, own in _WORDS.items():
        text = re.sub(word, own, text)
    return text
