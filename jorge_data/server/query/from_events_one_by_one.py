"""Cells counted event by event: what is split by a field and by what is derived from it; the slowest way."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson

from jorge_data.metrics.entities import CUBES, Cell, Fact, Rules, Vocabulary
from jorge_data.metrics.entities.event_facts import scaled, text
from jorge_data.server.query.answer import Group
from jorge_data.server.query.from_events import conditions_of
from jorge_data.server.query.from_rollups import SCAN, check_scan, facts_of
from jorge_data.server.query.query_schema import ENVELOPE, EVENTS, fields_of, scale_of
from jorge_data.server.query.series_request import SeriesQuery
from jorge_data.store import EventFilter, LogView, Stretch


def from_events_one_by_one(
    view: LogView, question: SeriesQuery, stretches: Sequence[Stretch], rules: Rules
) -> dict[Group, Cell]:
    """Return the cell of every slot and split, each event read and counted here."""
    check_scan(view.count(question.kind, stretches))
    fields = fields_of(question.kind)
    plain = [condition for condition in question.where if condition.field in fields]
    derived = [condition for condition in question.where if condition.field not in fields]
    top = view.watermark.cursor.seq if view.watermark else 0
    sought = EventFilter(question.kind, top, conditions_of(question.kind, plain))
    vocabulary, cells = Vocabulary(view.words()), defaultdict[Group, Cell](Cell)
    for row in view.events(sought, stretches, SCAN):
        for fact in facts_of(row.body, row.place.seq, question.kind, derived, rules, vocabulary):
            event = orjson.loads(row.body) | {"seq": row.place.seq}
            by = tuple(_text(event, fact, name) for name in question.by)
            _add(cells[Group(row.slot, by)], event, fact, question)
    return cells


def _text(event: dict[str, Any], fact: Fact, name: str) -> str:
    dims = CUBES[fact.kind].dims
    if name in dims:
        return fact.dims[dims.index(name)]
    return text(event.get(name) if name in ENVELOPE else event["data"].get(name))


def _add(cell: Cell, event: dict[str, Any], fact: Fact, question: SeriesQuery) -> None:
    if question.measure == EVENTS:
        cell.add(None)
        return
    value = dict(fact.measures).get(question.measure)
    if question.measure not in CUBES[fact.kind].measures:
        number = event["data"].get(question.measure)
        if isinstance(number, int | float):
            value = scaled(number, scale_of(fact.kind, question.measure))
    if value is not None:
        cell.add(value)
        cell.stretch(value)
