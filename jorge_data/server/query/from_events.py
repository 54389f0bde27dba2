"""Answers from the events themselves: what is split or filtered by what no cube has; slower, and exact."""

from collections.abc import Sequence

from jorge_data.metrics.entities import CUBES, Cell
from jorge_data.metrics.entities.event_facts import MAX_TEXT
from jorge_data.metrics.statistics.percentile import percentile
from jorge_data.server.query.answer import QUANTILES, Figure, Group, bins, figures
from jorge_data.server.query.from_rollups import check_scan
from jorge_data.server.query.query_schema import BOOLEAN_DIMS, COLUMNS, ENVELOPE, EVENTS, fields_of, scale_of
from jorge_data.server.query.series_request import SeriesQuery
from jorge_data.store import NAMINGS, Condition, Conditions, EventFilter, Field, LogView, Measure, Stretch, Sum

SCAN = 1_000_000
"""Most events that one question reads: a few seconds."""

ALERT = "property_alert"
"""The kind of event of which the store knows who and what it names."""


def needs_events(question: SeriesQuery) -> bool:
    """Say whether a question names what its kind's cube has not, so that only the events can answer it."""
    cube = CUBES[question.kind]
    names = {*question.by, *(condition.field for condition in question.where)}
    measured = question.measure in (EVENTS, *cube.measures) or question.measure in BOOLEAN_DIMS & {*cube.dims}
    return bool(names - {*cube.dims}) or not measured or question.agg == "distinct"


def is_derived(question: SeriesQuery) -> bool:
    """Say whether a question names what is in no field of the event, so that each must be looked at here."""
    names = {*question.by, *(condition.field for condition in question.where), question.measure} - {EVENTS}
    return bool(names - {*fields_of(question.kind)})


def from_events(view: LogView, question: SeriesQuery, stretches: Sequence[Stretch]) -> list[Figure]:
    """Return the figure of every slot and split, made from the events."""
    top = view.watermark.cursor.seq if view.watermark else 0
    sought = EventFilter(question.kind, top, conditions_of(question.kind, question.where, narrow=len(stretches) == 1))
    by = [field_of(question.kind, name) for name in question.by]
    most = question.top if question.measure == EVENTS else None
    if most is not None and (ranked := view.ranked(sought, stretches[0], by, most)) is not None:
        return _figures(question, ranked)
    if not sought.is_narrow:
        check_scan(view.count(question.kind, stretches), SCAN)
    if most is not None:
        return _figures(question, view.leading(sought, stretches[0], by, most))
    if question.measure == EVENTS:
        return _figures(question, view.aggregate(sought, stretches, by, None))
    field = field_of(question.kind, question.measure)
    measure = Measure(field, scale_of(question.kind, question.measure))
    if question.agg == "distinct":
        return _figures(question, view.distinct(sought, stretches, by, field))
    if question.agg in (*QUANTILES, "bins"):
        return _spread(question, view.values(sought, stretches, by, measure))
    return _figures(question, view.aggregate(sought, stretches, by, measure))


def _figures(question: SeriesQuery, sums: Sequence[Sum]) -> list[Figure]:
    cells = {}
    for row in sums:
        cell = cells[Group(row.slot, row.group)] = Cell()
        cell.n, cell.sum, cell.lo, cell.hi = row.n, row.sum, row.lo, row.hi
    return figures(cells, question.agg, scale_of(question.kind, question.measure))


def _spread(question: SeriesQuery, values: Sequence[tuple[int, tuple[str, ...], int, int]]) -> list[Figure]:
    """Return quantiles, or bins, of all values of each slot and split."""
    scale, by_group = scale_of(question.kind, question.measure), dict[Group, list[tuple[int, int]]]()
    for slot, by, value, count in values:
        by_group.setdefault(Group(slot, by), []).append((value, count))
    told = []
    for group, counted in by_group.items():
        n = sum(count for _, count in counted)
        if question.agg == "bins":
            cell = Cell()
            for value, count in counted:
                cell.add(value, count)
            told.append(Figure(group, bins(cell, scale), n))
        else:
            quantile = percentile(counted, QUANTILES[question.agg])
            told.append(Figure(group, None if quantile is None else quantile / scale, n))
    return told


def conditions_of(kind: str, where: Sequence[Condition], narrow: bool = False) -> Conditions:
    """Return conditions on fields of an event, each with the place of its field; `narrow`: in an index if it can be."""
    return tuple(
        (_narrow(kind, field_of(kind, each.field)) if narrow else field_of(kind, each.field), each) for each in where
    )


def _narrow(kind: str, field: Field) -> Field:
    return field._replace(place="named") if kind == ALERT and field.name in NAMINGS else field


def field_of(kind: str, name: str) -> Field:
    """Return where a field of an event stands; a dimension's text is cut as its cube cuts it."""
    most = MAX_TEXT if name in CUBES[kind].dims else None
    if name in COLUMNS:
        return Field(name, "column", most)
    return Field(name, "attribute" if name in ENVELOPE else "data", most)
