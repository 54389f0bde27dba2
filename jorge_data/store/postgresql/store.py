"""The store on PostgreSQL: one server writes, in group commits; readers see one moment each."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from jorge_data.errors import StoreError
from jorge_data.events import Record
from jorge_data.events.timestamps import moment
from jorge_data.store.archive.archive import FOLDER, Archive
from jorge_data.store.audit_entry import Verification
from jorge_data.store.base import CommitListener, Report
from jorge_data.store.log_page import Page
from jorge_data.store.postgresql.driver import driver_of, prepare, reason_of
from jorge_data.store.postgresql.wiping import PostgreSQLWiping
from jorge_data.store.postgresql.write_rollups import write_rollups
from jorge_data.store.postgresql.writer import PostgreSQLWriter
from jorge_data.store.rollup_types import Flush
from jorge_data.store.sql import audit
from jorge_data.store.sql.audit_log import SQLAudit
from jorge_data.store.sql.condition import StoreCondition
from jorge_data.store.sql.credentials import SQLCredentials
from jorge_data.store.sql.erasures import SQLErasures
from jorge_data.store.sql.inbox import SQLInbox
from jorge_data.store.sql.log import Log
from jorge_data.store.sql.move import MOVING
from jorge_data.store.sql.store import SQLStore
from jorge_data.store.sql.users import SQLUsers
from jorge_data.store.sql.views import SQLSavedViews

READERS = 9
"""Connections that read: more than threads that do."""

ALIVE_EVERY_S = 5.0
"""How often it is noted that the server lives, which also finds out whether the database can be written."""

_GUARDS = "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'audit'::regclass AND NOT tgisinternal AND tgenabled = 'O'"
GUARDS = 4
"""Triggers by which PostgreSQL itself refuses to change, remove or put in between."""


class PostgreSQLStore(SQLStore):
    """A Store in one database of PostgreSQL; `base.Store` says what it promises."""

    writer: PostgreSQLWriter

    def __init__(
        self,
        url: str,
        folder: Path,
        listener: CommitListener = lambda commit: None,
        report: Report = lambda *state: None,
    ) -> None:
        """Open the database of a URL; `folder` has the archive. Raise StoreError where it cannot be opened."""
        self.folder = folder
        self.archive = Archive(folder / FOLDER)
        self._condition = StoreCondition(report)
        with ExitStack() as opened:
            self._writing = open_engine(url, 2, "READ COMMITTED", read_only=False)
            opened.callback(self._writing.dispose)
            self.writer = PostgreSQLWriter(self._writing, listener, self._condition)
            opened.callback(self.writer.close)
            try:
                migrate(self.writer.opened)
                id_, alive_at, self.ended_in_order = _begin(self.writer.opened)
            except (SQLAlchemyError, psycopg.Error) as error:
                raise StoreError(f"the database cannot be opened as a store: {reason_of(error)}") from error
            opened.pop_all()
        self.last_alive = None if alive_at is None else moment(alive_at)
        self._key = id_.encode()
        self._reading = open_engine(url, READERS, "REPEATABLE READ", read_only=True)
        self.writer.start()
        self.inbox = SQLInbox(self.writer, self._read)
        self.credentials = SQLCredentials(self.writer, self._read)
        self.audit = SQLAudit(self.writer, self._read, _verify)
        self.views = SQLSavedViews(self.writer, self._read)
        self.users = SQLUsers(self.writer, self._read)
        self.erasures = SQLErasures(self.writer, self._read)
        self.wiping = PostgreSQLWiping(self._writing)
        self._condition.start()
        self._ending = threading.Event()
        self._watch = threading.Thread(target=self._stay_alive, name="store-watch", daemon=True)
        self._watch.start()

    @property
    def size(self) -> int:
        with self._read() as connection:
            size: int = driver_of(connection).execute("SELECT pg_database_size(current_database())").fetchall()[0][0]
        return size

    def announce_end(self) -> None:
        """Say nothing: the next server waits for the lock, which ends with this one's connection."""

    def close(self) -> None:
        if not self._ending.is_set():
            self._ending.set()
            self._watch.join()
            with suppress(StoreError):
                self.writer.run(lambda connection: _note_alive(connection, ended=True)).result()
        self.writer.close()
        self._reading.dispose()
        self._writing.dispose()

    def _stay_alive(self) -> None:
        while not self._ending.wait(ALIVE_EVERY_S):
            with suppress(StoreError):  # it is being closed, or as busy as it may be; or noted by the writer
                self.writer.run(_note_alive).result()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        try:
            with self._reading.connect() as connection:
                yield connection
        except (SQLAlchemyError, psycopg.Error) as error:
            raise StoreError(f"the store could not read: {reason_of(error)}") from error

    def _read_log(
        self,
        connection: Connection,
        log: Log,
        after: int,
        limit: int,
        types: frozenset[str] | None,
        fast: Callable[[], list[Record]],
    ) -> Page:
        records = fast()
        full = len(records) == limit
        return Page(records, records[-1].seq if full and records else max(log.top, after))

    def _write_rollups(self, connection: Connection, location: str, changed: Flush) -> bool:
        return write_rollups(connection, location, changed)


def open_engine(url: str, connections: int, isolation: Any, read_only: bool) -> Engine:
    """Return an engine with at most so many connections, whose rows are read as all engines' are."""
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=10,
        pool_use_lifo=True,
        pool_pre_ping=read_only,  # after a restart of PostgreSQL nobody meets a connection that is gone
        isolation_level=isolation,
        hide_parameters=True,  # they are contacts' data, and errors are logged
        connect_args={"connect_timeout": 10, "application_name": "jorge-data"},
    )

    def begin(connection: psycopg.Connection[Any], record: object) -> None:
        prepare(connection)
        connection.read_only = read_only

    event.listen(engine, "connect", begin)
    return engine


def migrate(connection: Connection) -> None:
    """Bring the tables up to date, or make them; raise StoreError where they are of a version that is not known."""
    config = _migrations()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        why = "it was written by a newer version of this program: install that one, or restore a backup"
        if MOVING in str(error):
            why = "a move into it was broken off: run `jorge move` again, and it goes on"
        raise StoreError(f"the database cannot be opened as a store: {why}") from error
    connection.commit()  # even where there was nothing to do, reading the version began a transaction


def head() -> str:
    """Return the newest version of the tables."""
    newest = ScriptDirectory.from_config(_migrations()).get_current_head()
    assert newest is not None
    return newest


def _migrations() -> Config:
    config = Config()
    migrations = Path(__file__).parents[1] / "migrations"
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("version_locations", str(migrations / "postgresql").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _begin(connection: Connection) -> tuple[str, int | None, bool]:
    """Return the store's name, when the life before this one was last known alive, and whether it ended in order."""
    driver = driver_of(connection)
    with connection.begin():
        found = driver.execute("SELECT id, probed_at, ended FROM store").fetchall()
        if found:
            driver.execute("UPDATE store SET ended = false")
            id_, alive_at, ended = found[0]
            return str(id_), alive_at, bool(ended)
        name = secrets.token_hex(16)
        driver.execute("INSERT INTO store (id, ended) VALUES (?, false)", (name,))
        return name, None, True


def _note_alive(connection: Connection, ended: bool = False) -> None:
    driver_of(connection).execute("UPDATE store SET probed_at = ?, ended = ?", (time.time_ns() // 1000, ended))


def _verify(connection: Connection, known: tuple[int, str] | None) -> Verification:
    driver = driver_of(connection)
    guarded = driver.execute(_GUARDS).fetchall()[0][0] == GUARDS
    return audit.with_earlier_break(driver, audit.verify(driver, None, guarded, known))
