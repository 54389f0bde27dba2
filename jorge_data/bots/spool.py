"""The spool: events that a bot has published and the server has not confirmed, in one SQLite file, in order."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import NamedTuple
from weakref import WeakSet

from jorge_data.errors import SpoolError, SpoolFull, SpoolTaken
from jorge_data.events.validation import MAX_EVENTS, MAX_PUBLISH_BYTES

MAX_REFUSED = 1000
"""Refused events that the spool holds; of more, the oldest are dropped."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS waiting (seq INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS refused (seq INTEGER PRIMARY KEY, body BLOB NOT NULL, reason TEXT NOT NULL);
"""
_TRIM = "DELETE FROM refused WHERE seq <= (SELECT max(seq) FROM refused) - ?"


class SpooledEvent(NamedTuple):
    """One event that waits: its position in the spool and its JSON."""

    seq: int
    body: bytes


class Spool:
    """Stores events for one process; safe from every thread of it.

    What `add` has returned from survives the death of the process, kill -9 among it: it is in the page cache.
    A power cut can take the newest seconds, and leaves the file whole (WAL, synchronous=NORMAL).
    Raises SpoolTaken where another publisher holds the file, SpoolError where it is no spool or cannot be written.
    """

    def __init__(self, path: Path, limit: int) -> None:
        self.path = path
        self._limit = limit
        self._lock = Lock()  # guards the connection and both counts
        self._connection: sqlite3.Connection | None = _open(path)
        self.added: int = self._connection.execute("SELECT count(*) FROM waiting").fetchone()[0]
        self.acknowledged = 0
        self._was_open = True
        _spools.add(self)

    @property
    def pending(self) -> int:
        return self.added - self.acknowledged

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    def add(self, body: bytes) -> None:
        """Add one event at the end; raise SpoolFull, and add nothing, where `limit` of them wait."""
        with self._lock, self._connected() as connection:
            if self.added - self.acknowledged >= self._limit:
                raise SpoolFull(str(self.path), self._limit)
            connection.execute("INSERT INTO waiting (body) VALUES (?)", (body,))
            self.added += 1

    def oldest(self, most: int = MAX_EVENTS) -> list[SpooledEvent]:
        """Return the oldest events that one publish may carry; at least one, where any waits."""
        batch: list[SpooledEvent] = []
        size = 2
        with self._lock, self._connected() as connection:
            for row in connection.execute("SELECT seq, body FROM waiting ORDER BY seq LIMIT ?", (most,)):
                size += len(row[1]) + 1
                if batch and size > MAX_PUBLISH_BYTES:
                    break
                batch.append(SpooledEvent(*row))
        return batch

    def acknowledge(self, batch: list[SpooledEvent], refused: Iterable[tuple[SpooledEvent, str]] = ()) -> None:
        """Remove the oldest events, which the server has answered for; the refused, with reasons, go to their table."""
        with self._lock, self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            rows = [(event.body, reason) for event, reason in refused]
            connection.executemany("INSERT INTO refused (body, reason) VALUES (?, ?)", rows)
            if rows:
                connection.execute(_TRIM, (MAX_REFUSED,))
            connection.execute("DELETE FROM waiting WHERE seq <= ?", (batch[-1].seq,))
            connection.execute("COMMIT")
            self.acknowledged += len(batch)

    def refused(self) -> list[tuple[bytes, str]]:
        """Return the refused events and their reasons, oldest first."""
        with self._lock, self._connected() as connection:
            return connection.execute("SELECT body, reason FROM refused ORDER BY seq").fetchall()

    def discard_refused(self) -> None:
        with self._lock, self._connected() as connection:
            connection.execute("DELETE FROM refused")

    def close(self) -> None:
        """Close the file; what waits in it is there for the next Spool that opens it."""
        with self._lock:
            self._close()
        _spools.discard(self)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection
        if connection is None:
            raise SpoolError(f"{self.path} is closed, or was opened by the process before a fork: make a new Publisher")
        try:
            yield connection
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise SpoolError(f"{self.path}: {error}") from None

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def before_fork(self) -> None:
        """Close the file: two processes with one connection would destroy it."""
        self._lock.acquire()
        self._was_open = self._connection is not None
        self._close()

    def after_fork_in_parent(self) -> None:
        try:
            if self._was_open:
                self._connection = _open(self.path)
        finally:
            self._lock.release()

    def after_fork_in_child(self) -> None:
        """Stay closed: the spool is the parent's."""
        self._lock.release()


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # it holds what contacts said: for this user alone
    connection = sqlite3.connect(path, timeout=0.5, isolation_level=None, check_same_thread=False)
    try:
        # Exclusive: one connection does everything, so that a second publisher gets an error instead of sending twice.
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.executescript(_SCHEMA)
    except sqlite3.Error as error:
        connection.close()
        taken = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
        raise (SpoolTaken(str(path)) if taken else SpoolError(f"{path}: {error}")) from None
    return connection


_spools: WeakSet[Spool] = WeakSet()
_forking: list[Spool] = []


def _before_fork() -> None:
    _forking[:] = list(_spools)
    for spool in _forking:
        spool.before_fork()


def _after_fork_in_parent() -> None:
    for spool in _forking:
        spool.after_fork_in_parent()


def _after_fork_in_child() -> None:
    for spool in _forking:
        spool.after_fork_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
