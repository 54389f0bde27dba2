"""Cells of a series from the rollups and, at the edges of a span where no cell fits, from the facts themselves."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from jorge_data.events import decode
from jorge_data.metrics.entities import CUBES, SCALE, Cell, Fact, Rules, Vocabulary, event_facts
from jorge_data.server.query.answer import SKETCHED, Group
from jorge_data.server.query.planner import QueryPlan, plan
from jorge_data.server.query.query_schema import BOOLEAN_DIMS, EVENTS, TRUE, TRUE_OR_FALSE, event_of, refuse
from jorge_data.server.query.series_request import SeriesQuery
from jorge_data.server.query.time_buckets import TimeBucket
from jorge_data.server.rollup.batch import fact_of
from jorge_data.store import Condition, EventFilter, LogView, RollupFilter, TimeRange, holds

SCAN = 200_000
"""Most events or facts that one query reads beside the rollups."""


Cells = defaultdict[Group, Cell]


def from_rollups(view: LogView, query: SeriesQuery, buckets: Sequence[TimeBucket], rules: Rules) -> dict[Group, Cell]:
    """Return the cell of every bucket and split of a query whose every name is a dimension or measure of its cube."""
    query_plan = plan(buckets, rules.zone, view.watermark.minutes_from if view.watermark else 0)
    flag = query.measure if query.measure in BOOLEAN_DIMS else None
    by = query.by if flag is None else (*query.by, flag)
    measure = "" if flag or query.measure == EVENTS else query.measure
    cells = Cells(Cell)
    _add_rollups(cells, view, query, query_plan, by, measure)
    if query_plan.event_ranges:
        dims = CUBES[query.kind].dims
        indexes = [dims.index(name) for name in by]
        for bucket, fact in read_facts(view, query.kind, query.where, query_plan.event_ranges, rules):
            _add_fact(cells[Group(bucket, tuple(fact.dims[index] for index in indexes))], fact, measure)
    return cells if flag is None else _collapsed(cells)


def count_facts(view: LogView, kind: str, where: tuple[Condition, ...], span: tuple[int, int], rules: Rules) -> int:
    """Return how many facts of a kind there are in a span, as a figure counts them."""
    query = SeriesQuery(kind, EVENTS, "count", (), where, *span, "all", rules.zone)
    return sum(cell.n for cell in from_rollups(view, query, [TimeBucket(None, *span)], rules).values())


def _add_rollups(
    cells: defaultdict[Group, Cell],
    view: LogView,
    query: SeriesQuery,
    query_plan: QueryPlan,
    by: tuple[str, ...],
    measure: str,
) -> None:
    dims = CUBES[query.kind].dims
    rollup_filter = RollupFilter(
        query.kind,
        measure,
        tuple(f"d{dims.index(name)}" for name in by),
        columns_of(query.kind, query.where),
        ends=query.agg in ("min", "max"),
    )
    for bucket, group, n, total, lo, hi in view.rollups.sums(rollup_filter, query_plan.rollup_ranges):
        cell = cells[Group(bucket, group)]
        cell.n += n
        cell.sum += total
        if lo is not None and hi is not None:
            cell.stretch(lo)
            cell.stretch(hi)
    if query.agg in SKETCHED:
        for key, sketch in _merged(view.rollups.sketches(rollup_filter, query_plan.rollup_ranges)).items():
            cells[key].bins = {int(index): count for index, count in sketch.items()}


def _merged(sketches: Iterable[tuple[int, tuple[str, ...], dict[str, int]]]) -> dict[Group, dict[str, int]]:
    """Add up the sketches of each bucket and split; their indexes stay text, as in JSON, and are read at the end."""
    merged: dict[Group, dict[str, int]] = {}
    for bucket, group, sketch in sketches:
        total = merged.setdefault(Group(bucket, group), sketch)
        if total is not sketch:
            for index, count in sketch.items():
                total[index] = total.get(index, 0) + count
    return merged


def columns_of(kind: str, conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """Return conditions on dimensions as conditions on the columns that hold them."""
    dims = CUBES[kind].dims
    return tuple(condition._replace(field=f"d{dims.index(condition.field)}") for condition in conditions)


def _add_fact(cell: Cell, fact: Fact, measure: str) -> None:
    if not measure:
        cell.n += 1
    for name, value in fact.measures:
        if name == measure:
            cell.add(value)
            cell.stretch(value)


def _collapsed(cells: dict[Group, Cell]) -> dict[Group, Cell]:
    """Turn cells whose last split is a boolean into cells of it, 1 where it is true; unknown does not count."""
    collapsed = Cells(Cell)
    for (bucket, by), cell in cells.items():
        if by[-1] in TRUE_OR_FALSE:
            collapsed[Group(bucket, by[:-1])].n += cell.n
            collapsed[Group(bucket, by[:-1])].sum += cell.n * SCALE * (by[-1] in TRUE)
    return collapsed


def read_facts(
    view: LogView, kind: str, where: Sequence[Condition], ranges: Sequence[TimeRange], rules: Rules
) -> Iterator[tuple[int, Fact]]:
    """Return every fact of ranges of time that meets the conditions, each with its bucket."""
    event = event_of(kind)
    if event is None:
        rows = view.facts.in_ranges(kind, columns_of(kind, where), ranges, SCAN + 1)
        check_scan(len(rows))
        yield from ((bucket, fact_of(row)) for bucket, row in rows)
        return
    check_scan(view.count(event, ranges))
    vocabulary = Vocabulary(view.words())
    event_filter = EventFilter(event, view.position.seq)
    for row in view.events(event_filter, ranges, SCAN):
        for fact in facts_of_event(row.body, row.key.seq, kind, where, rules, vocabulary):
            yield row.bucket, fact


def facts_of_event(
    body: str, seq: int, kind: str, where: Sequence[Condition], rules: Rules, vocabulary: Vocabulary
) -> list[Fact]:
    """Return the facts of one kind that are made from an event and that meet the conditions."""
    event = decode(b'{"epoch":"","seq":%d,%b' % (seq, body.encode()[1:]))
    dims = CUBES[kind].dims
    facts = [vocabulary.fact(fact) for fact in event_facts(event, rules) if fact.kind == kind]
    return [
        fact for fact in facts if all(holds(fact.dims[dims.index(condition.field)], condition) for condition in where)
    ]


def check_scan(events: int, most: int = SCAN) -> None:
    """Raise Invalid where a query would read too many events one by one."""
    if events > most:
        limit = f"a span of which {most} events at most are read one by one, and this question reads {events}"
        refuse("from", "too early", f"{limit}: ask for a shorter span, or by dimensions alone in steps of 15m or more")
