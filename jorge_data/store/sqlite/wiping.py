"""Wiping: no text that was removed stands on in the store's files, neither in the write-ahead log nor in free space."""

import os
import threading
from collections.abc import Collection
from pathlib import Path

from sqlalchemy import Connection

from jorge_data.errors import StoreError
from jorge_data.store.sql.writing import Read
from jorge_data.store.sqlite.driver import driver_of
from jorge_data.store.sqlite.writer import Writer

CHUNK = 4 << 20

WAIT_S = 0.2
MOST_TRIES = 1500
"""How often a reader may keep the write-ahead log from being emptied: for five minutes."""


_COLUMNS = (
    "SELECT t.name, c.name FROM sqlite_master AS t, pragma_table_info(t.name) AS c"
    " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND c.type NOT IN ('INTEGER', 'BIGINT', 'BOOLEAN', 'FLOAT')"
)
"""Every column that may hold a text."""


class SQLiteWiping:
    """Empties the write-ahead log and free pages; the writer goes on between its steps."""

    def __init__(self, writer: Writer, read: Read, path: Path) -> None:
        self._writer, self._read = writer, read
        self._ending = threading.Event()
        # Never closed before SQLite's own: to close any descriptor of a file drops the process's locks on it.
        self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))

    def close(self) -> None:
        """Close the file; after SQLite has."""
        if not self._ending.is_set():
            self._ending.set()
            os.close(self._descriptor)

    def empty_log(self) -> None:
        for _ in range(MOST_TRIES):
            if self._writer.run_alone(_empty_log).result():
                return
            if self._ending.wait(WAIT_S):  # a long question reads from it: it goes on, and so does everybody else
                break
        raise StoreError("questions under way keep the write-ahead log from being emptied")

    def finds(self, texts: Collection[str]) -> bool:
        found, longest = set[str](), max((len(text.encode()) for text in texts), default=0)
        at, end, tail = 0, os.fstat(self._descriptor).st_size, b""
        while at < end and len(found) < len(texts):
            chunk = tail + os.pread(self._descriptor, CHUNK, at)
            found |= {text for text in texts if text.encode() in chunk}
            at, tail = at + CHUNK, chunk[-longest:]
        return any(not self._is_in_a_row(text) for text in found)

    def _is_in_a_row(self, text: str) -> bool:
        """Return whether a row has a text: another contact has the same name, say, and keeps it."""
        with self._read() as connection:
            driver = driver_of(connection)
            columns = driver.execute(_COLUMNS).fetchall()
        for table, column in columns:
            query = f'SELECT 1 FROM "{table}" WHERE instr(CAST("{column}" AS BLOB), ?) LIMIT 1'  # noqa: S608
            with self._read() as connection:  # one at a time: meanwhile the write-ahead log grows
                if driver_of(connection).execute(query, (text.encode(),)).fetchone() is not None:
                    return True
        return False

    @property
    def is_wiped(self) -> bool:
        return self._writer.run(_is_wiped).result()

    def rewrite(self) -> None:
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
