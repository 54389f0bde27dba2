"""A view of one location's log: many questions, all answered as of one moment."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from jorge_data.events import Record
from jorge_data.store import entities, facts, history, rollups, watermark
from jorge_data.store.archive import Archive
from jorge_data.store.conditions import Condition
from jorge_data.store.entities import EntityPlace, Listed, Order
from jorge_data.store.facts import FactPlace
from jorge_data.store.fields import Field
from jorge_data.store.folded import FactRow, Watermark
from jorge_data.store.history import Place, Row
from jorge_data.store.past import Past
from jorge_data.store.rollups import Span, Sum, Wanted
from jorge_data.store.sought import Measure, Sought, Stretch
from jorge_data.store.tables import events, words
from jorge_data.store.watermark import Log

_NOWHERE = Log(-1, "", 0)


class View:
    """One read transaction: what it sees of log, rollups and watermark is of one moment; one thread at a time.

    `lost`: the time of the newest event that was removed without being archived (microseconds), None where none was.
    """

    def __init__(self, connection: Connection, location: str, archive: Archive) -> None:
        self._connection = connection
        self._location = location
        self._archive = archive
        self._log = watermark.find_log(connection, location) or _NOWHERE
        self.epoch = self._log.epoch
        self.top = self._log.top
        self.lost = self._log.lost
        self.watermark: Watermark | None = watermark.read(connection, self._log.id)
        self._past = Past(connection, self._log, location, archive)

    def close(self) -> None:
        """Let go of what was recalled of the archive."""
        self._past.close()

    def records(self, after: int, limit: int) -> list[Record]:
        """Return up to so many records after a position, in order; what has left the log is read from the archive."""
        gone = self._log.oldest - 1 - after
        if gone > 0 and (archived := self._archive.records(self._location, self.epoch, after, min(gone, limit))):
            return archived
        return history.records(self._connection, self._log.id, self.epoch, after, limit)

    @property
    def whole(self) -> bool:
        """Say whether the log can be read from its first event to its last, here or in the archive."""
        if self._log.oldest == 1 or self.lost is not None:
            return self.lost is None
        first = self.records(0, 1)
        return bool(first) and first[0].seq == 1

    def words(self) -> list[tuple[str, str, str]]:
        """Return every (kind, dim, value) that counts under its own name."""
        query = select(words.c.kind, words.c.dim, words.c.value).where(words.c.log == self._log.id)
        return [(kind, dim, value) for kind, dim, value in self._connection.execute(query)]

    def newest(self, kinds: Collection[str]) -> int | None:
        """Return the time of the newest event of these kinds, in microseconds."""
        newest = [
            self._connection.execute(
                select(func.max(events.c.time)).where(events.c.log == self._log.id, events.c.type == kind)
            ).scalar_one()
            for kind in kinds
        ]
        return max((time for time in newest if time is not None), default=None)

    def extent(self, kind: str, grain: str) -> tuple[int, int] | None:
        """Return the first and the last bucket of a grain that count facts of a kind, None where none do."""
        return rollups.extent(self._connection, self._log.id, kind, grain)

    def sums(self, wanted: Wanted, spans: Sequence[Span]) -> list[Sum]:
        """Add up the cells of each span and group; a slot has a sum for each of its spans."""
        return rollups.sums(self._connection, self._log.id, wanted, spans)

    def sketches(self, wanted: Wanted, spans: Sequence[Span]) -> list[tuple[int, tuple[str, ...], dict[str, int]]]:
        """Return the sketch of each cell, with its slot and group."""
        return rollups.sketches(self._connection, self._log.id, wanted, spans)

    def count(self, kind: str, stretches: Sequence[Stretch]) -> int:
        """Return how many events of a kind there are."""
        return history.count(self._past.among(kind, stretches), self._log.id, kind, stretches)

    def aggregate(
        self, sought: Sought, stretches: Sequence[Stretch], by: Sequence[Field], measure: Measure | None
    ) -> list[Sum]:
        """Add up a measure of the events of each slot and group; without one, count them."""
        return history.aggregate(self._past.among(sought.kind, stretches), self._log.id, sought, stretches, by, measure)

    def ranked(self, sought: Sought, span: Stretch, by: Sequence[Field], most: int) -> list[Sum] | None:
        """Return what `leading` does where that is known without reading the events, else None."""
        if self._past.among(sought.kind, [span]) is not self._connection:
            return None
        return history.ranked(self._connection, self._log.id, sought, span, by, most)

    def leading(self, sought: Sought, span: Stretch, by: Sequence[Field], most: int) -> list[Sum]:
        """Return the groups with the most events, and how many each has."""
        return history.leading(self._past.among(sought.kind, [span]), self._log.id, sought, span, by, most)

    def values(
        self, sought: Sought, stretches: Sequence[Stretch], by: Sequence[Field], measure: Measure
    ) -> list[tuple[int, tuple[str, ...], int, int]]:
        """Return each scaled value of the measure in a slot and group, and how often it occurs."""
        return history.values(self._past.among(sought.kind, stretches), self._log.id, sought, stretches, by, measure)

    def distinct(self, sought: Sought, stretches: Sequence[Stretch], by: Sequence[Field], field: Field) -> list[Sum]:
        """Count the distinct values of a field in each slot and group, as the sum."""
        return history.distinct(self._past.among(sought.kind, stretches), self._log.id, sought, stretches, by, field)

    def events(self, sought: Sought, stretches: Sequence[Stretch], limit: int) -> list[Row]:
        """Return up to so many events of stretches of time."""
        return history.stretch(self._past.among(sought.kind, stretches), self._log.id, sought, stretches, limit)

    def events_page(
        self,
        sought: Sought,
        span: tuple[int, int],
        after: Place | None,
        descending: bool,
        limit: int,
        fields: tuple[Field, ...] = (),
    ) -> list[Row]:
        """Return the next so many events in order of time, after a place; whole, or some fields of them."""
        return self._past.page(sought, span, after, descending, limit, fields)

    def facts(
        self, kind: str, conditions: Sequence[Condition], stretches: Sequence[Stretch], limit: int
    ) -> list[tuple[int, FactRow]]:
        """Return up to so many current facts of stretches of time, each with its slot."""
        return facts.stretch(self._connection, self._log.id, kind, conditions, stretches, limit)

    def kept(self, kinds: Collection[str], entities: Collection[str]) -> list[FactRow]:
        """Return the current facts of these kinds of these entities."""
        return facts.kept(self._connection, self._log.id, kinds, entities)

    def facts_page(
        self,
        kind: str,
        conditions: Sequence[Condition],
        span: tuple[int, int],
        after: FactPlace | None,
        descending: bool,
        limit: int,
    ) -> list[tuple[FactPlace, FactRow]]:
        """Return the next so many current facts in order of time, after a place."""
        return facts.page(self._connection, self._log.id, kind, conditions, span, after, descending, limit)

    def states(self, family: str, keys: Collection[str]) -> dict[str, bytes]:
        """Return the states of those of these entities that have one."""
        return entities.states(self._connection, self._log.id, family, keys)

    def known(self, family: str, keys: Collection[str]) -> set[str]:
        """Return those of these keys that have an entity."""
        return entities.known(self._connection, self._log.id, family, keys)

    def analyses(self, ids: Collection[str]) -> list[Record]:
        """Return the analyses of these ids; of two with one id, that of the least position comes last."""
        return entities.analyses(self._connection, self._log.id, self.epoch, ids)

    def entities_page(
        self,
        listed: Listed,
        order: Order,
        after: EntityPlace | None,
        descending: bool,
        limit: int,
        names: tuple[str, ...],
    ) -> list[tuple[EntityPlace, list[Any]]]:
        """Return what the next so many summaries have by these names, in an order, after a place."""
        return entities.page(self._connection, self._log.id, listed, order, after, descending, limit, names)

    def entities_count(self, listed: Listed) -> int:
        """Return how many entities a list has."""
        return entities.count(self._connection, self._log.id, listed)
