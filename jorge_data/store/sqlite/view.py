"""A view of one location's log: many questions, all answered as of one moment."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, func, select

from jorge_data.events import Record
from jorge_data.store.archive.archive import Archive
from jorge_data.store.archive.archived_events import ArchivedEvents
from jorge_data.store.event_filter import EventFilter, Measure, Stretch
from jorge_data.store.rollup_types import Watermark
from jorge_data.store.sqlite import read_events, write_rollups
from jorge_data.store.sqlite.entities import Entities, analyses
from jorge_data.store.sqlite.facts import Facts
from jorge_data.store.sqlite.fields import Field
from jorge_data.store.sqlite.read_events import EventPlace, EventRow
from jorge_data.store.sqlite.read_rollups import Rollups, Sum
from jorge_data.store.sqlite.tables import events, words
from jorge_data.store.sqlite.write_rollups import Log

_NOWHERE = Log(-1, "", 0)


class LogView:
    """One read transaction: what it sees of log, rollups and watermark is of one moment; one thread at a time.

    `lost`: the time of the newest event that was removed without being archived (microseconds), None where none was.
    """

    def __init__(self, connection: Connection, location: str, archive: Archive) -> None:
        self._connection = connection
        self._location = location
        self._archive = archive
        self._log = write_rollups.find_log(connection, location) or _NOWHERE
        self.epoch = self._log.epoch
        self.top = self._log.top
        self.lost = self._log.lost
        self.watermark: Watermark | None = write_rollups.read(connection, self._log.id)
        self.rollups = Rollups(connection, self._log.id)
        self.facts = Facts(connection, self._log.id)
        self.entities = Entities(connection, self._log.id)
        self._past = ArchivedEvents(connection, self._log, location, archive)

    def close(self) -> None:
        """Let go of what was recalled of the archive."""
        self._past.close()

    def records(self, after: int, limit: int) -> list[Record]:
        """Return up to so many records after a position, in order; what has left the log is read from the archive."""
        gone = self._log.oldest - 1 - after
        if gone > 0 and (archived := self._archive.records(self._location, self.epoch, after, min(gone, limit))):
            return archived
        return read_events.records(self._connection, self._log.id, self.epoch, after, limit)

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

    def count(self, kind: str, stretches: Sequence[Stretch]) -> int:
        """Return how many events of a kind there are."""
        return read_events.count(self._past.among(kind, stretches), self._log.id, kind, stretches)

    def aggregate(
        self, sought: EventFilter, stretches: Sequence[Stretch], by: Sequence[Field], measure: Measure | None
    ) -> list[Sum]:
        """Add up a measure of the events of each slot and group; without one, count them."""
        return read_events.aggregate(
            self._past.among(sought.kind, stretches), self._log.id, sought, stretches, by, measure
        )

    def ranked(self, sought: EventFilter, span: Stretch, by: Sequence[Field], most: int) -> list[Sum] | None:
        """Return what `leading` does where that is known without reading the events, else None."""
        if self._past.among(sought.kind, [span]) is not self._connection:
            return None
        return read_events.ranked(self._connection, self._log.id, sought, span, by, most)

    def leading(self, sought: EventFilter, span: Stretch, by: Sequence[Field], most: int) -> list[Sum]:
        """Return the groups with the most events, and how many each has."""
        return read_events.leading(self._past.among(sought.kind, [span]), self._log.id, sought, span, by, most)

    def values(
        self, sought: EventFilter, stretches: Sequence[Stretch], by: Sequence[Field], measure: Measure
    ) -> list[tuple[int, tuple[str, ...], int, int]]:
        """Return each scaled value of the measure in a slot and group, and how often it occurs."""
        return read_events.values(
            self._past.among(sought.kind, stretches), self._log.id, sought, stretches, by, measure
        )

    def distinct(
        self, sought: EventFilter, stretches: Sequence[Stretch], by: Sequence[Field], field: Field
    ) -> list[Sum]:
        """Count the distinct values of a field in each slot and group, as the sum."""
        return read_events.distinct(
            self._past.among(sought.kind, stretches), self._log.id, sought, stretches, by, field
        )

    def events(self, sought: EventFilter, stretches: Sequence[Stretch], limit: int) -> list[EventRow]:
        """Return up to so many events of stretches of time."""
        return read_events.stretch(self._past.among(sought.kind, stretches), self._log.id, sought, stretches, limit)

    def events_page(
        self,
        sought: EventFilter,
        span: tuple[int, int],
        after: EventPlace | None,
        descending: bool,
        limit: int,
        fields: tuple[Field, ...] = (),
    ) -> list[EventRow]:
        """Return the next so many events in order of time, after a place; whole, or some fields of them."""
        return self._past.page(sought, span, after, descending, limit, fields)

    def analyses(self, ids: Collection[str]) -> list[Record]:
        """Return the analyses of these ids; of two with one id, that of the least position comes last."""
        return analyses(self._connection, self._log.id, self.epoch, ids)
