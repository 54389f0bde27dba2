"""The past of one log, by kind and time: the events that the store holds, and those that left it for the archive.

What left is recalled into a database of the view's own, beside what the store holds of the same kind and time, so
that the store's very statements answer of both; slower, and of so many events at most.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from jorge_data.events.timestamps import micros, moment, rfc3339
from jorge_data.store.archive.archive import Archive, Day
from jorge_data.store.archive.archive_cache import ArchiveCache, refused
from jorge_data.store.event_filter import EventFilter, Stretch
from jorge_data.store.sqlite import read_events
from jorge_data.store.sqlite.fields import Field
from jorge_data.store.sqlite.read_events import EventPlace, EventRow
from jorge_data.store.sqlite.write_rollups import Log

_FIRST, _LAST = micros(datetime(1, 1, 3, tzinfo=UTC)), micros(datetime(9999, 12, 29, tzinfo=UTC))


class ArchivedEvents:
    """Where the events of one log are found, for as long as a view lasts; one thread at a time."""

    def __init__(self, connection: Connection, log: Log, location: str, archive: Archive) -> None:
        self._connection = connection
        self._log = log
        self._location = location
        self._archive = archive
        self._recalled = ArchiveCache(log, archive)

    def among(self, kind: str, stretches: Sequence[Stretch]) -> Connection:
        """Return the database that has all events of a kind in stretches of time: the store's, or the recalled ones'.

        Raise Invalid where too many would be recalled, or where some were deleted.
        """
        spans = _joined(stretches)
        if not spans or self._log.oldest == 1:
            return self._connection
        self._check_kept(spans[0][0])
        recalled = [self._recalled.take(kind, day, self._within(span)) for span in spans for day in self._days(span)]
        if not any(recalled):
            return self._connection
        for start, end in spans:
            self._recalled.take_held(self._connection, kind, Stretch(0, start, end))
        return self._recalled.connection

    def page(
        self,
        sought: EventFilter,
        span: tuple[int, int],
        after: EventPlace | None,
        descending: bool,
        limit: int,
        fields: tuple[Field, ...] = (),
    ) -> list[EventRow]:
        """Return the next so many events in order of time, after a place, a day of the archive at a time.

        Raise Invalid where the span begins among events that were deleted.
        """
        self._check_kept(span[0])
        wanted = sought, span, after, descending, limit, fields
        rows = read_events.page(self._connection, self._log.id, *wanted)
        days = self._days(_left(span, after, descending))
        for day in reversed(days) if descending else days:
            if len(rows) == limit and _is_beyond(day, rows[-1].place.time, descending):
                break
            if self._recalled.take(sought.kind, day, self._within(span)):
                found = read_events.page(self._recalled.connection, self._log.id, *wanted)
                places = {row.place: row for row in (*rows, *found)}
                rows = [places[place] for place in sorted(places, reverse=descending)[:limit]]
        return rows

    def close(self) -> None:
        """Let go of what was recalled."""
        self._recalled.close()

    def _days(self, span: tuple[int, int]) -> list[Day]:
        return [] if self._log.oldest == 1 else self._archive.days(self._location, *self._within(span))

    @staticmethod
    def _within(span: tuple[int, int]) -> tuple[datetime, datetime]:
        return _moment(span[0]), _moment(span[1])

    def _check_kept(self, start: int) -> None:
        """Raise Invalid where events of a span that begins then were deleted."""
        lost = self._log.lost
        if lost is not None and start <= lost:
            begins = _rfc3339(lost // 1_000_000 * 1_000_000 + 1_000_000)
            given = _rfc3339(start) if start > _FIRST else "not given"
            told = f"{begins} or later: the events before were deleted, and only counts of them are left"
            raise refused(given, told)


def _joined(stretches: Iterable[Stretch]) -> list[tuple[int, int]]:
    """Return the spans that stretches cover, in order and apart from each other."""
    spans: list[tuple[int, int]] = []
    for start, end in sorted((part.start, part.end) for part in stretches):
        if spans and start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(end, spans[-1][1])
        else:
            spans.append((start, end))
    return spans


def _left(span: tuple[int, int], after: EventPlace | None, descending: bool) -> tuple[int, int]:
    """Return the part of a span in which the page after a place lies."""
    start, end = span
    if after is None:
        return span
    return (start, min(end, after.time + 1)) if descending else (max(start, after.time), end)


def _is_beyond(day: Day, time: int, descending: bool) -> bool:
    """Say whether all of a day comes after a moment in the order of a page."""
    return day.latest <= _moment(time) if descending else day.earliest > _moment(time)


def _moment(at: int) -> datetime:
    """Return a moment; one that no calendar has is the calendar's first or last."""
    return moment(max(_FIRST, min(at, _LAST)))


def _rfc3339(at: int) -> str:
    return rfc3339(max(_FIRST, min(at, _LAST)))
