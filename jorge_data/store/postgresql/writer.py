"""The one thread that commits: group commit, so that a durable append costs a share of one commit of PostgreSQL's."""

import logging
import threading
from functools import partial
from zlib import crc32

import psycopg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from jorge_data.errors import StoreError
from jorge_data.store.base import CommitListener
from jorge_data.store.postgresql.driver import driver_of, reason_of
from jorge_data.store.sql.append import Appending, append
from jorge_data.store.sql.condition import StoreCondition
from jorge_data.store.sql.driver import fetch
from jorge_data.store.sql.writing import AppendJob, DeliveryJob, JobQueue, Task, acknowledge, refuse

logger = logging.getLogger(__name__)

LOCK = crc32(b"jorge-data: the server that writes")
"""The advisory lock, in each database, of the one server that writes there."""

LOCK_WAIT_S = 15.0
"""How long a server waits at its start for the one before it to end."""

RECONNECT_WAIT_S = 1.0
"""How long after a lost connection: PostgreSQL ends its session, and with it the lock, a moment after it was cut."""

_STATEMENTS = (
    "SELECT id, epoch, oldest, top FROM logs WHERE location = ? FOR UPDATE",
    "INSERT INTO logs (location, epoch, oldest, top) VALUES (?, ?, 1, 0) ON CONFLICT (location) DO NOTHING",
    "SELECT e.source, e.id, e.seq FROM listed(?) AS name JOIN events AS e"
    " ON e.log = ? AND e.source = name.value ->> 0 AND e.id = name.value ->> 1",
    "INSERT INTO events (log, seq, source, id, type, subject, time, body)"
    " SELECT ?, (value ->> 0)::bigint, value ->> 1, value ->> 2, value ->> 3, value ->> 4, (value ->> 5)::bigint,"
    " value ->> 6 FROM listed(?)",
    "INSERT INTO deliveries (location, vendor, key, type, received_at, body, state, events)"
    " SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, (value ->> 4)::bigint, value ->> 5, 'pending', 0"
    " FROM listed(?) ON CONFLICT (vendor, key) DO NOTHING RETURNING vendor, key",
)
"""What appends. The log's row is locked until the commit: so positions become visible in their order, whoever else
writes. A sequence's would not: of two transactions the one with the higher position may commit first.
"""


class PostgreSQLWriter(JobQueue):
    """Owns the writing connection and with it the database's lock; a connection that is lost is made again."""

    def __init__(self, engine: Engine, listener: CommitListener, condition: StoreCondition) -> None:
        """Raise StoreError where the database cannot be reached, or another server has it."""
        super().__init__()
        self._engine, self._listener, self._condition = engine, listener, condition
        self._connection: Connection | None = self._connect(LOCK_WAIT_S)
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)

    @property
    def opened(self) -> Connection:
        """The connection, before `start` alone."""
        assert self._connection is not None
        return self._connection

    def start(self) -> None:
        """Begin to write what is queued."""
        self._thread.start()

    def close(self) -> None:
        """Finish what was queued, then end the thread."""
        self.end()
        if self._thread.ident is not None:
            self._thread.join()
        if self._connection is not None:
            self._connection.invalidate()  # and with it the lock, which a connection in a pool would keep
            self._connection.close()
            self._connection = None

    def _connect(self, wait_s: float) -> Connection:
        try:
            connection = self._engine.connect()
        except SQLAlchemyError as error:
            raise StoreError(f"PostgreSQL cannot be reached: {reason_of(error)}") from error
        try:
            take_lock(connection, wait_s)
        except BaseException:
            connection.invalidate()
            connection.close()
            raise
        return connection

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self._connect(RECONNECT_WAIT_S)
        return self._connection

    def _run(self) -> None:
        while group := self.next_group():
            if isinstance(group[0], Task):
                self._perform(group[0])
            else:
                appends = [job for job in group if isinstance(job, AppendJob)]
                self._commit(appends, [job for job in group if isinstance(job, DeliveryJob)])

    def _commit(self, appends: list[AppendJob], deliveries: list[DeliveryJob]) -> None:
        try:
            connection = self._connected()
            with connection.begin():
                engine = Appending(driver_of(connection), partial(fetch, connection), *_STATEMENTS)
                outcomes = append(engine, [job.submission for job in appends], [job.delivery for job in deliveries])
        except Exception as error:
            self._note_failure(error)
            refuse(appends, deliveries, reason_of(error))
            return
        self._condition.clear("store", "commit")
        acknowledge(outcomes, appends, deliveries, self._listener)

    def _perform(self, task: Task) -> None:
        try:
            connection = self._connected()
            with connection.begin():
                result = task.work(connection)
        except Exception as error:
            self._note_failure(error)
            failure = StoreError(f"the store could not write: {reason_of(error)}")
            failure.__cause__ = error
            task.done.set_exception(failure)
        else:
            self._condition.clear("store", "commit")
            task.done.set_result(result)

    def _note_failure(self, error: Exception) -> None:
        """Report what keeps everything from being stored; let go of a connection that is lost."""
        logger.error("the store could not commit: %s", reason_of(error))
        cause = getattr(error, "orig", None) or error
        if self._connection is None or driver_of_is_lost(self._connection):
            if self._connection is not None:
                self._connection.invalidate()
                self._connection.close()
                self._connection = None
            self._condition.set("store", "commit", "failed", f"events cannot be stored: {reason_of(error)}")
        elif isinstance(cause, psycopg.OperationalError):  # a full disk, a server that shuts down
            self._condition.set("store", "commit", "failed", f"events cannot be stored: {reason_of(error)}")


def driver_of_is_lost(connection: Connection) -> bool:
    """Return whether a connection to PostgreSQL is gone."""
    return connection.invalidated or driver_of(connection).connection.closed


def take_lock(connection: Connection, wait_s: float) -> None:
    """Take the lock of the one server that writes, which its session keeps; raise StoreError where another keeps it."""
    try:
        with connection.begin():
            # For this transaction alone; 0 would wait for ever.
            limit = f"{max(1, round(wait_s * 1000))}ms"
            driver_of(connection).execute("SELECT set_config('lock_timeout', ?, true)", (limit,))
            driver_of(connection).execute("SELECT pg_advisory_lock(?)", (LOCK,))
    except psycopg.errors.LockNotAvailable as error:
        raise StoreError("another event server has this database: one at a time may, end it first") from error
