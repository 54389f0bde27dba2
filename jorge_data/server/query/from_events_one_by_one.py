"""Cells counted event by event, in Python: for a split by fields and by what is derived from them; the slowest."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson

from jorge_data.metrics.entities import CUBES, Cell, Fact, Rules, Vocabulary
from jorge_data.metrics.entities.event_facts import scaled, text
from jorge_data.server.query.answer import Group
from jorge_data.server.query.from_events import conditions_of
from jorge_data.server.query.from_rollups import SCAN, check_scan, facts_of_event
from jorge_data.server.query.query_schema import ENVELOPE, EVENTS, fields_of, scale_of
from jorge_data.server.query.series_request import SeriesQuery
from jorge_data.store import EventFilter, LogView, TimeRange


def from_events_one_by_one(
    view: LogView, query: SeriesQuery, ranges: Sequence[TimeRange], rules: Rules
) -> dict[Group, Cell]:
    """Return the cell of every bucket and split."""
    check_scan(view.count(query.kind, ranges))
    fields = fields_of(query.kind)
    plain = [condition for condition in query.where if condition.field in fields]
    derived = [condition for condition in query.where if condition.field not in fields]
    event_filter = EventFilter(query.kind, view.position.seq, conditions_of(query.kind, plain), query.agent)
    vocabulary, cells = Vocabulary(view.words()), defaultdict[Group, Cell](Cell)
    for row in view.events(event_filter, ranges, SCAN):
        for fact in facts_of_event(row.body, row.key.seq, query.kind, derived, rules, vocabulary):
            event = orjson.loads(row.body) | {"seq": row.key.seq}
            by = tuple(_text(event, fact, name) for name in query.by)
            _add(cells[Group(row.bucket, by)], event, fact, query)
    return cells


def _text(event: dict[str, Any], fact: Fact, name: str) -> str:
    dims = CUBES[fact.kind].dims
    if name in dims:
        return fact.dims[dims.index(name)]
    return text(event.get(name) if name in ENVELOPE else event["data"].get(name))


def _add(cell: Cell, event: dict[str, Any], fact: Fact, query: SeriesQuery) -> None:
    if query.measure == EVENTS:
        cell.add(None)
        return
    value = dict(fact.measures).get(query.measure)
    if query.measure not in CUBES[fact.kind].measures:
        number = event["data"].get(query.measure)
        if isinstance(number, int | float):
            value = scaled(number, scale_of(fact.kind, query.measure))
    if value is not None:
        cell.add(value)
        cell.stretch(value)
