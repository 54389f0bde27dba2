"""Appending on SQLite, through its own connection: the statements, and the transaction in which they run."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from jorge_data.store.delivery import Delivery
from jorge_data.store.sql.append import Appending
from jorge_data.store.sql.append import append as append_within
from jorge_data.store.sql.writing import Outcomes, Submission
from jorge_data.store.sqlite.driver import fetch_from
from jorge_data.store.sqlite.triggers import INSERT_EVENTS

# One statement a group instead of one a row: the driver gives the interpreter up at every statement, and on a busy
# server each return costs up to a switch interval (5 ms).
_EXISTING = (
    "SELECT e.source, e.id, e.seq FROM json_each(?) AS name CROSS JOIN events AS e"
    " ON e.log = ? AND e.source = name.value ->> 0 AND e.id = name.value ->> 1"
)
_FIND_LOG = "SELECT id, epoch, oldest, top FROM logs WHERE location = ?"
_ADD_LOG = "INSERT INTO logs (location, epoch, oldest, top) VALUES (?, ?, 1, 0)"
# `WHERE true` tells the parser that ON belongs to the INSERT.
_INSERT_DELIVERIES = (
    "INSERT INTO deliveries (location, vendor, key, type, received_at, body, state, events)"
    " SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, 'pending', 0"
    " FROM json_each(?) WHERE true ON CONFLICT (vendor, key) DO NOTHING RETURNING vendor, key"
)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def append(
    connection: sqlite3.Connection, submissions: Sequence[Submission], deliveries: Sequence[Delivery] = ()
) -> Outcomes:
    """Append each submission to its location's log, in order, and insert deliveries, in one transaction.

    Return when all is on disk.
    """
    words = _FIND_LOG, _ADD_LOG, _EXISTING, INSERT_EVENTS, _INSERT_DELIVERIES
    with _transaction(connection):
        return append_within(Appending(connection, partial(fetch_from, connection), *words), submissions, deliveries)
