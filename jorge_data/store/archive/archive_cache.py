"""Copies of archived events in a temporary database, so that the store's own statements read them."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import TypeVar

import orjson
from sqlalchemy import Connection, StaticPool, create_engine

from jorge_data.errors import Invalid
from jorge_data.events import Record, decode, encode
from jorge_data.events.timestamps import micros
from jorge_data.store.archive.archive import Archive, Day, DayUnreadable
from jorge_data.store.event_filter import EventFilter, EventRow, TimeRange
from jorge_data.store.sql import read_events
from jorge_data.store.sql.assignments import others_of
from jorge_data.store.sql.log import Log
from jorge_data.store.sql.tables import assignments, deal_contacts, events
from jorge_data.store.sqlite.triggers import INSERT_EVENTS

MOST = 200_000
"""Most events that one view copies: a few seconds."""

AT_ONCE = 5_000
"""Events of one statement."""

_TOP = (1 << 63) - 1

# Without the store's unique names: an event that was archived may have been published again, and both count.
_TABLE = """
CREATE TABLE events (
    log INTEGER, seq INTEGER, source TEXT, id TEXT, type TEXT, subject TEXT, time INTEGER, body TEXT,
    contact TEXT AS (body ->> '$.data.contact_id'), property TEXT AS (body ->> '$.data.property_id'),
    PRIMARY KEY (log, seq)) WITHOUT ROWID
"""
_INSERT = INSERT_EVENTS.replace("INSERT", "INSERT OR IGNORE", 1)
"""Spans may overlap: what is there already is the same."""

_COPY = "INSERT INTO {} SELECT ?1, value ->> 0, value ->> 1, 0, 0 FROM json_each(?2)"

_INDEXES = {"events_time", "events_alerts_contact", "events_alerts_property"}

Columns = tuple[int, str, str, str, str | None, int, str]
"""Position, source, id, kind, subject, time and body of an event, as INSERT_EVENTS takes them."""

T = TypeVar("T")


class ArchiveCache:
    """The events of one log that a view has copied, each once; one thread at a time."""

    def __init__(self, log: Log, archive: Archive) -> None:
        self._log = log
        self._archive = archive
        self._copied: dict[tuple[str, object, object], int] = {}
        self.left_out: set[str] = set()  # the names of files that cannot be read
        self._remaining = MOST
        self._has_assignments = False

    @cached_property
    def connection(self) -> Connection:
        """The database, which SQLite keeps in memory until it grows, then in a file that nobody else sees."""
        engine = create_engine(
            "sqlite://", creator=lambda: sqlite3.connect(""), poolclass=StaticPool, hide_parameters=True
        )
        connection = engine.connect()
        connection.exec_driver_sql(_TABLE)
        for table in (assignments, deal_contacts):
            table.create(connection)
        for index in events.indexes:
            if index.name in _INDEXES:
                index.create(connection)
        return connection

    def copy_archived(self, kind: str, day: Day, span: tuple[datetime, datetime]) -> int:
        """Copy the events of a kind and a span from a day's file; return how many there are, 0 of one left out."""
        name = kind, day.path, span
        if name not in self._copied:
            records = self._archive.read([day], self._log.archived, kind, *span)
            try:
                copies = [_from_record(record) for record in self._limited(records)]
            except DayUnreadable as error:
                self.left_out.add(error.name)
                copies = []
            self._copied[name] = self._insert(copies)
        return self._copied[name]

    def copy_stored(self, store: Connection, kind: str, span: TimeRange) -> None:
        """Copy the events of a kind and a span that the store still has."""
        name = kind, span.start, span.end
        if name not in self._copied:
            rows = read_events.in_ranges(store, self._log.id, EventFilter(kind, _TOP), [span], self._remaining + 1)
            self._copied[name] = self._insert([_from_row(row, kind) for row in self._limited(rows)])

    def copy_assignments(self, store: Connection, agent: str) -> None:
        """Copy whose contacts are, of those that are another's than this agent's, and of which contact deals are."""
        if self._has_assignments:
            return
        self._has_assignments = True
        for table, rows in others_of(store, self._log.id, agent).items():
            self.connection.exec_driver_sql(_COPY.format(table), (self._log.id, orjson.dumps(rows).decode()))

    def close(self) -> None:
        """Drop the database."""
        if "connection" in self.__dict__:
            self.connection.close()
            self.connection.engine.dispose()

    def _limited(self, copies: Iterable[T]) -> list[T]:
        """Return the events and count them against MOST; raise Invalid where they are too many."""
        some = list(islice(copies, self._remaining + 1))
        if len(some) > self._remaining:
            allowed = f"a shorter span: {MOST} events at most are read where some are in the archive"
            raise span_refused("too early", allowed)
        self._remaining -= len(some)
        return some

    def _insert(self, copies: Sequence[Columns]) -> int:
        for start in range(0, len(copies), AT_ONCE):
            rows = orjson.dumps(copies[start : start + AT_ONCE]).decode()
            self.connection.exec_driver_sql(_INSERT, (self._log.id, rows))
        return len(copies)


def span_refused(value: str, allowed: str) -> Invalid:
    """Return the error of a query that begins too early."""
    fault = {"pointer": "/query/from", "value": value, "detail": f"allowed: {allowed}"}
    return Invalid(f"from is {value}: allowed is {allowed}", faults=[fault])


def _from_record(record: Record) -> Columns:
    event = decode(record.wire)
    body = encode(event).decode()
    return record.seq, event.source, event.id, event.type, event.subject, micros(event.time), body


def _from_row(row: EventRow, kind: str) -> Columns:
    event = orjson.loads(row.body)
    return row.key.seq, event["source"], event["id"], kind, event["subject"], row.key.time, row.body
