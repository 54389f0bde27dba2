"""The store on SQLite: write-ahead log, full sync, one writer, read-only readers."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    select,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from jorge_data.errors import StoreDamaged, StoreError
from jorge_data.events import Record
from jorge_data.events.timestamps import moment
from jorge_data.store.archive.archive import FOLDER, Archive
from jorge_data.store.base import (
    CommitListener,
    Report,
    UnreadableListener,
)
from jorge_data.store.log_page import Hole, Page
from jorge_data.store.rollup_types import Flush
from jorge_data.store.sql.audit_log import SQLAudit
from jorge_data.store.sql.condition import StoreCondition
from jorge_data.store.sql.credentials import SQLCredentials
from jorge_data.store.sql.inbox import SQLInbox
from jorge_data.store.sql.log import Log
from jorge_data.store.sql.store import SQLStore
from jorge_data.store.sql.tables import logs
from jorge_data.store.sql.tables import store as stores
from jorge_data.store.sql.users import SQLUsers
from jorge_data.store.sql.views import SQLSavedViews
from jorge_data.store.sqlite import continuity, write_rollups
from jorge_data.store.sqlite.audit import verify
from jorge_data.store.sqlite.driver import driver_of
from jorge_data.store.sqlite.failures import is_damage, read_failure
from jorge_data.store.sqlite.mark import Mark
from jorge_data.store.sqlite.marked_erasures import marked_erasures
from jorge_data.store.sqlite.owner_lock import OwnerLock
from jorge_data.store.sqlite.read_log import read_log
from jorge_data.store.sqlite.store_files import StoreFiles
from jorge_data.store.sqlite.watch import Watch
from jorge_data.store.sqlite.wiping import SQLiteWiping
from jorge_data.store.sqlite.writer import Writer, reason_of

logger = logging.getLogger(__name__)

READERS = 9
"""Connections that read: more than threads that do, and pooled, for a new one has nothing cached or prepared."""

WRITER_ANSWERS_S = 10.0
"""How long a reader that met something unreadable waits for the writer's look at the files."""

LOCKED_MS = 500
"""How long the writer waits for another program, which should not write at all: all publishes wait with it."""

FIXED = (3, 51, 3)
"""First SQLite without the WAL-reset bug; before it, one connection must do all commits and checkpoints: ours does."""

SECOND_NAME = "its file has a second name (a hard link), and each would have a log of its own: remove one of them"


class SQLiteStore(SQLStore):
    """A Store in one file; `base.Store` says what it promises."""

    writer: Writer

    def __init__(
        self,
        path: Path,
        listener: CommitListener = lambda commit: None,
        report: Report = lambda *state: None,
        unreadable: UnreadableListener = lambda *hole: None,
    ) -> None:
        """Raise StoreTaken where another process holds the store, StoreError where it cannot be opened."""
        self.path = path
        self.archive = Archive(path.with_name(FOLDER))
        with ExitStack() as opened:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                real = path.resolve()  # a link's target: SQLite's own files are beside that one
                self._lock = OwnerLock(real)
                opened.callback(self._lock.release)
                if real.exists() and real.stat().st_nlink > 1:
                    raise StoreError(f"{path} cannot be opened as a store: {SECOND_NAME}")
                self._mark = Mark(real)
            except OSError as error:
                raise StoreError(f"{path} cannot be opened as a store: {error.strerror} ({error.filename})") from error
            found = self._mark.header
            self.last_alive = None if self._mark.written_at is None else moment(self._mark.written_at)
            """When the life before this one was last known alive, None before the first."""
            self.ended_in_order = found is None or found.ended
            """Whether that life ended in order."""
            self._writing = open_engine(URL.create("sqlite", database=str(path)), _prepare_writer, "BEGIN IMMEDIATE", 1)
            connection = _connect(self._writing, path)
            read_only = URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})
            self._reading = open_engine(read_only, prepare_reader, "BEGIN", READERS)
            _open(self._reading, path)
            _go_on(connection, self._mark, path)
            opened.pop_all()
        self._condition = StoreCondition(report)
        self._unreadable = unreadable
        self._holes: set[tuple[str, str, Hole]] = set()
        self.writer = Writer(connection, listener, self._mark, StoreFiles(real), self._condition)
        self._watch = Watch(real, self.writer, self._mark, self._lock, self._condition)
        self.inbox = SQLInbox(self.writer, self._read)
        self.credentials = SQLCredentials(self.writer, self._read)
        self.audit = SQLAudit(
            self.writer, self._read, lambda connection, known: verify(driver_of(connection), self.writer.audited, known)
        )
        self.views = SQLSavedViews(self.writer, self._read)
        self.users = SQLUsers(self.writer, self._read)
        self.erasures = marked_erasures(self.writer, self._read, self._mark)
        self.wiping = SQLiteWiping(self.writer, self._read, real)
        with self._read() as reading:
            # 128 random bits that no answer and no line of the log has: they go along with a backup, and come back.
            self._key: bytes = reading.execute(select(stores.c.id)).scalar_one().encode()
        self._condition.start()
        if sqlite3.sqlite_version_info < FIXED:
            logger.info("sqlite %s: one connection does all commits and checkpoints", sqlite3.sqlite_version)

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def size(self) -> int:
        files = (self.path.with_name(self.path.name + suffix) for suffix in ("", "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def _met_hole(self, location: str, epoch: str, hole: Hole) -> None:
        """Tell of a hole that is met for the first time; raise StoreError where the files themselves are gone."""
        try:
            self.writer.run(lambda connection: None).result(WRITER_ANSWERS_S)
        except TimeoutError:
            raise StoreError("the store could not read: its writer does not answer") from None
        # A reader that begins inside a hole meets the rest of it.
        if not any((name, life) == (location, epoch) and known.holds(hole) for name, life, known in self._holes):
            self._holes.add((location, epoch, hole))
            logger.error("%s of the log of %s", hole, location)
            offices = len({name for name, *_ in self._holes})
            logs_of = "one office" if offices == 1 else f"{offices} offices"
            why = f"some events of {logs_of} cannot be read and are passed over: restore the last backup"
            self._condition.set("log", "holes", "degraded", why)
            self._unreadable(location, epoch, hole)

    def _read_log(
        self,
        connection: Connection,
        log: Log,
        after: int,
        limit: int,
        types: frozenset[str] | None,
        fast: Callable[[], list[Record]],
    ) -> Page:
        return read_log(connection, log, after, limit, types, fast)

    def _write_rollups(self, connection: Connection, location: str, changed: Flush) -> bool:
        return write_rollups.write_rollups(connection, driver_of(connection), location, changed)

    def _forget_log(self, log: int) -> None:
        self._mark.drop(log)

    def announce_end(self) -> None:
        """Say beside the store that this process ends, so that the next one waits for it."""
        self._lock.announce_end()

    def close(self) -> None:
        self._watch.close()
        self.writer.close()
        self._reading.dispose()
        self._writing.dispose()
        self.wiping.close()
        with suppress(OSError):  # the disk may be full
            self._mark.close()
        self._lock.release()

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        try:
            with self._reading.connect() as connection:
                yield connection
        except (SQLAlchemyError, sqlite3.Error) as error:
            if is_damage(error):
                self._note_damage()
            raise read_failure(error, reason_of(error)) from error
        except StoreDamaged:
            self._note_damage()
            raise

    def _note_damage(self) -> None:
        why = "part of what is stored cannot be read: restore the last backup, or count the history anew"
        self._condition.set("log", "read", "degraded", why)


def _connect(writing: Engine, path: Path) -> Connection:
    """Return the writing connection, to tables that are up to date."""
    try:
        connection = writing.connect()
        migrate(connection)
    except DBAPIError as error:
        raise StoreError(f"{path} cannot be opened as a store: {reason_of(error)}") from error
    except CommandError as error:
        newer = "it was written by a newer version of this program: install that one, or restore a backup"
        raise StoreError(f"{path} cannot be opened as a store: {newer}") from error
    return connection


def _go_on(connection: Connection, mark: Mark, path: Path) -> None:
    try:
        continuity.go_on(connection, mark)
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreError(f"{path} cannot be opened as a store: {reason_of(error)}") from error


def open_engine(
    url: URL, prepare: Callable[[sqlite3.Connection, object], None], begin: str, connections: int
) -> Engine:
    """Return an engine whose transactions begin as is said, with at most so many connections."""
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=10,
        pool_use_lifo=True,  # its cache of pages is warm
        hide_parameters=True,  # they are contacts' data, and errors are logged
    )
    event.listen(engine, "connect", prepare)
    # On the driver's own connection: through SQLAlchemy's it takes ten times as long, at each fold and each view.
    event.listen(engine, "begin", lambda connection: driver_of(connection).execute(begin))
    return engine


def _prepare_writer(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None  # transactions are ours, not the driver's
    # What is removed is overwritten: a contact that is erased stands nowhere in the file's free space.
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        f"busy_timeout={LOCKED_MS}",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def prepare_reader(connection: sqlite3.Connection, record: object) -> None:
    """Have a new connection write nothing."""
    connection.isolation_level = None
    for pragma in ("query_only=ON", "busy_timeout=5000", "wal_autocheckpoint=0"):
        connection.execute(f"PRAGMA {pragma}")


def _open(engine: Engine, path: Path) -> None:
    """Open all connections of a pool at once: neither memory nor descriptors grow with the first busy moment."""
    try:
        with ExitStack() as opened:
            for _ in range(READERS):
                opened.enter_context(engine.connect()).execute(select(logs.c.id).limit(1))
    except SQLAlchemyError as error:
        raise StoreError(f"{path} cannot be opened as a store: {reason_of(error)}") from error


def migrate(connection: Connection) -> None:
    """Bring the tables up to date, or make them; raise CommandError where they are of a version that is not known."""
    config = _migrations()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()  # even where there was nothing to do, reading the version began a transaction


def head() -> str:
    """Return the newest version of the tables."""
    newest = ScriptDirectory.from_config(_migrations()).get_current_head()
    assert newest is not None
    return newest


def _migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
