"""Wiping: no text that was removed stands on in the store's files, neither in the write-ahead log nor in free space."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection

from jorge_data.errors import StoreError
from jorge_data.store.sqlite.driver import driver_of
from jorge_data.store.sqlite.writer import Writer

CHUNK = 4 << 20

WAIT_S = 0.2
MOST_TRIES = 1500
"""How often a reader may keep the write-ahead log from being emptied: for five minutes."""


class Wiping:
    """Empties the write-ahead log and free pages; any thread may call. The writer goes on between its steps."""

    def __init__(self, writer: Writer, path: Path) -> None:
        self._writer = writer
        self._ending = threading.Event()
        # Never closed before SQLite's own: to close any descriptor of a file drops the process's locks on it.
        self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))

    def close(self) -> None:
        """Close the file; after SQLite has."""
        if not self._ending.is_set():
            self._ending.set()
            os.close(self._descriptor)

    def empty_log(self) -> None:
        """Move what is in the write-ahead log into the database, and cut it to nothing; raise StoreError."""
        for _ in range(MOST_TRIES):
            if self._writer.run_alone(_empty_log).result():
                return
            if self._ending.wait(WAIT_S):  # a long question reads from it: it goes on, and so does everybody else
                break
        raise StoreError("questions under way keep the write-ahead log from being emptied")

    def finds(self, texts: Sequence[bytes]) -> bool:
        """Return whether one of these stands in the database's file, free space included."""
        longest = max(map(len, texts), default=0)
        at, end, tail = 0, os.fstat(self._descriptor).st_size, b""
        while at < end and longest:
            chunk = tail + os.pread(self._descriptor, CHUNK, at)
            if any(text in chunk for text in texts):
                return True
            at, tail = at + CHUNK, chunk[-longest:]
        return False

    @property
    def is_wiped(self) -> bool:
        """Whether all that was ever removed from the file was overwritten."""
        return self._writer.run(_is_wiped).result()

    def rewrite(self) -> None:
        """Write the whole file anew, without free space; publishes wait meanwhile, some seconds a gigabyte."""
        self._writer.run_alone(_vacuum).result()
        self.empty_log()


def _empty_log(connection: Connection) -> bool:
    """Return whether the write-ahead log is empty now."""
    busy: int = driver_of(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return not busy


def _is_wiped(connection: Connection) -> bool:
    return all(row[0] for row in driver_of(connection).execute("SELECT wiped FROM store").fetchall())


def _vacuum(connection: Connection) -> None:
    driver = driver_of(connection)
    driver.execute("VACUUM")
    driver.execute("UPDATE store SET wiped = 1")
