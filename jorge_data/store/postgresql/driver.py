"""PostgreSQL's own connection beneath SQLAlchemy's: psycopg, whose rows are read as SQLite's are."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
import psycopg
from psycopg.adapt import Buffer, Loader
from psycopg.types.json import set_json_loads
from sqlalchemy import Connection, Executable, Select, Table, TextualSelect, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

import jorge_data.store.postgresql.fields  # noqa: F401 - what it says of fields
from jorge_data.errors import StoreError
from jorge_data.store.sql.driver import COMPILED, ENGINES, AllRows, Compiled, compile_for


class _NumericLoader(Loader):
    """Reads a numeric, which a sum of whole numbers is, as the number that it is."""

    def load(self, data: Buffer) -> int | float:
        text = bytes(data)
        return float(text) if b"." in text or b"N" in text else int(text)


def prepare(connection: psycopg.Connection[Any]) -> None:
    """Have a new connection read rows as all engines' are read."""
    connection.adapters.register_loader("numeric", _NumericLoader)
    set_json_loads(orjson.loads, connection)


class PostgreSQLDriver:
    """`driver.Driver` over one psycopg connection."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> psycopg.Cursor[Any]:
        return self.connection.execute(_with_percents(statement), values)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> psycopg.Cursor[Any]:
        cursor = self.connection.cursor()
        cursor.executemany(_with_percents(statement), list(rows))
        return cursor


def driver_of(connection: Connection) -> PostgreSQLDriver:
    """Return the connection beneath SQLAlchemy's; both see one transaction."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return PostgreSQLDriver(driver)


class PostgreSQLEngine:
    """`driver.Engine` of PostgreSQL."""

    def driver(self, connection: Connection) -> PostgreSQLDriver:
        return driver_of(connection)

    def fetch(
        self, connection: Connection, statement: Executable, parameters: Mapping[str, Any]
    ) -> list[tuple[Any, ...]]:
        compiled = _compiled(statement)
        values = {name: parameters.get(name, compiled.defaults.get(name)) for name in compiled.names}
        try:
            return driver_of(connection).connection.execute(compiled.text.encode(), values).fetchall()
        except psycopg.Error as error:
            raise StoreError(f"the store could not read: {reason_of(error)}") from error

    def all_rows(
        self, connection: Connection, statement: AllRows, parameters: Mapping[str, Any]
    ) -> Sequence[Sequence[Any]]:
        return self.fetch(connection, _as_query(statement), parameters)

    def insert(self, table: Table) -> Any:
        return insert(table)


ENGINES["postgresql"] = PostgreSQLEngine()


def reason_of(error: BaseException) -> str:
    """Return what PostgreSQL says of a failure, in a line, without the statement and its parameters."""
    cause = getattr(error, "orig", None) or error
    primary = cause.diag.message_primary if isinstance(cause, psycopg.Error) else None
    lines = str(primary or cause).splitlines()
    return lines[0] if lines else type(cause).__name__


@lru_cache(COMPILED)
def _as_query(statement: AllRows) -> Select[*tuple[Any, ...]] | TextualSelect:
    """Return a statement of all rows, in their order, as they are to be."""
    if statement.make_row is None:
        return statement.query
    return select(*statement.make_row(statement.query.subquery().c))


@lru_cache(COMPILED)
def _compiled(statement: Executable) -> Compiled:
    return compile_for(PGDialect_psycopg(), statement)  # type: ignore[no-untyped-call]


@lru_cache(COMPILED)
def _with_percents(statement: str) -> bytes:
    return statement.replace("%", "%%").replace("?", "%s").encode()
