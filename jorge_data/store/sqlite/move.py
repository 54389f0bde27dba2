"""SQLite's side of a move: a store is read as it stands, and written as a draft that gets its name when it is whole."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, Table
from sqlalchemy.exc import SQLAlchemyError

from jorge_data.errors import StoreError
from jorge_data.events.timestamps import micros
from jorge_data.store.archive.archive import sync
from jorge_data.store.sql.move import Life, Row
from jorge_data.store.sqlite.driver import driver_of
from jorge_data.store.sqlite.mark import Mark
from jorge_data.store.sqlite.owner_lock import OwnerLock
from jorge_data.store.sqlite.store import SQLiteStore, head, migrate, open_engine, prepare_reader
from jorge_data.store.sqlite.writer import reason_of

DRAFT = "-moving"
"""What a target's name has after it until it is whole."""

_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"


class SQLiteSide:
    """`move.MoveSide` of one file, which is `path`, or the draft of it."""

    keeps_zeros = True

    def __init__(self, path: Path, engine: Engine, lock: OwnerLock, life: Life) -> None:
        self.name = str(path)
        self.head = head()
        self.connection: Connection = engine.connect()
        self._path, self._engine, self._lock, self._life = path, engine, lock, life
        self._store = ""

    def life(self) -> Life:
        return self._life

    def migrate(self) -> None:
        migrate(self.connection)

    def insert(self, table: Table, names: Sequence[str], rows: Sequence[Row]) -> None:
        driver = driver_of(self.connection)
        # Triggers of the audit log refuse what is not in its order; those of events write rows that are moved as well.
        triggers = driver.execute(_TRIGGERS, (table.name,)).fetchall() if table.name == "events" else []
        for name, _ in triggers:
            driver.execute(f'DROP TRIGGER "{name}"')
        columns = ", ".join(f'"{name}"' for name in names)
        places = ", ".join("?" * len(names))
        statement = f'INSERT INTO "{table.name}" ({columns}) VALUES ({places})'  # noqa: S608 - names of ours
        driver.executemany(statement, rows)
        for _, trigger in triggers:
            driver.execute(trigger)

    def write_store(self, name: str, life: Life) -> None:
        driver_of(self.connection).execute("INSERT INTO store (id, wiped) VALUES (?, true)", (name,))
        self._store = name

    def finish(self) -> None:
        self.close()
        real = self._path.resolve()
        mark = Mark(real)  # before the file has its name: without its mark each log would begin a new epoch
        mark.begin(self._store, {})
        mark.close()
        draft = _draft_of(real)
        sync(draft)
        os.replace(draft, real)
        sync(real.parent)
        self._lock.release()
        SQLiteStore(self._path).close()  # notes in the mark how far each log is

    def close(self) -> None:
        """Let go of the file, not of its lock."""
        self.connection.close()
        self._engine.dispose()


@contextmanager
def open_source(path: Path) -> Iterator[SQLiteSide]:
    """Open a store to be moved; raise StoreTaken while a server has it, StoreError where it cannot be read."""
    if not path.is_file():
        raise StoreError(f"{path} is not there")
    with _told(path):
        _check_version(path)
        # As a server would at its start: a copy that was put back begins its new epochs before it is moved.
        with closing(SQLiteStore(path)) as store:
            alive_at = None if store.last_alive is None else micros(store.last_alive)
            life = Life(alive_at, store.ended_in_order)
        file = f"file:{quote(str(path))}"
        url = URL.create("sqlite", database=file, query={"mode": "ro", "uri": "true"})
        with _opened(path, open_engine(url, prepare_reader, "BEGIN", 1), life) as side:
            yield side


@contextmanager
def open_target(path: Path) -> Iterator[SQLiteSide]:
    """Open the draft of a store that is not there yet; raise StoreError where one is."""
    with _told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        real = path.resolve()
        if any(real.with_name(real.name + suffix).exists() for suffix in ("", "-wal", "-shm")):
            raise StoreError(f"{path} is not empty: allowed is a file that is not there yet")
        url = URL.create("sqlite", database=str(_draft_of(real)))
        with _opened(path, open_engine(url, _prepare_draft, "BEGIN IMMEDIATE", 1), Life(None, True)) as side:
            yield side


def _draft_of(real: Path) -> Path:
    return real.with_name(real.name + DRAFT)


def _check_version(path: Path) -> None:
    """Raise StoreError where to open a store would migrate it."""
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
        ((version,),) = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    if version != head():
        once = "start the event server of this version on it once, and end it"
        raise StoreError(f"{path} is of version {version}, and this program of {head()}: {once}")


@contextmanager
def _opened(path: Path, engine: Engine, life: Life) -> Iterator[SQLiteSide]:
    lock = OwnerLock(path.resolve(), wait_s=0.0)
    try:
        side = SQLiteSide(path, engine, lock, life)
        try:
            yield side
        finally:
            side.close()
    finally:
        lock.release()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise StoreError(f"{path} cannot be moved: {reason_of(error)}") from error
    except OSError as error:
        raise StoreError(f"{path} cannot be moved: {error}") from error


def _prepare_draft(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
