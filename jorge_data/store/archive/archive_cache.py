"""Recalled events: what left the store for the archive, in a temporary database that the store's statements read."""

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
from jorge_data.store.archive.archive import Archive, Day
from jorge_data.store.event_filter import EventFilter, Stretch
from jorge_data.store.sqlite import read_events
from jorge_data.store.sqlite.read_events import EventRow
from jorge_data.store.sqlite.tables import INSERT_EVENTS, events
from jorge_data.store.sqlite.write_rollups import Log

MOST = 200_000
"""Most events that one view recalls: a few seconds."""

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

_INDEXES = {"events_time", "events_alerts_contact", "events_alerts_property"}

Kept = tuple[int, str, str, str, str | None, int, str]
"""Position, source, id, kind, subject, time and body of an event, as the store's table has them."""

T = TypeVar("T")


class ArchiveCache:
    """The events of one log that a view has recalled, each once; one thread at a time."""

    def __init__(self, log: Log, archive: Archive) -> None:
        self._log = log
        self._archive = archive
        self._taken: dict[tuple[str, object, object], int] = {}
        self._room = MOST

    @cached_property
    def connection(self) -> Connection:
        """The database, which SQLite keeps in memory until it grows, then in a file that nobody else sees."""
        engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(""), poolclass=StaticPool)
        connection = engine.connect()
        connection.exec_driver_sql(_TABLE)
        for index in events.indexes:
            if index.name in _INDEXES:
                index.create(connection)
        return connection

    def take(self, kind: str, day: Day, span: tuple[datetime, datetime]) -> int:
        """Recall what a day's file has of a kind and a span; return how many events that are."""
        name = kind, day.path, span
        if name not in self._taken:
            found = self._archive.read([day], self._log.epoch, self._log.oldest, kind, *span)
            self._taken[name] = self._keep([_kept(record) for record in self._bounded(found)])
        return self._taken[name]

    def take_held(self, store: Connection, kind: str, stretch: Stretch) -> None:
        """Put what the store holds of a kind and a stretch beside what is recalled."""
        name = kind, stretch.start, stretch.end
        if name not in self._taken:
            found = read_events.stretch(store, self._log.id, EventFilter(kind, _TOP), [stretch], self._room + 1)
            self._taken[name] = self._keep([_held(row, kind) for row in self._bounded(found)])

    def close(self) -> None:
        """Let go of the database."""
        if "connection" in self.__dict__:
            self.connection.close()
            self.connection.engine.dispose()

    def _bounded(self, found: Iterable[T]) -> list[T]:
        """Take what was found out of the room that is left; raise Invalid where it has not enough."""
        some = list(islice(found, self._room + 1))
        if len(some) > self._room:
            told = f"a shorter span: {MOST} events at most are read where some are in the archive"
            raise refused("too early", told)
        self._room -= len(some)
        return some

    def _keep(self, kept: Sequence[Kept]) -> int:
        for start in range(0, len(kept), AT_ONCE):
            rows = orjson.dumps(kept[start : start + AT_ONCE]).decode()
            self.connection.exec_driver_sql(_INSERT, (self._log.id, rows))
        return len(kept)


def refused(value: str, allowed: str) -> Invalid:
    """Return the refusal of a question by where it begins."""
    fault = {"pointer": "/query/from", "value": value, "detail": f"allowed: {allowed}"}
    return Invalid(f"from is {value}: allowed is {allowed}", faults=[fault])


def _kept(record: Record) -> Kept:
    event = decode(record.wire)
    body = encode(event).decode()
    return record.seq, event.source, event.id, event.type, event.subject, micros(event.time), body


def _held(row: EventRow, kind: str) -> Kept:
    said = orjson.loads(row.body)
    return row.place.seq, said["source"], said["id"], kind, said["subject"], row.place.time, row.body
