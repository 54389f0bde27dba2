"""Cells of an answer from the rollups and, where no cell fits, from the facts themselves."""

from collections.abc import Iterable, Iterator, Sequence

from jorge_data.events import decode
from jorge_data.metrics.entities import CUBES, SCALE, Cell, Fact, Rules, Vocabulary, event_facts
from jorge_data.server.query.answer import Group
from jorge_data.server.query.planner import QueryPlan, plan
from jorge_data.server.query.query_schema import BOOLEAN_DIMS, EVENTS, KNOWN, TRUE, event_of, refuse
from jorge_data.server.query.series_request import SeriesQuery
from jorge_data.server.query.time_buckets import TimeBucket
from jorge_data.server.rollup.batch import fact_of
from jorge_data.store import Condition, EventFilter, LogView, RollupFilter, Stretch
from jorge_data.store.event_filter import holds

SCAN = 200_000
"""Most events or facts that one question reads beside the rollups."""


class _Cells(dict[Group, Cell]):
    def __missing__(self, group: Group) -> Cell:
        cell = self[group] = Cell()
        return cell


def from_rollups(view: LogView, question: SeriesQuery, planned: QueryPlan, rules: Rules) -> dict[Group, Cell]:
    """Return the cell of every slot and split of a question whose every name is a dimension or measure of its cube."""
    flag = question.measure if question.measure in BOOLEAN_DIMS else None
    by = question.by if flag is None else (*question.by, flag)
    measure = "" if flag or question.measure == EVENTS else question.measure
    found = _Cells()
    _add_rollups(found, view, question, planned, by, measure)
    if planned.stretches:
        dims = CUBES[question.kind].dims
        places = [dims.index(name) for name in by]
        for slot, fact in facts(view, question.kind, question.where, planned.stretches, rules):
            _add_fact(found[Group(slot, tuple(fact.dims[place] for place in places))], fact, measure)
    return found if flag is None else _collapsed(found)


def counted(view: LogView, kind: str, where: tuple[Condition, ...], span: tuple[int, int], rules: Rules) -> int:
    """Return how many facts of a kind there are in a span, as a figure counts them."""
    question = SeriesQuery(kind, EVENTS, "count", (), where, *span, "all", rules.zone)
    planned = plan([TimeBucket(None, *span)], rules.zone, view.watermark.minutes_from if view.watermark else 0)
    return sum(cell.n for cell in from_rollups(view, question, planned, rules).values())


def _add_rollups(
    found: _Cells, view: LogView, question: SeriesQuery, planned: QueryPlan, by: tuple[str, ...], measure: str
) -> None:
    dims = CUBES[question.kind].dims
    wanted = RollupFilter(
        question.kind,
        measure,
        tuple(f"d{dims.index(name)}" for name in by),
        columns_of(question.kind, question.where),
        ends=question.agg in ("min", "max"),
    )
    for slot, group, n, total, lo, hi in view.rollups.sums(wanted, planned.spans):
        cell = found[Group(slot, group)]
        cell.n += n
        cell.sum += total
        if lo is not None and hi is not None:
            cell.stretch(lo)
            cell.stretch(hi)
    if question.agg in ("p50", "p95", "p99", "bins"):
        for place, sketch in _merged(view.rollups.sketches(wanted, planned.spans)).items():
            found[place].bins = {int(index): count for index, count in sketch.items()}


def _merged(sketches: Iterable[tuple[int, tuple[str, ...], dict[str, int]]]) -> dict[Group, dict[str, int]]:
    """Add up the sketches of each slot and split, by their indexes as they are written: those are read at the end."""
    merged: dict[Group, dict[str, int]] = {}
    for slot, group, sketch in sketches:
        known = merged.setdefault(Group(slot, group), sketch)
        if known is not sketch:
            for index, count in sketch.items():
                known[index] = known.get(index, 0) + count
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


def _collapsed(found: _Cells) -> _Cells:
    """Make cells split by a truth last into cells of that truth, 1 where it holds; what is not known does not count."""
    collapsed = _Cells()
    for (slot, by), cell in found.items():
        if by[-1] in KNOWN:
            collapsed[Group(slot, by[:-1])].n += cell.n
            collapsed[Group(slot, by[:-1])].sum += cell.n * SCALE * (by[-1] in TRUE)
    return collapsed


def facts(
    view: LogView, kind: str, where: Sequence[Condition], stretches: Sequence[Stretch], rules: Rules
) -> Iterator[tuple[int, Fact]]:
    """Return every fact of stretches of time that meets the conditions, each with its slot."""
    event = event_of(kind)
    if event is None:
        kept = view.facts.stretch(kind, columns_of(kind, where), stretches, SCAN + 1)
        check_scan(len(kept))
        yield from ((slot, fact_of(row)) for slot, row in kept)
        return
    check_scan(view.count(event, stretches))
    vocabulary = Vocabulary(view.words())
    sought = EventFilter(event, view.watermark.cursor.seq if view.watermark else 0)
    for row in view.events(sought, stretches, SCAN):
        for said in facts_of(row.body, row.place.seq, kind, where, rules, vocabulary):
            yield row.slot, said


def facts_of(
    body: str, seq: int, kind: str, where: Sequence[Condition], rules: Rules, vocabulary: Vocabulary
) -> list[Fact]:
    """Return the facts of one kind that an event says and that meet the conditions."""
    event = decode(b'{"epoch":"","seq":%d,%b' % (seq, body.encode()[1:]))
    dims = CUBES[kind].dims
    counted = [vocabulary.fact(fact) for fact in event_facts(event, rules) if fact.kind == kind]
    return [
        fact for fact in counted if all(holds(fact.dims[dims.index(condition.field)], condition) for condition in where)
    ]


def check_scan(events: int, most: int = SCAN) -> None:
    """Raise Invalid where a question would read too many events one by one."""
    if events > most:
        told = f"a span of which {most} events at most are read one by one, and this question reads {events}"
        refuse("from", "too early", f"{told}: ask for a shorter span, or by dimensions alone in steps of 15m or more")
