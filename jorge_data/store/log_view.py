"""A view of one location's log: many reads, all as of one moment."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from jorge_data.events import Cursor, Event, Record
from jorge_data.store.event_filter import (
    Condition,
    EventFilter,
    EventPage,
    EventRow,
    Field,
    Measure,
    TimeRange,
    VisibleTo,
)
from jorge_data.store.log_page import Page
from jorge_data.store.rollup_types import (
    EntityFilter,
    EntityOrder,
    EntitySortKey,
    FactRow,
    FactSortKey,
    GrainRange,
    OpenItems,
    RollupFilter,
    Sum,
    Watermark,
)


class Rollups(Protocol):
    """Reads the cells of one log within a view; one thread at a time."""

    def sums(self, rollup_filter: RollupFilter, ranges: Sequence[GrainRange]) -> list[Sum]:
        """Add up the cells of each range and group; a bucket has a sum for each of its ranges."""

    def extent(self, kind: str, grain: str) -> tuple[int, int] | None:
        """Return the first and the last bucket of a grain that count facts of a kind, None where none do."""

    def sketches(
        self, rollup_filter: RollupFilter, ranges: Sequence[GrainRange]
    ) -> list[tuple[int, tuple[str, ...], dict[str, int]]]:
        """Return the sketch of each cell, with its bucket and group."""


class Facts(Protocol):
    """Reads the current facts of one log within a view; one thread at a time."""

    def in_ranges(
        self, kind: str, conditions: Sequence[Condition], ranges: Sequence[TimeRange], limit: int
    ) -> list[tuple[int, FactRow]]:
        """Return up to `limit` current facts, each with the bucket of its range."""

    def of_entities(self, kinds: Collection[str], entities: Collection[str]) -> list[FactRow]:
        """Return the current facts of these kinds of these entities, in no order."""

    def open_items(
        self, now: int, limit: int, groups: Sequence[Collection[str]], agent: str | None = None
    ) -> OpenItems:
        """Return the open items that are shown at a moment, to an agent.

        `limit` of them are of each group of kinds in turn, the newest and the oldest by turns: so no group hides
        another, and no item the one that waits longest. As many are of each owner in turn, in the same order, and as
        many of nobody's: who asks for his own, or for something to take, finds it.
        """

    def newest_contacts(self, kind: str, limit: int, agent: str) -> list[str]:
        """Return the contacts of the newest facts of a kind that an agent sees, among the last LOOKED_THROUGH."""

    def count(
        self, kind: str, conditions: Sequence[Condition], span: tuple[int, int], visible: VisibleTo | None = None
    ) -> int:
        """Return how many current facts of a span there are, to an agent, counted one by one."""

    def page(
        self,
        kind: str,
        conditions: Sequence[Condition],
        span: tuple[int, int],
        after: FactSortKey | None,
        descending: bool,
        limit: int,
        visible: VisibleTo | None = None,
    ) -> list[tuple[FactSortKey, FactRow]]:
        """Return the next `limit` current facts in order of time, after a sort key, to an agent."""


class Entities(Protocol):
    """Reads the entities of one log within a view; one thread at a time."""

    def states(self, family: str, keys: Collection[str]) -> dict[str, bytes]:
        """Return the states of those of these entities that have one."""

    def newest_states(self, family: str, limit: int) -> dict[str, bytes]:
        """Return the states of the entities of a family that had the newest events, the newest first."""

    def newest(self, family: str, limit: int) -> dict[str, int]:
        """Return when the newest event of each entity of a family happened, the newest first."""

    def names(self, family: str, keys: Collection[str]) -> dict[str, str]:
        """Return the names of those of these entities that have one of their own."""

    def names_since(self, after: int, to: int) -> dict[str, str]:
        """Return the names of the contacts of the events after a position and up to another, where they are known."""

    def page(
        self,
        entity_filter: EntityFilter,
        order: EntityOrder,
        after: EntitySortKey | None,
        descending: bool,
        limit: int,
        names: tuple[str, ...],
    ) -> list[tuple[EntitySortKey, list[Any]]]:
        """Return the columns of these names of the next `limit` summaries in an order, after a sort key."""

    def count(self, entity_filter: EntityFilter) -> int:
        """Return how many entities pass a filter."""


class LogView(Protocol):
    """One read transaction: what it sees of log, rollups and watermark is of one moment; one thread at a time.

    `lost`: the time of the newest event that was removed without being archived (microseconds), None where none was.
    `position`: up to where the log is folded. Events are read from the archive too where some of a range left the
    store; that raises Invalid where there are too many of them, or where some were deleted.
    """

    epoch: str
    top: int
    oldest: int
    lost: int | None
    watermark: Watermark | None
    position: Cursor

    @property
    def rollups(self) -> Rollups:
        """The rollups of the log."""

    @property
    def facts(self) -> Facts:
        """The current facts of the log."""

    @property
    def entities(self) -> Entities:
        """The entities of the log."""

    def read(self, after: int, limit: int) -> Page:
        """Return up to `limit` records after a position, in order, up to what cannot be read.

        What has left the log is read from the archive. Positions in a file of it that cannot be read are passed over,
        and the file is one of those `left_out`.
        """

    @property
    def left_out(self) -> frozenset[str]:
        """The names of the archive's files that this view was asked for and that cannot be read."""

    def not_counted(self, start: int | None, end: int) -> frozenset[str]:
        """Return the names of the archive's files that the fold left out, as far as a span (microseconds) needs them.

        Without a start it needs all that came before its end.
        """

    @property
    def whole(self) -> bool:
        """Return whether the log is there from its first event to its last, here or in the archive's files."""

    def words(self) -> list[tuple[str, str, str]]:
        """Return every (kind, dim, value) that counts under its own name."""

    def newest(self, kinds: Collection[str]) -> int | None:
        """Return the time of the newest event of these kinds, in microseconds."""

    def count(self, kind: str, ranges: Sequence[TimeRange]) -> int:
        """Return how many events of a kind there are in ranges of time: what a query that reads them all would cost."""

    def aggregate(
        self, event_filter: EventFilter, ranges: Sequence[TimeRange], by: Sequence[Field], measure: Measure | None
    ) -> list[Sum]:
        """Add up a measure of the events of each bucket and group; without one, count them."""

    def ranked(self, event_filter: EventFilter, span: TimeRange, by: Sequence[Field], most: int) -> list[Sum] | None:
        """Return what `leading` returns, where counts of alerts suffice; None where the events must be read."""

    def leading(self, event_filter: EventFilter, span: TimeRange, by: Sequence[Field], most: int) -> list[Sum]:
        """Return the groups with the most events, and how many each has; of equals the first by name."""

    def values(
        self, event_filter: EventFilter, ranges: Sequence[TimeRange], by: Sequence[Field], measure: Measure
    ) -> list[tuple[int, tuple[str, ...], int, int]]:
        """Return each scaled value of the measure in a bucket and group, and how often it occurs."""

    def distinct(
        self, event_filter: EventFilter, ranges: Sequence[TimeRange], by: Sequence[Field], field: Field
    ) -> list[Sum]:
        """Count the distinct values of a field in each bucket and group, as the sum; events that have one are `n`."""

    def events(self, event_filter: EventFilter, ranges: Sequence[TimeRange], limit: int) -> list[EventRow]:
        """Return up to `limit` events of ranges of time, in no order."""

    def events_page(self, page: EventPage) -> list[EventRow]:
        """Return a page of events in order of time."""

    def analyses(self, ids: Collection[str]) -> list[Record]:
        """Return the analyses of these ids that the store has, in order; one id may be of several sources."""

    def newest_about(self, subject: str, kind: str) -> Event | None:
        """Return the newest event of a kind about a contact, by time and then position, that has not been archived."""

    def agents_of(self, contacts: Collection[str]) -> dict[str, str]:
        """Return whose these contacts are, without those that are nobody's."""

    def hidden(self, positions: Collection[int], agent: str) -> set[int]:
        """Return those of the events at these positions that are about another's contact than this agent's."""

    def names_since(self, after: int) -> dict[str, str]:
        """Return the names of the contacts that events after a position are about, of those whose name is known."""

    def next_report(self, bot: str, after: tuple[int, int]) -> tuple[int, int] | None:
        """Return the time and position of a bot's next status report after those.

        What is archived, or cannot be read, is passed over: a fold would stop at it for ever.
        """
