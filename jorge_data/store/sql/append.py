"""Appending: which events are new, the position of each, and one statement that inserts them all.

Deliveries of the inbox are inserted in the same transaction. Six statements stand between a publish and its commit, so
they go to the engine's own connection: through SQLAlchemy a statement of SQLite's took 19 µs, through the driver 1 µs
(`docs/decisions.md`).
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import orjson

from jorge_data.events import Candidate, Cursor, Record, place
from jorge_data.events.assignment import contacts_named
from jorge_data.events.timestamps import micros
from jorge_data.store.base import AppendResult, Bounds
from jorge_data.store.delivery import Delivery
from jorge_data.store.sql import assignments, audit
from jorge_data.store.sql.assignments import Ask
from jorge_data.store.sql.driver import Driver
from jorge_data.store.sql.log import new_epoch
from jorge_data.store.sql.writing import Added, Outcomes, Submission

_MOVE_TOP = "UPDATE logs SET top = ? WHERE id = ?"
_RELEASE_KEY = "UPDATE deliveries SET key = key || '@' || received_at WHERE vendor = ? AND key = ? AND received_at < ?"
"""Take a key from a delivery that is too old for the next one of that key to be a repeat; the delivery stays."""


class Appending(NamedTuple):
    """An engine's own connection, and its words for what appends.

    `find_log` and `add_log` take a location, the second an epoch too; of what is found nobody else moves the top until
    the transaction ends. `existing` takes names as JSON and a log, `insert_events` a log and rows as JSON,
    `insert_deliveries` rows as JSON: it returns vendor and key of those that are new.
    """

    driver: Driver
    ask: Ask
    find_log: str
    add_log: str
    existing: str
    insert_events: str
    insert_deliveries: str


class _Log:
    """One location's log within one transaction."""

    def __init__(self, engine: Appending, location: str) -> None:
        self.engine = engine
        self.location = location
        row = engine.driver.execute(engine.find_log, (location,)).fetchone()
        if row is None:
            engine.driver.execute(engine.add_log, (location, new_epoch()))
            row = engine.driver.execute(engine.find_log, (location,)).fetchone()
        self.id, self.epoch, self.oldest, self.top = row
        self.seqs: dict[tuple[str, str], int] = {}
        self.new: list[Candidate] = []

    def look_up(self, candidates: Sequence[Candidate]) -> None:
        """Read the positions of those of these events that the log has already."""
        names = orjson.dumps([(c.event.source, c.event.id) for c in candidates]).decode()
        for source, identifier, seq in self.engine.driver.execute(self.engine.existing, (names, self.id)):
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
        self.engine.driver.execute(self.engine.insert_events, (self.id, orjson.dumps(rows).decode()))
        self.engine.driver.execute(_MOVE_TOP, (self.top + len(rows), self.id))
        records = tuple(
            Record(seq, c.event.type, place(c.body, Cursor(self.epoch, seq)))
            for seq, c in enumerate(self.new, self.top + 1)
        )
        return Added(self.id, Bounds(self.location, self.epoch, self.oldest, self.top + len(rows)), records)


def append(engine: Appending, submissions: Sequence[Submission], deliveries: Sequence[Delivery] = ()) -> Outcomes:
    """Append each submission to its location's log, in order, and insert deliveries, within a transaction.

    Of an event that was there already no act is written.
    """
    permitted = [each.candidates if each.agent is None else _own(engine, each, each.agent) for each in submissions]
    by_location: dict[str, list[Candidate]] = {}
    for submission, candidates in zip(submissions, permitted, strict=True):
        if appended := [candidate for candidate in candidates if candidate is not None]:
            by_location.setdefault(submission.location, []).extend(appended)  # an empty one begins no log
    # In order of their names: two servers that both append to two logs do not wait for each other for ever.
    logs = {location: _Log(engine, location) for location in sorted(by_location)}
    for location, appended in by_location.items():
        logs[location].look_up(appended)
    results = [
        [None if candidate is None else logs[submission.location].assign(candidate) for candidate in candidates]
        for submission, candidates in zip(submissions, permitted, strict=True)
    ]
    for submission, each in zip(submissions, results, strict=True):
        for result, act in zip(each, submission.acts, strict=False):
            if act is not None and result is not None and not result.duplicate:
                audit.append(engine.driver, act)
    added = [logs[location].write() for location in by_location if logs[location].new]
    return Outcomes(results, added, _insert_deliveries(engine, deliveries) if deliveries else [])


def _own(engine: Appending, submission: Submission, agent: str) -> list[Candidate | None]:
    """Return what is about an agent's own contacts or nobody's, None for each that is about another's."""
    row = engine.driver.execute(engine.find_log, (submission.location,)).fetchone()
    events = [candidate.event for candidate in submission.candidates]
    named = [contacts_named(event.type, event.subject, event.data) for event in events]
    of = assignments.owners(engine.ask, row[0], named) if row is not None else ({}, {}, {})
    hidden = [each.are_hidden_from(agent, *of) for each in named]
    if submission.together and any(hidden):
        return [None] * len(hidden)
    return [None if each else candidate for candidate, each in zip(submission.candidates, hidden, strict=True)]


def _insert_deliveries(engine: Appending, deliveries: Sequence[Delivery]) -> list[bool]:
    """Insert deliveries in order; return of each whether it is a repeat of one that was received before."""
    ended = [(d.vendor, d.key, micros(d.received_at - d.known_for)) for d in deliveries if d.known_for is not None]
    if ended:
        engine.driver.executemany(_RELEASE_KEY, ended)
    rows = [(d.location, d.vendor, d.key, d.type, micros(d.received_at), d.body.decode()) for d in deliveries]
    new = Counter(engine.driver.execute(engine.insert_deliveries, (orjson.dumps(rows).decode(),)).fetchall())
    repeats = []
    for delivery in deliveries:
        new[delivery.vendor, delivery.key] -= 1  # of two alike in one group the first alone is new
        repeats.append(new[delivery.vendor, delivery.key] < 0)
    return repeats
