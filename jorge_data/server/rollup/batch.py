"""One batch of a log, from its events to the rows that change in the store."""

from collections.abc import Collection, Sequence

import orjson

from jorge_data.events import KINDS, Cursor, Event, decode
from jorge_data.events.timestamps import DAY, QUARTER, micros
from jorge_data.metrics.entities import (
    CENTS,
    CUBES,
    Cell,
    Entity,
    Fact,
    Family,
    FoldResult,
    Key,
    Rules,
    Vocabulary,
    fold,
)
from jorge_data.metrics.entities.status_run import Moment
from jorge_data.store import CellDelta, EntityRow, FactRow, Flush, LogView, Watermark

MINUTES_RETENTION = 3 * DAY
"""How far behind the newest event rollups of minutes are stored; a rule of the contract."""

_EXPIRING = [(kind, measure) for kind, cube in CUBES.items() for measure in ("", *cube.measures)]


class StoredEntities:
    """The entities in a view of the store, as the fold reads them; `mixed`: some count by other rules than today's."""

    def __init__(self, view: LogView, mixed: bool) -> None:
        self._view, self._mixed = view, mixed

    def load(self, family: Family, keys: Collection[str]) -> dict[str, bytes]:
        return self._view.entities.states(family, keys)

    def kept(self, kinds: Collection[str], keys: Collection[str]) -> dict[str, list[Fact]] | None:
        if not self._mixed:
            return None
        facts: dict[str, list[Fact]] = {}
        for row in self._view.facts.of_entities(kinds, keys):
            facts.setdefault(row.entity, []).append(fact_of(row))
        return facts

    def analyses(self, ids: Collection[str]) -> list[Event]:
        folded = self._view.position.seq
        return [decode(record.wire) for record in self._view.analyses(ids) if record.seq <= folded]

    def gone(self, analysis: Event) -> bool:
        return analysis.seq < self._view.oldest

    def next_report(self, bot: str, after: Moment) -> Moment | None:
        return self._view.next_report(bot, after)


def fact_of(row: FactRow) -> Fact:
    """Return the fact of a row."""
    return Fact(row.kind, row.at, row.dims[: len(CUBES[row.kind].dims)], tuple(orjson.loads(row.measures).items()))


def prepare(view: LogView, events: Sequence[Event], to: int, rules: Rules, vocabulary: Vocabulary) -> Flush:
    """Fold the events that follow on a view's watermark, up to a position, into what changes in the store."""
    after = view.watermark
    newest = max([micros(event.time) for event in events] + ([after.newest] if after else []), default=0)
    if view.top - to > len(events):  # far behind: minutes that would be gone at the top are not begun
        newest = max(newest, view.newest(KINDS) or newest)
    minutes_from = max((newest - MINUTES_RETENTION) // QUARTER * QUARTER, after.minutes_from if after else 0)
    mixed = after is not None and (after.mixed or after.rules != rules.version)
    folded = fold(events, StoredEntities(view, mixed), rules, vocabulary, minutes_from)
    expires = after is not None and minutes_from > after.minutes_from
    retracted, added = _moved(folded)
    return Flush(
        after=after,
        to=Watermark(Cursor(view.epoch, to), rules.version, newest, minutes_from, mixed, _left_out(view)),
        cells=[_cell(key, cell) for key, cell in folded.cells.items()],
        entities=[_entity(name, entity) for name, entity in folded.entities.items()],
        retracted=retracted,
        added=added,
        words=vocabulary.take_new(),
        expired=_EXPIRING if expires else (),
    )


def _left_out(view: LogView) -> tuple[str, ...]:
    """Return the archive's files without which a log is folded once this view's batch is."""
    return tuple(sorted({*(view.watermark.left_out if view.watermark else ()), *view.left_out}))


def _cell(key: Key, cell: Cell) -> CellDelta:
    sketch = cell.bins if key.measure else None
    return CellDelta(*key, cell.n, cell.sum, cell.lo, cell.hi, sketch)


def _moved(folded: FoldResult) -> tuple[list[FactRow], list[FactRow]]:
    entities = [(key, entity) for (_, key), entity in folded.entities.items()]
    retracted = [_fact_row(key, fact) for key, entity in entities for fact in entity.retracted]
    return retracted, [_fact_row(key, fact) for key, entity in entities for fact in entity.added]


def _fact_row(entity: str, fact: Fact) -> FactRow:
    return FactRow(fact.kind, fact.at, entity, fact.dims, orjson.dumps(dict(fact.measures)).decode())


def _entity(name: tuple[Family, str], entity: Entity) -> EntityRow:
    (family, key), summary = name, entity.summary
    value = summary.get("value")
    return EntityRow(
        family=family,
        key=key,
        at=summary.get("at", 0),
        name=str(summary.get("name") or key),
        value=None if value is None else round(value * CENTS),
        status=summary.get("status"),
        summary=orjson.dumps(summary).decode(),
        state=entity.state,
    )
