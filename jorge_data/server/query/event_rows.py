"""What events of a kind said: the rows of a table of events, or of the facts that they say besides."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from jorge_data.metrics.entities import CUBES, DISTINCT, FREE, Fact, Rules, Vocabulary
from jorge_data.server.query.from_events import conditions_of
from jorge_data.server.query.from_rollups import SCAN, check_scan, counted, facts_of
from jorge_data.server.query.query_schema import ENVELOPE, event_of, fields_of
from jorge_data.server.query.table_request import TableQuery
from jorge_data.store import Condition, EventFilter, EventPlace, EventRow, Field, LogView, Stretch

MOST_READ = 1000
"""Events read at once where it is not known how many of them are rows."""


class Mark(NamedTuple):
    """Where a page ends: at an event, after so many of its facts, in the log as it was at a position."""

    time: int
    seq: int
    facts: int
    top: int


class EventRows:
    """The rows of a listing, in its order; conditions on fields go to SQL, what is derived is checked here."""

    def __init__(self, view: LogView, listing: TableQuery, span: tuple[int, int], rules: Rules) -> None:
        self._view, self._listing, self._span, self._rules = view, listing, span, rules
        self._event = event_of(listing.kind) or listing.kind
        plain = [condition for condition in listing.where if self._is_plain(condition)]
        self._derived = [condition for condition in listing.where if condition not in plain]
        self._after = None if listing.after is None else Mark(*listing.after)
        # All pages are as of the moment of the first.
        top = view.watermark.cursor.seq if view.watermark else 0
        self._top = top if self._after is None else self._after.top
        self._sought = EventFilter(self._event, self._top, conditions_of(self._event, plain, narrow=True))
        self._fields = frozenset(fields_of(self._event))
        # An event says one fact of its own kind; only what no event says need be derived from it.
        as_said = {*listing.columns} <= self._fields and not self._derived and listing.kind == self._event
        # The position alone is none of them: whole events are read for it, as nobody asks.
        self._quoted = tuple(_written(name) for name in listing.columns if name != "seq") if as_said else ()

    def page(self) -> tuple[list[list[Any]], Mark | None]:
        """Return a page of rows, and the mark that the next one goes on from; None where there is none."""
        return self._quote() if self._quoted else self._derive()

    def _quote(self) -> tuple[list[list[Any]], Mark | None]:
        """Read of each event what is asked for, and nothing else."""
        limit, place = self._listing.limit, self._after and EventPlace(self._after.time, self._after.seq)
        sought, span, descending = self._sought, self._span, self._listing.descending
        kept = self._view.events_page(sought, span, place, descending, limit + 1, self._quoted)
        following = Mark(*kept[limit - 1].place, 1, self._top) if len(kept) > limit else None
        return [self._quotation(row) for row in kept[:limit]], following

    def _quotation(self, row: EventRow) -> list[Any]:
        values = [*row.values]
        if "seq" in self._listing.columns:
            values.insert(self._listing.columns.index("seq"), row.place.seq)
        return values

    def _derive(self) -> tuple[list[list[Any]], Mark | None]:
        """Read whole events, and look at the facts of each."""
        rows: list[list[Any]] = []
        last = None
        for mark, row in self._rows():
            if len(rows) == self._listing.limit:
                return rows, last
            last = mark
            if row is None:
                return rows, mark
            rows.append(row)
        return rows, None

    def _rows(self) -> Iterator[tuple[Mark, list[Any] | None]]:
        """Yield each row with its mark; a mark without a row where as many events were read as one page may.

        Read from the mark on, its own event again: some of its facts may be left.
        """
        step = 1 if self._listing.descending else -1
        place = None if self._after is None else EventPlace(self._after.time, self._after.seq + step)
        skipped = self._after.facts if self._after else 0
        for read, row in enumerate(self._events(place), 1):
            facts = self._facts(row)
            for number, fact in enumerate(facts[skipped:], skipped + 1):
                yield Mark(*row.place, number, self._top), self._row(row, fact)
            skipped = 0
            if read == SCAN:
                yield Mark(*row.place, len(facts), self._top), None

    def total(self) -> int:
        """Return how many rows all pages have: as a figure counts them where it can, else counted one by one."""
        names = {condition.field for condition in self._listing.where}
        if names <= {*CUBES[self._listing.kind].dims}:
            return counted(self._view, self._listing.kind, self._listing.where, self._span, self._rules)
        stretch = [Stretch(0, *self._span)]
        if not self._derived:
            if not self._sought.is_narrow:
                check_scan(self._view.count(self._event, stretch), 5 * SCAN)
            return sum(row.n for row in self._view.aggregate(self._sought, stretch, [], None))
        check_scan(self._view.count(self._event, stretch))
        return sum(len(self._facts(row)) for row in self._view.events(self._sought, stretch, SCAN))

    def _events(self, place: EventPlace | None) -> Iterator[EventRow]:
        size, descending = MOST_READ if self._derived else self._listing.limit + 1, self._listing.descending
        while rows := self._view.events_page(self._sought, self._span, place, descending, size):
            yield from rows
            place = rows[-1].place

    def _facts(self, row: EventRow) -> list[Fact]:
        return facts_of(row.body, row.place.seq, self._listing.kind, self._derived, self._rules, self._vocabulary)

    def _row(self, row: EventRow, fact: Fact) -> list[Any]:
        event = orjson.loads(row.body)
        event["seq"], known = row.place.seq, event["data"]
        known |= {name: value for name, value in self._said_by(fact) if name not in self._fields}
        return [event[name] if name in ENVELOPE else known.get(name) for name in self._listing.columns]

    def _is_plain(self, condition: Condition) -> bool:
        """Say whether it is one on a field as it is: not derived, and none whose rarer values count together."""
        kind, name = self._listing.kind, condition.field
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

    def _said_by(self, fact: Fact) -> Iterator[tuple[str, Any]]:
        cube = CUBES[self._listing.kind]
        yield from zip(cube.dims, fact.dims, strict=True)
        yield from ((name, value / cube.measures[name]) for name, value in fact.measures)


def _written(column: str) -> Field:
    """Return where a column of an event stands as the event was written."""
    return Field(column, "attribute" if column in ENVELOPE else "data")
