"""Figures from the events themselves, by SQL: where no cube has what is split or filtered by; slower, and exact."""

from collections.abc import Sequence

from jorge_data.metrics.entities import CUBES, PICODOLLARS, Cell
from jorge_data.metrics.entities.event_facts import MAX_TEXT
from jorge_data.metrics.statistics.percentile import percentile
from jorge_data.server.query.answer import QUANTILES, SKETCHED, Figure, Group, bins, figures
from jorge_data.server.query.from_rollups import check_scan
from jorge_data.server.query.query_schema import BOOLEAN_DIMS, COLUMNS, ENVELOPE, EVENTS, fields_of, scale_of
from jorge_data.server.query.series_request import SeriesQuery
from jorge_data.store import INDEXED_FIELDS, Condition, Conditions, EventFilter, Field, LogView, Measure, Sum, TimeRange

SCAN = 1_000_000
"""Most events that one query reads: a few seconds."""

ALERT = "property_alert"
"""The kind of event that the store has in an index by INDEXED_FIELDS."""


def needs_events(query: SeriesQuery) -> bool:
    """Return whether a query names something that its kind's cube lacks, so that only the events can answer it."""
    cube = CUBES[query.kind]
    names = {*query.by, *(condition.field for condition in query.where)}
    measured = query.measure in (EVENTS, *cube.measures) or query.measure in BOOLEAN_DIMS & {*cube.dims}
    return bool(names - {*cube.dims}) or not measured or query.agg == "distinct"


def is_derived(query: SeriesQuery) -> bool:
    """Return whether a query names something derived, in no field of the event: each must then be read in Python."""
    return bool(query.names - {*fields_of(query.kind)})


def from_events(view: LogView, query: SeriesQuery, ranges: Sequence[TimeRange]) -> list[Figure]:
    """Return the figure of every bucket and split."""
    conditions = conditions_of(query.kind, query.where, narrow=len(ranges) == 1)
    event_filter = EventFilter(query.kind, view.position.seq, conditions, query.agent)
    by = [field_of(query.kind, name) for name in query.by]
    most = query.top if query.measure == EVENTS else None
    if most is not None and (ranked := view.ranked(event_filter, ranges[0], by, most)) is not None:
        return _figures(query, ranked)
    if not event_filter.is_narrow:
        check_scan(view.count(query.kind, ranges), SCAN)
    if most is not None:
        return _figures(query, view.leading(event_filter, ranges[0], by, most))
    if query.measure == EVENTS:
        return _figures(query, view.aggregate(event_filter, ranges, by, None))
    field = field_of(query.kind, query.measure)
    scale = scale_of(query.kind, query.measure)
    measure = Measure(field, scale, money=scale == PICODOLLARS)
    if query.agg == "distinct":
        return _figures(query, view.distinct(event_filter, ranges, by, field))
    if query.agg in SKETCHED:
        return _spread(query, view.values(event_filter, ranges, by, measure))
    return _figures(query, view.aggregate(event_filter, ranges, by, measure))


def _figures(query: SeriesQuery, sums: Sequence[Sum]) -> list[Figure]:
    cells = {}
    for row in sums:
        cell = cells[Group(row.bucket, row.group)] = Cell()
        cell.n, cell.sum, cell.lo, cell.hi = row.n, row.sum, row.lo, row.hi
    return figures(cells, query.agg, scale_of(query.kind, query.measure))


def _spread(query: SeriesQuery, values: Sequence[tuple[int, tuple[str, ...], int, int]]) -> list[Figure]:
    """Return quantiles, or bins, of all values of each bucket and split."""
    scale, by_group = scale_of(query.kind, query.measure), dict[Group, list[tuple[int, int]]]()
    for bucket, by, value, count in values:
        by_group.setdefault(Group(bucket, by), []).append((value, count))
    made = []
    for group, counts in by_group.items():
        n = sum(count for _, count in counts)
        if query.agg == "bins":
            cell = Cell()
            for value, count in counts:
                cell.add(value, count)
            made.append(Figure(group, bins(cell, scale), n))
        else:
            quantile = percentile(counts, QUANTILES[query.agg])
            made.append(Figure(group, None if quantile is None else quantile / scale, n))
    return made


def conditions_of(kind: str, where: Sequence[Condition], narrow: bool = False) -> Conditions:
    """Return conditions on fields of an event, each with the source of its field; `narrow`: an index if it has one."""
    indexed = INDEXED_FIELDS if narrow and kind == ALERT else ()
    fields = [(field_of(kind, each.field), each) for each in where]
    return tuple((field._replace(source="indexed") if field.name in indexed else field, each) for field, each in fields)


def field_of(kind: str, name: str) -> Field:
    """Return where a field of an event is; a dimension's text is cut as its cube cuts it."""
    most = MAX_TEXT if name in CUBES[kind].dims else None
    if name in COLUMNS:
        return Field(name, "column", most)
    return Field(name, "attribute" if name in ENVELOPE else "data", most)
