"""The rows of a table of events of a kind, or of the facts that are made from them."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from jorge_data.metrics.entities import CUBES, DISTINCT, FREE, Fact, Rules, Vocabulary
from jorge_data.server.query.from_events import conditions_of
from jorge_data.server.query.from_rollups import SCAN, check_scan, count_facts, facts_of_event
from jorge_data.server.query.query_schema import ENVELOPE, event_of, fields_of
from jorge_data.server.query.table_request import TableQuery
from jorge_data.store import Condition, EventFilter, EventPage, EventRow, EventSortKey, Field, LogView, TimeRange

MOST_READ = 1000
"""Events read at once where it is not known how many of them are rows."""


class EventCursor(NamedTuple):
    """Where a page ends: at an event, after so many of its facts, in the log as it was at a position."""

    time: int
    seq: int
    facts: int
    top: int


class EventRows:
    """The rows of a table query, in its order; conditions on fields go to SQL, others are checked here."""

    def __init__(self, view: LogView, query: TableQuery, span: tuple[int, int], rules: Rules) -> None:
        self._view, self._query, self._span, self._rules = view, query, span, rules
        self._event = event_of(query.kind) or query.kind
        plain = [condition for condition in query.where if self._is_plain(condition)]
        self._derived = [condition for condition in query.where if condition not in plain]
        self._after = None if query.after is None else EventCursor(*query.after)
        # All pages are as of the moment of the first.
        self._top = view.position.seq if self._after is None else self._after.top
        conditions = conditions_of(self._event, plain, narrow=True)
        self._event_filter = EventFilter(self._event, self._top, conditions, query.agent)
        self._fields = frozenset(fields_of(self._event))
        # One fact of its own kind is made from an event; only what is in none of its fields need be derived.
        fields_only = {*query.columns} <= self._fields and not self._derived and query.kind == self._event
        # The position is none of them: where it is the only column, whole events are read.
        selected = [name for name in query.columns if name != "seq"] if fields_only else []
        self._selected = tuple(Field(name, "attribute" if name in ENVELOPE else "data") for name in selected)

    def page(self) -> tuple[list[list[Any]], EventCursor | None]:
        """Return a page of rows, and the cursor of the next one; None where there is none.

        Of each event the selected fields are read, and nothing else; whole events where some are none of its fields.
        """
        if not self._selected:
            return self._page_of_facts()
        limit, after = self._query.limit, self._after and EventSortKey(self._after.time, self._after.seq)
        page = EventPage(self._event_filter, self._span, after, self._query.descending, limit + 1, self._selected)
        rows = self._view.events_page(page)
        following = EventCursor(*rows[limit - 1].key, 1, self._top) if len(rows) > limit else None
        listed = [[*row.values] for row in rows[:limit]]
        if "seq" in self._query.columns:
            column = self._query.columns.index("seq")
            for row, values in zip(rows, listed, strict=False):
                values.insert(column, row.key.seq)
        return listed, following

    def _page_of_facts(self) -> tuple[list[list[Any]], EventCursor | None]:
        """Read whole events, and make the facts of each."""
        rows: list[list[Any]] = []
        last = None
        for cursor, row in self._rows():
            if len(rows) == self._query.limit:
                return rows, last
            last = cursor
            if row is None:
                return rows, cursor
            rows.append(row)
        return rows, None

    def _rows(self) -> Iterator[tuple[EventCursor, list[Any] | None]]:
        """Yield each row with its cursor; a cursor without a row where as many events were read as one page may.

        The event of the cursor is read again: the page may have ended among its facts.
        """
        step = 1 if self._query.descending else -1
        after = None if self._after is None else EventSortKey(self._after.time, self._after.seq + step)
        skipped = self._after.facts if self._after else 0
        for read, row in enumerate(self._events(after), 1):
            facts = self._facts(row)
            for number, fact in enumerate(facts[skipped:], skipped + 1):
                yield EventCursor(*row.key, number, self._top), self._row(row, fact)
            skipped = 0
            if read == SCAN:
                yield EventCursor(*row.key, len(facts), self._top), None

    def total(self) -> int:
        """Return how many rows all pages have: as a figure counts them where it can, else counted one by one."""
        names = {condition.field for condition in self._query.where}
        if self._query.agent is None and names <= {*CUBES[self._query.kind].dims}:
            return count_facts(self._view, self._query.kind, self._query.where, self._span, self._rules)
        ranges = [TimeRange(0, *self._span)]
        if not self._derived and self._query.kind == self._event:
            if not self._event_filter.is_narrow:
                check_scan(self._view.count(self._event, ranges), 5 * SCAN)
            return sum(row.n for row in self._view.aggregate(self._event_filter, ranges, [], None))
        check_scan(self._view.count(self._event, ranges))
        return sum(len(self._facts(row)) for row in self._view.events(self._event_filter, ranges, SCAN))

    def _events(self, after: EventSortKey | None) -> Iterator[EventRow]:
        size, descending = MOST_READ if self._derived else self._query.limit + 1, self._query.descending
        page = EventPage(self._event_filter, self._span, after, descending, size)
        while rows := self._view.events_page(page):
            yield from rows
            page = page._replace(after=rows[-1].key)

    def _facts(self, row: EventRow) -> list[Fact]:
        return facts_of_event(row.body, row.key.seq, self._query.kind, self._derived, self._rules, self._vocabulary)

    def _row(self, row: EventRow, fact: Fact) -> list[Any]:
        event = orjson.loads(row.body)
        event["seq"], data = row.key.seq, event["data"]
        data |= {name: value for name, value in self._values(fact) if name not in self._fields}
        return [event[name] if name in ENVELOPE else data.get(name) for name in self._query.columns]

    def _is_plain(self, condition: Condition) -> bool:
        """Return whether a condition is on a field as stored: not derived, its rarer values not counted together."""
        kind, name = self._query.kind, condition.field
        if kind != event_of(kind) or name not in fields_of(kind):
            return False
        full = name in FREE and sum(word[:2] == (kind, name) for word in self._words) >= DISTINCT
        # SQL cuts text at a NUL.
        odd = name in CUBES[kind].dims and any("\0" in value for value in condition.values)
        return not full and not odd

    @cached_property
    def _words(self) -> list[tuple[str, str, str]]:
        return self._view.words()

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self._words)

    def _values(self, fact: Fact) -> Iterator[tuple[str, Any]]:
        cube = CUBES[self._query.kind]
        yield from zip(cube.dims, fact.dims, strict=True)
        yield from ((name, value / cube.measures[name]) for name, value in fact.measures)
