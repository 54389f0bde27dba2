"""A view of one location's log: many reads, all as of one moment."""

from collections.abc import Callable, Collection, Sequence
from functools import cached_property, partial
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from jorge_data.errors import StoreDamaged
from jorge_data.events import Cursor, Event, Record
from jorge_data.events.timestamps import micros
from jorge_data.store.archive.archive import Archive, day_named
from jorge_data.store.archive.archived_events import ArchivedEvents
from jorge_data.store.event_filter import EventFilter, EventPage, EventRow, Field, Measure, TimeRange
from jorge_data.store.log_page import Hole, Page
from jorge_data.store.rollup_types import Sum, Watermark
from jorge_data.store.sql import assignments, ranking, read_events, statements
from jorge_data.store.sql.driver import AllRows, all_rows, fetch
from jorge_data.store.sql.entities import SQLEntities, analyses
from jorge_data.store.sql.facts import SQLFacts
from jorge_data.store.sql.log import Log, find_log, read_watermark
from jorge_data.store.sql.read_events import parameters
from jorge_data.store.sql.read_rollups import SQLRollups, to_sum
from jorge_data.store.sql.tables import events, words

_NO_LOG = Log(-1, "", 0)
_WORDS = select(words.c.kind, words.c.dim, words.c.value).where(words.c.log == bindparam("log"))


ReadLog = Callable[[Connection, Log, int, int, frozenset[str] | None, Callable[[], list[Record]]], Page]
"""How an engine reads a log in order: connection, log, position, limit, kinds, and what reads the records at once."""


class SQLLogView:
    """`log_view.LogView` in one read transaction."""

    def __init__(
        self,
        connection: Connection,
        location: str,
        archive: Archive,
        read_log: ReadLog,
        met: Callable[[str, Hole], None] = lambda epoch, hole: None,
    ) -> None:
        self._connection = connection
        self._read_log = read_log
        self._met = met  # called with the epoch and each hole that is met in it
        self._location = location
        self._archive = archive
        self._log = find_log(connection, location) or _NO_LOG
        self.epoch = self._log.epoch
        self.top = self._log.top
        self.oldest = self._log.oldest
        self.lost = self._log.lost
        self.watermark: Watermark | None = read_watermark(connection, self._log.id)
        self.position = self.watermark.cursor if self.watermark else Cursor("", 0)
        # While rollups are cleared, in parts, there is no watermark: what is left of them belongs to nothing any more.
        self._folded = self._log.id if self.watermark else _NO_LOG.id
        self.rollups = SQLRollups(connection, self._folded)
        self._events = ArchivedEvents(connection, self._log, location, archive)
        self._left_out: set[str] = set()

    @cached_property
    def facts(self) -> SQLFacts:
        return SQLFacts(self._connection, self._folded)

    @cached_property
    def entities(self) -> SQLEntities:
        return SQLEntities(self._connection, self._folded)

    def close(self) -> None:
        """Drop the copies of archived events."""
        self._events.close()

    def read(self, after: int, limit: int) -> Page:
        positions = limit
        while (gone := min(self._log.oldest - 1 - after, positions)) > 0:
            archived = self._archive.records(self._location, self._log.archived, after, gone)
            self._left_out |= archived.left_out
            if records := archived.records[:limit]:
                return Page(records, records[-1].seq)
            if not archived.left_out:
                break
            after, positions = after + gone, 2 * positions
        connection, log = self._connection, self._log
        page = self._read_log(
            connection,
            log,
            after,
            limit,
            None,
            lambda: read_events.records(connection, log.id, log.epoch, after, limit),
        )
        if page.unreadable is not None:
            self._met(self.epoch, page.unreadable)
        return page

    @property
    def left_out(self) -> frozenset[str]:
        return frozenset(self._left_out | self._events.left_out)

    def not_counted(self, start: int | None, end: int) -> frozenset[str]:
        folded = () if self.watermark is None else self.watermark.left_out
        days = {name: day_named(name) for name in folded}
        return frozenset(
            name
            for name, day in days.items()
            if day is None or (micros(day.earliest) < end and (start is None or start < micros(day.latest)))
        )

    @property
    def whole(self) -> bool:
        if self._log.oldest == 1 or self.lost is not None:
            return self.lost is None
        first = self.read(0, 1).records
        return bool(first) and (first[0].seq == 1 or bool(self._left_out))

    def words(self) -> list[tuple[str, str, str]]:
        return [(kind, dim, value) for kind, dim, value in fetch(self._connection, _WORDS, {"log": self._folded})]

    def newest(self, kinds: Collection[str]) -> int | None:
        newest = [
            self._connection.execute(
                select(func.max(events.c.time)).where(events.c.log == self._log.id, events.c.type == kind)
            ).scalar_one()
            for kind in kinds
        ]
        return max((time for time in newest if time is not None), default=None)

    def count(self, kind: str, ranges: Sequence[TimeRange]) -> int:
        connection = self._events.connection_for(kind, ranges)
        values = parameters(self._log.id, EventFilter(kind, (1 << 63) - 1), ranges)
        count: int = fetch(connection, statements.COUNT, values)[0][0]
        return count

    def aggregate(
        self, event_filter: EventFilter, ranges: Sequence[TimeRange], by: Sequence[Field], measure: Measure | None
    ) -> list[Sum]:
        conditions, visible = event_filter.conditions, event_filter.visible
        rows = self._rows(statements.aggregate(conditions, tuple(by), measure, visible), event_filter, ranges)
        return [to_sum(row, len(by), row[0]) for row in rows]

    def ranked(self, event_filter: EventFilter, span: TimeRange, by: Sequence[Field], most: int) -> list[Sum] | None:
        kind, top, conditions, agent = event_filter
        if agent is not None:
            return None
        if kind != "property_alert" or conditions or len(by) != 1 or by[0].name not in ranking.COLUMN_OF:
            return None
        if self._events.connection_for(kind, [span]) is not self._connection:
            return None
        within = {"log": self._log.id, "start": span.start, "end": span.end, "top": top}
        counts = ranking.ranked(self._connection, by[0].name, within, most)
        return None if counts is None else [Sum(span.bucket, (name,), n, 0, None, None) for name, n in counts]

    def leading(self, event_filter: EventFilter, span: TimeRange, by: Sequence[Field], most: int) -> list[Sum]:
        statement = statements.leading(event_filter.conditions, tuple(by), event_filter.visible)
        rows = self._rows(statement, event_filter, [span], most=most)
        return [Sum(row[0], tuple(row[1:-1]), row[-1], 0, None, None) for row in rows]

    def values(
        self, event_filter: EventFilter, ranges: Sequence[TimeRange], by: Sequence[Field], measure: Measure
    ) -> list[tuple[int, tuple[str, ...], int, int]]:
        conditions, visible = event_filter.conditions, event_filter.visible
        rows = self._rows(statements.values(conditions, tuple(by), measure, visible), event_filter, ranges)
        return [(row[0], tuple(row[1:-2]), row[-2], row[-1]) for row in rows]

    def distinct(
        self, event_filter: EventFilter, ranges: Sequence[TimeRange], by: Sequence[Field], field: Field
    ) -> list[Sum]:
        conditions, visible = event_filter.conditions, event_filter.visible
        rows = self._rows(statements.distinct(conditions, tuple(by), field, visible), event_filter, ranges)
        return [Sum(row[0], tuple(row[1:-2]), row[-2], row[-1], None, None) for row in rows]

    def events(self, event_filter: EventFilter, ranges: Sequence[TimeRange], limit: int) -> list[EventRow]:
        connection = self._events.connection_for(event_filter.kind, ranges, event_filter.agent)
        return read_events.in_ranges(connection, self._log.id, event_filter, ranges, limit)

    def events_page(self, page: EventPage) -> list[EventRow]:
        return self._events.read_page(page)

    def analyses(self, ids: Collection[str]) -> list[Record]:
        return analyses(self._connection, self._log.id, self.epoch, ids)

    def newest_about(self, subject: str, kind: str) -> Event | None:
        return read_events.newest_about(self._connection, self._log.id, self.epoch, subject, kind)

    def agents_of(self, contacts: Collection[str]) -> dict[str, str]:
        return assignments.agents_of(partial(fetch, self._connection), self._log.id, contacts)

    def hidden(self, positions: Collection[int], agent: str) -> set[int]:
        return assignments.hidden_positions(partial(fetch, self._connection), self._log.id, positions, agent)

    def names_since(self, after: int) -> dict[str, str]:
        return self.entities.names_since(after, self.position.seq)

    def next_report(self, bot: str, after: tuple[int, int]) -> tuple[int, int] | None:
        try:
            return read_events.next_report(self._connection, self._log.id, bot, after, self.position.seq)
        except StoreDamaged:
            return None

    def _rows(
        self, statement: AllRows, event_filter: EventFilter, ranges: Sequence[TimeRange], **further: int
    ) -> Sequence[Sequence[Any]]:
        connection = self._events.connection_for(event_filter.kind, ranges, event_filter.agent)
        return all_rows(connection, statement, parameters(self._log.id, event_filter, ranges) | further)
