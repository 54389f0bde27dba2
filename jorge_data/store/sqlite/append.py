"""Giving out positions on SQLite: which events are new, where each stands, and one statement that keeps them all.

This is the one place that speaks to the driver and not through SQLAlchemy: six statements stand between a publish
and its fsync, and through SQLAlchemy a statement took 19 µs, through the driver 1 µs (`docs/decisions.md`).
"""

import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import orjson

from jorge_data.events import Candidate, Cursor, Record, place
from jorge_data.events.timestamps import micros
from jorge_data.store.base import Bounds, Kept
from jorge_data.store.delivery import Delivery
from jorge_data.store.sqlite.insert_deliveries import insert_deliveries
from jorge_data.store.sqlite.tables import INSERT_EVENTS

# One statement a group instead of one a row: the driver gives the interpreter up at every statement, and on a busy
# server each return costs up to a switch interval (5 ms).
_KNOWN = (
    "SELECT e.source, e.id, e.seq FROM json_each(?) AS name CROSS JOIN events AS e"
    " ON e.log = ? AND e.source = name.value ->> 0 AND e.id = name.value ->> 1"
)
_FIND_LOG = "SELECT id, epoch, oldest, top FROM logs WHERE location = ?"
_ADD_LOG = "INSERT INTO logs (location, epoch, oldest, top) VALUES (?, ?, 1, 0)"
_MOVE_TOP = "UPDATE logs SET top = ? WHERE id = ?"


Submission = tuple[str, Sequence[Candidate]]
"""A location and what is to be appended to its log."""


class Outcomes(NamedTuple):
    """What a group did: for each submission where its events stand, for each location what was added.

    `repeated` says of each delivery whether it had been filed before.
    """

    kept: list[list[Kept]]
    added: list[tuple[Bounds, tuple[Record, ...]]]
    repeated: list[bool]


class _Log:
    """One location's log within one transaction."""

    def __init__(self, connection: sqlite3.Connection, location: str) -> None:
        self.connection = connection
        self.location = location
        row = connection.execute(_FIND_LOG, (location,)).fetchone()
        if row is None:
            connection.execute(_ADD_LOG, (location, secrets.token_hex(4)))
            row = connection.execute(_FIND_LOG, (location,)).fetchone()
        self.id, self.epoch, self.oldest, self.top = row
        self.seqs: dict[tuple[str, str], int] = {}
        self.fresh: list[Candidate] = []

    def look_up(self, candidates: Sequence[Candidate]) -> None:
        """Learn which of these events the log has already."""
        names = orjson.dumps([(c.event.source, c.event.id) for c in candidates]).decode()
        for source, identifier, seq in self.connection.execute(_KNOWN, (names, self.id)):
            self.seqs[source, identifier] = seq

    def place(self, candidate: Candidate) -> Kept:
        """Give an event the next position, or say which it has."""
        name = (candidate.event.source, candidate.event.id)
        duplicate = name in self.seqs
        if not duplicate:
            self.fresh.append(candidate)
            self.seqs[name] = self.top + len(self.fresh)
        return Kept(candidate.event.id, Cursor(self.epoch, self.seqs[name]), duplicate)

    def write(self) -> tuple[Bounds, tuple[Record, ...]]:
        """Keep the new events, and return them as they are served."""
        rows = [
            (seq, e.source, e.id, e.type, e.subject, micros(e.time), body.decode())
            for seq, (e, body) in enumerate(((c.event, c.body) for c in self.fresh), self.top + 1)
        ]
        self.connection.execute(INSERT_EVENTS, (self.id, orjson.dumps(rows).decode()))
        self.connection.execute(_MOVE_TOP, (self.top + len(rows), self.id))
        records = tuple(
            Record(seq, c.event.type, place(c.body, Cursor(self.epoch, seq)))
            for seq, c in enumerate(self.fresh, self.top + 1)
        )
        return Bounds(self.location, self.epoch, self.oldest, self.top + len(rows)), records


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
    """Append each submission to its location's log, in order, and file deliveries, in one transaction.

    Return when all of it is on disk.
    """
    with _transaction(connection):
        kept, added = _append(connection, submissions)
        return Outcomes(kept, added, insert_deliveries(connection, deliveries))


def _append(
    connection: sqlite3.Connection, submissions: Sequence[Submission]
) -> tuple[list[list[Kept]], list[tuple[Bounds, tuple[Record, ...]]]]:
    by_location: dict[str, list[Candidate]] = {}
    for location, candidates in submissions:
        if not candidates:  # nothing begins no log
            continue
        by_location.setdefault(location, []).extend(candidates)
    logs = {location: _Log(connection, location) for location in by_location}
    for location, candidates in by_location.items():
        logs[location].look_up(candidates)
    kept = [[logs[location].place(c) for c in candidates] for location, candidates in submissions]
    return kept, [log.write() for log in logs.values() if log.fresh]
