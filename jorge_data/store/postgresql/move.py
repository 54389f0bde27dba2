"""PostgreSQL's side of a move: rows come by COPY."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from sqlalchemy import Connection, Table
from sqlalchemy.exc import SQLAlchemyError

from jorge_data.errors import StoreError
from jorge_data.store.postgresql import writer
from jorge_data.store.postgresql.driver import driver_of, reason_of
from jorge_data.store.postgresql.store import head, migrate, open_engine
from jorge_data.store.sql.move import MOVED_TABLES, Life, Row

_IDENTITIES = (
    "SELECT table_name, column_name FROM information_schema.columns"
    " WHERE table_schema = current_schema() AND is_identity = 'YES'"
)


class PostgreSQLSide:
    """`move.MoveSide` of one database, whose lock its connection has."""

    keeps_zeros = False

    def __init__(self, connection: Connection) -> None:
        info = driver_of(connection).connection.info
        self.name = f"the database {info.dbname} of PostgreSQL at {info.host}"
        self.head = head()
        self.connection = connection

    def life(self) -> Life:
        ((alive_at, ended),) = driver_of(self.connection).execute("SELECT probed_at, ended FROM store").fetchall()
        return Life(alive_at, bool(ended))

    def migrate(self) -> None:
        migrate(self.connection)

    def insert(self, table: Table, names: Sequence[str], rows: Sequence[Row]) -> None:
        driver = driver_of(self.connection)
        if table.name == "events":
            driver.execute("ALTER TABLE events DISABLE TRIGGER events_came")
        columns = ", ".join(f'"{name}"' for name in names)
        with driver.connection.cursor().copy(f'COPY "{table.name}" ({columns}) FROM STDIN'.encode()) as copy:
            for row in rows:
                copy.write_row(row)
        if table.name == "events":
            driver.execute("ALTER TABLE events ENABLE TRIGGER events_came")

    def write_store(self, name: str, life: Life) -> None:
        driver = driver_of(self.connection)
        values = name, life.alive_at, life.ended
        driver.execute("INSERT INTO store (id, probed_at, wiped, ended) VALUES (?, ?, true, ?)", values)
        for table, column in driver.execute(_IDENTITIES).fetchall():
            following = f'SELECT coalesce(max("{column}"), 0) + 1 FROM "{table}"'  # noqa: S608 - names of ours
            driver.execute(f"SELECT setval(pg_get_serial_sequence(?, ?), ({following}), false)", (table, column))

    def finish(self) -> None:
        with self.connection.begin():  # without statistics the first questions would be planned for empty tables
            for table in MOVED_TABLES:
                driver_of(self.connection).execute(f'ANALYZE "{table.name}"')


@contextmanager
def open_side(url: str) -> Iterator[PostgreSQLSide]:
    """Open a database to be moved, or to be moved into; raise StoreError while a server has it."""
    engine = open_engine(url, 1, "READ COMMITTED", read_only=False)
    try:
        with engine.connect() as connection:
            try:
                writer.take_lock(connection, writer.LOCK_WAIT_S)
                yield PostgreSQLSide(connection)
            finally:
                connection.invalidate()  # and with it the lock
    except (SQLAlchemyError, psycopg.Error) as error:
        raise StoreError(f"PostgreSQL could not move it: {reason_of(error)}") from error
    finally:
        engine.dispose()
