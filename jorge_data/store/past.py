"""The past of one log, by kind and time: the events that the store holds, and those that left it for the archive.

What left is recalled into a database of the view's own, beside what the store holds of the same kind and time, so
that the store's very statements answer of both; slower, and of so many events at most.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, StaticPool, create_engine, select

from jorge_data.errors import Invalid
from jorge_data.events import Record, decode, encode
from jorge_data.store import history
from jorge_data.store.archive import Archive, Day
from jorge_data.store.history import Place, Row
from jorge_data.store.sought import Sought, Stretch
from jorge_data.store.tables import INSERT_EVENTS, events
from jorge_data.store.watermark import Log

MOST = 200_000
"""Most events that one view recalls: a few seconds."""

AT_ONCE = 5_000
"""Events of one statement."""

_1970 = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST, _LAST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)
_TOP = (1 << 63) - 1

T = TypeVar("T")

Kept = tuple[int, str, str, str, str | None, int, str]
"""Position, source, id, kind, subject, time and body of an event, as the store's table has them."""


class Past:
    """Where the events of one log are found, for as long as a view lasts; one thread at a time."""

    def __init__(self, connection: Connection, log: Log, newest: int, location: str, archive: Archive) -> None:
        self._connection = connection
        self._log = log
        self._newest = newest  # of what is folded, and so of what was removed
        self._location = location
        self._archive = archive
        self._recalled: dict[tuple[Any, ...], Connection] = {}
        self._room = MOST

    def among(self, kind: str, stretches: Sequence[Stretch]) -> Connection:
        """Return the database that has all events of a kind in stretches of time: the store's, or one of recalled ones.

        Raise Invalid where too many would be recalled, or where some were deleted.
        """
        spans = _joined(stretches)
        if self._log.oldest == 1 or not spans:
            return self._connection
        days = self._archive.days(self._location, _moment(spans[0][0]), _moment(spans[-1][1]))
        self._check_kept(spans[0][0], archived=bool(days))
        return self._recall(kind, days, spans, with_held=True) if days else self._connection

    def page(
        self, sought: Sought, span: tuple[int, int], after: Place | None, descending: bool, limit: int
    ) -> list[Row]:
        """Return the next so many events in order of time, after a place, a day of the archive at a time."""
        rows = history.page(self._connection, self._log.id, sought, span, after, descending, limit)
        for day in self._days(span, after, descending):
            if len(rows) == limit and _is_beyond(day, rows[-1].place.time, descending):
                break
            recalled = self._recall(sought.kind, [day], [span], with_held=False)
            found = history.page(recalled, self._log.id, sought, span, after, descending, limit)
            rows = sorted([*rows, *found], key=lambda row: row.place, reverse=descending)[:limit]
        return rows

    def close(self) -> None:
        """Let go of what was recalled."""
        for connection in self._recalled.values():
            connection.close()
            connection.engine.dispose()

    def _days(self, span: tuple[int, int], after: Place | None, descending: bool) -> list[Day]:
        if self._log.oldest == 1:
            return []
        start, end = span
        if after is not None:
            start, end = (start, min(end, after.time + 1)) if descending else (max(start, after.time), end)
        days = self._archive.days(self._location, _moment(start), _moment(end))
        return days[::-1] if descending else days

    def _check_kept(self, start: int, archived: bool) -> None:
        """Raise Invalid where events of a span that begins then were deleted and are not in the archive either."""
        if start >= (begins := self._begins()):
            return
        gone = self._log.oldest - 1
        if archived and self._archive.count(self._location, self._log.epoch, self._log.oldest) >= gone:
            return
        told = f"{_moment(begins).isoformat()} or later: of what was before, the events were deleted"
        raise _refused(_moment(start).isoformat(), told)

    def _begins(self) -> int:
        """Return a moment before which all happened that was removed."""
        query = select(events.c.time).where(events.c.log == self._log.id, events.c.seq == self._log.oldest)
        first: int | None = self._connection.execute(query).scalar_one_or_none()
        return self._newest + 1 if first is None else first

    def _recall(self, kind: str, days: Sequence[Day], spans: Sequence[tuple[int, int]], with_held: bool) -> Connection:
        name = kind, tuple(day.path for day in days), tuple(spans), with_held
        if name not in self._recalled:
            kept = self._archived(kind, days, spans)
            if with_held:
                kept = [*kept, *self._held(kind, spans)]
            self._recalled[name] = self._filled(kept)
        return self._recalled[name]

    def _archived(self, kind: str, days: Sequence[Day], spans: Sequence[tuple[int, int]]) -> list[Kept]:
        found = (
            record
            for start, end in spans
            for record in self._archive.read(
                days, self._log.epoch, self._log.oldest, kind, _moment(start), _moment(end)
            )
        )
        return [_kept(record) for record in self._bounded(found)]

    def _held(self, kind: str, spans: Sequence[tuple[int, int]]) -> Iterator[Kept]:
        stretches = [Stretch(0, *span) for span in spans]
        rows = history.stretch(self._connection, self._log.id, Sought(kind, _TOP), stretches, self._room + 1)
        for row in self._bounded(rows):
            said = orjson.loads(row.body)
            yield row.place.seq, said["source"], said["id"], kind, said["subject"], row.place.time, row.body

    def _bounded(self, found: Iterable[T]) -> list[T]:
        """Take what was found out of the room that is left; raise Invalid where it has not enough."""
        some = list(islice(found, self._room + 1))
        self._room -= len(some)
        if self._room < 0:
            told = f"a shorter span: {MOST} events at most are read where some are in the archive"
            raise _refused("too early", told)
        return some

    def _filled(self, kept: Sequence[Kept]) -> Connection:
        """Return a temporary database, which SQLite moves to a file of its own where it grows, with these events."""
        engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(""), poolclass=StaticPool)
        events.create(engine)
        connection = engine.connect()
        for start in range(0, len(kept), AT_ONCE):
            rows = orjson.dumps(kept[start : start + AT_ONCE]).decode()
            connection.exec_driver_sql(INSERT_EVENTS, (self._log.id, rows))
        return connection


def _kept(record: Record) -> Kept:
    event = decode(record.wire)
    time = (event.time - _1970) // _MICROSECOND
    return record.seq, event.source, event.id, event.type, event.subject, time, encode(event).decode()


def _joined(stretches: Sequence[Stretch]) -> list[tuple[int, int]]:
    """Return the spans that stretches cover, in order and apart from each other."""
    spans: list[tuple[int, int]] = []
    for start, end in sorted((part.start, part.end) for part in stretches):
        if spans and start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    return spans


def _is_beyond(day: Day, time: int, descending: bool) -> bool:
    """Say whether all of a day comes after a moment in the order of a page."""
    return day.latest <= _moment(time) if descending else day.earliest > _moment(time)


def _moment(at: int) -> datetime:
    """Return a moment; one that no calendar has is the calendar's first or last."""
    first, last = ((bound - _1970) // _MICROSECOND for bound in (_FIRST, _LAST))
    return _1970 + _MICROSECOND * max(first, min(at, last))


def _refused(value: str, allowed: str) -> Invalid:
    fault = {"pointer": "/query/from", "value": value, "detail": f"allowed: {allowed}"}
    return Invalid(f"from is {value}: allowed is {allowed}", faults=[fault])
