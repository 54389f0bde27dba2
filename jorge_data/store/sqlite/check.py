"""A look at a store's file from outside, for the doctor."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from jorge_data.store.sqlite.store import FIXED

ENGINE = sqlite3.sqlite_version + (
    "" if sqlite3.sqlite_version_info >= FIXED else " (has the WAL-reset bug, which our one writer keeps clear of)"
)
"""The version of SQLite, and what is to be known of it."""


def find_fault(path: Path) -> str | None:
    """Return what SQLite finds wrong with a store's file, None where nothing is."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            verdict = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)
    return None if verdict == "ok" else verdict
