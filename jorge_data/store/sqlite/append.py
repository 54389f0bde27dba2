"""Appending on SQLite: which events are new, the position of each, and one statement that inserts them all.

Deliveries of the inbox are inserted in the same transaction.

This is the one place that speaks to the driver and not through SQLAlchemy: six statements stand between a publish
and its fsync, and through SQLAlchemy a statement took 19 µs, through the driver 1 µs (`docs/decisions.md`).
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import orjson

from jorge_data.events import Candidate, Cursor, Record, place
from jorge_data.events.assignment import contacts_named
from jorge_data.events.timestamps import micros
from jorge_data.store.base import AppendResult, Bounds
from jorge_data.store.delivery import Delivery
from jorge_data.store.sql import assignments, audit
from jorge_data.store.sql.writing import Added, Outcomes, Submission
from jorge_data.store.sqlite.driver import fetch_from
from jorge_data.store.sqlite.mark import new_epoch
from jorge_data.store.sqlite.triggers import INSERT_EVENTS

# One statement a group instead of one a row: the driver gives the interpreter up at every statement, and on a busy
# server each return costs up to a switch interval (5 ms).
_EXISTING = (
    "SELECT e.source, e.id, e.seq FROM json_each(?) AS name CROSS JOIN events AS e"
    " ON e.log = ? AND e.source = name.value ->> 0 AND e.id = name.value ->> 1"
)
_FIND_LOG = "SELECT id, epoch, oldest, top FROM logs WHERE location = ?"
_ADD_LOG = "INSERT INTO logs (location, epoch, oldest, top) VALUES (?, ?, 1, 0)"
_MOVE_TOP = "UPDATE logs SET top = ? WHERE id = ?"
# `WHERE true` tells the parser that ON belongs to the INSERT.
_INSERT_DELIVERIES = (
    "INSERT INTO deliveries (location, vendor, key, type, received_at, body, state, events)"
    " SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, 'pending', 0"
    " FROM json_each(?) WHERE true ON CONFLICT (vendor, key) DO NOTHING RETURNING vendor, key"
)
_RELEASE_KEY = "UPDATE deliveries SET key = key || '@' || received_at WHERE vendor = ? AND key = ? AND received_at < ?"
"""Take a key from a delivery that is too old for the next one of that key to be a repeat; the delivery stays."""


class _Log:
    """One location's log within one transaction."""

    def __init__(self, connection: sqlite3.Connection, location: str) -> None:
        self.connection = connection
        self.location = location
        row = connection.execute(_FIND_LOG, (location,)).fetchone()
        if row is None:
            connection.execute(_ADD_LOG, (location, new_epoch()))
            row = connection.execute(_FIND_LOG, (location,)).fetchone()
        self.id, self.epoch, self.oldest, self.top = row
        self.seqs: dict[tuple[str, str], int] = {}
        self.new: list[Candidate] = []

    def look_up(self, candidates: Sequence[Candidate]) -> None:
        """Read the positions of those of these events that the log has already."""
        names = orjson.dumps([(c.event.source, c.event.id) for c in candidates]).decode()
        for source, identifier, seq in self.connection.execute(_EXISTING, (names, self.id)):
            self.seqs[source, identifier] = seq

    def assign(self, candidate: Candidate) -> AppendResult:
        """Give an event the next position, or return the one that it has."""
        name = (candidate.event.source, candidate.event.id)
        duplicate = name in self.seqs
        if not duplicate:
            self.new.append(candidate)
            self.seqs[name] = self.top + len(self.new)
        return AppendResult(candidate.event.id, Cursor(self.epoch, self.seqs[name]), duplicate)

    def write(self) -> Added:
        """Insert the new events, and return them as they are served."""
        rows = [
            (seq, e.source, e.id, e.type, e.subject, micros(e.time), body.decode())
            for seq, (e, body) in enumerate(((c.event, c.body) for c in self.new), self.top + 1)
        ]
        self.connection.execute(INSERT_EVENTS, (self.id, orjson.dumps(rows).decode()))
        self.connection.execute(_MOVE_TOP, (self.top + len(rows), self.id))
        records = tuple(
            Record(seq, c.event.type, place(c.body, Cursor(self.epoch, seq)))
            for seq, c in enumerate(self.new, self.top + 1)
        )
        return Added(self.id, Bounds(self.location, self.epoch, self.oldest, self.top + len(rows)), records)


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

    Of an event that was there already no act is written. Return when all is on disk.
    """
    with _transaction(connection):
        permitted = [
            each.candidates if each.agent is None else _own(connection, each, each.agent) for each in submissions
        ]
        by_location: dict[str, list[Candidate]] = {}
        for submission, candidates in zip(submissions, permitted, strict=True):
            if appended := [candidate for candidate in candidates if candidate is not None]:
                by_location.setdefault(submission.location, []).extend(appended)  # an empty one begins no log
        logs = {location: _Log(connection, location) for location in by_location}
        for location, appended in by_location.items():
            logs[location].look_up(appended)
        results = [
            [None if candidate is None else logs[submission.location].assign(candidate) for candidate in candidates]
            for submission, candidates in zip(submissions, permitted, strict=True)
        ]
        for submission, each in zip(submissions, results, strict=True):
            for result, act in zip(each, submission.acts, strict=False):
                if act is not None and result is not None and not result.duplicate:
                    audit.append(connection, act)
        added = [log.write() for log in logs.values() if log.new]
        return Outcomes(results, added, _insert_deliveries(connection, deliveries) if deliveries else [])


def _own(connection: sqlite3.Connection, submission: Submission, agent: str) -> list[Candidate | None]:
    """Return what is about an agent's own contacts or nobody's, None for each that is about another's."""
    row = connection.execute(_FIND_LOG, (submission.location,)).fetchone()
    events = [candidate.event for candidate in submission.candidates]
    named = [contacts_named(event.type, event.subject, event.data) for event in events]
    of = assignments.owners(partial(fetch_from, connection), row[0], named) if row is not None else ({}, {}, {})
    hidden = [each.are_hidden_from(agent, *of) for each in named]
    if submission.together and any(hidden):
        return [None] * len(hidden)
    return [None if each else candidate for candidate, each in zip(submission.candidates, hidden, strict=True)]


def _insert_deliveries(connection: sqlite3.Connection, deliveries: Sequence[Delivery]) -> list[bool]:
    """Insert deliveries in order; return of each whether it is a repeat of one that was received before."""
    ended = [(d.vendor, d.key, micros(d.received_at - d.known_for)) for d in deliveries if d.known_for is not None]
    if ended:
        connection.executemany(_RELEASE_KEY, ended)
    rows = [(d.location, d.vendor, d.key, d.type, micros(d.received_at), d.body.decode()) for d in deliveries]
    new = Counter(connection.execute(_INSERT_DELIVERIES, (orjson.dumps(rows).decode(),)).fetchall())
    repeats = []
    for delivery in deliveries:
        new[delivery.vendor, delivery.key] -= 1  # of two alike in one group the first alone is new
        repeats.append(new[delivery.vendor, delivery.key] < 0)
    return repeats
