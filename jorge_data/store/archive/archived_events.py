"""All events of one log by kind and time: those that the store has, and those that left it for the archive.

What is in the archive is copied into a temporary database of the view, beside what the store has of the same kind and
time, so that the store's own statements read both; slower, and of so many events at most.
"""

from collections.abc import Iterable, Sequence, Set
from datetime import UTC, datetime
from functools import cached_property

from sqlalchemy import Connection

from jorge_data.events.timestamps import micros, moment, rfc3339
from jorge_data.store.archive.archive import Archive, Day
from jorge_data.store.archive.archive_cache import ArchiveCache, span_refused
from jorge_data.store.event_filter import EventPage, EventRow, TimeRange
from jorge_data.store.sql import read_events
from jorge_data.store.sql.log import Log

_FIRST, _LAST = micros(datetime(1, 1, 3, tzinfo=UTC)), micros(datetime(9999, 12, 29, tzinfo=UTC))


class ArchivedEvents:
    """Where the events of one log are read, for as long as a view lasts; one thread at a time."""

    def __init__(self, connection: Connection, log: Log, location: str, archive: Archive) -> None:
        self._connection = connection
        self._log = log
        self._location = location
        self._archive = archive

    @cached_property
    def _cache(self) -> ArchiveCache:
        return ArchiveCache(self._log, self._archive)

    def connection_for(self, kind: str, ranges: Sequence[TimeRange], agent: str | None = None) -> Connection:
        """Return the database that has all events of a kind in ranges of time: the store, or the view's copies.

        `agent`: it also has whose each contact is, where that is not his.

        Raise Invalid where too many would be copied, or where some were deleted.
        """
        spans = _merged(ranges)
        if not spans or self._log.oldest == 1:
            return self._connection
        self._check_deleted(spans[0][0])
        copied = [self._cache.copy_archived(kind, day, _moments(span)) for span in spans for day in self._days(span)]
        if not any(copied):
            return self._connection
        for start, end in spans:
            self._cache.copy_stored(self._connection, kind, TimeRange(0, start, end))
        if agent is not None:
            self._cache.copy_assignments(self._connection, agent)
        return self._cache.connection

    def read_page(self, page: EventPage) -> list[EventRow]:
        """Return a page of events in order of time, read a day of the archive at a time.

        Raise Invalid where the span begins among events that were deleted.
        """
        self._check_deleted(page.span[0])
        rows = read_events.read_page(self._connection, self._log.id, page)
        if self._log.oldest == 1:  # nothing has left the store
            return rows
        days = self._days(_after_key(page))
        for day in reversed(days) if page.descending else days:
            if len(rows) == page.limit and _follows(day, rows[-1].key.time, page.descending):
                break
            if self._cache.copy_archived(page.filter.kind, day, _moments(page.span)):
                if page.filter.agent is not None:
                    self._cache.copy_assignments(self._connection, page.filter.agent)
                archived = read_events.read_page(self._cache.connection, self._log.id, page)
                by_key = {row.key: row for row in (*rows, *archived)}
                rows = [by_key[key] for key in sorted(by_key, reverse=page.descending)[: page.limit]]
        return rows

    @property
    def left_out(self) -> Set[str]:
        """The names of the day files that were asked for and cannot be read."""
        return self._cache.left_out if "_cache" in self.__dict__ else frozenset()

    def close(self) -> None:
        """Drop the copies."""
        if "_cache" in self.__dict__:
            self._cache.close()

    def _days(self, span: tuple[int, int]) -> list[Day]:
        return self._archive.days(self._location, *_moments(span))

    def _check_deleted(self, start: int) -> None:
        """Raise Invalid where events of a span that begins then were deleted."""
        lost = self._log.lost
        if lost is not None and start <= lost:
            begins = rfc3339(_in_calendar(lost // 1_000_000 * 1_000_000 + 1_000_000))
            value = rfc3339(_in_calendar(start)) if start > _FIRST else "not given"
            allowed = f"{begins} or later: the events before were deleted, and only counts of them are left"
            raise span_refused(value, allowed)


def _merged(ranges: Iterable[TimeRange]) -> list[tuple[int, int]]:
    """Return the spans that ranges cover, in order and without overlaps."""
    spans: list[tuple[int, int]] = []
    for start, end in sorted((each.start, each.end) for each in ranges):
        if spans and start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    return spans


def _after_key(page: EventPage) -> tuple[int, int]:
    """Return the part of a page's span that is after its sort key, in which the page lies."""
    start, end = page.span
    if page.after is None:
        return page.span
    return (start, min(end, page.after.time + 1)) if page.descending else (max(start, page.after.time), end)


def _follows(day: Day, time: int, descending: bool) -> bool:
    """Return whether all of a day comes after a moment in the order of a page."""
    at = moment(_in_calendar(time))
    return day.latest <= at if descending else day.earliest > at


def _moments(span: tuple[int, int]) -> tuple[datetime, datetime]:
    return moment(_in_calendar(span[0])), moment(_in_calendar(span[1]))


def _in_calendar(at: int) -> int:
    """Return a moment, or where Python's calendar does not reach so far, its first or last one."""
    return max(_FIRST, min(at, _LAST))
