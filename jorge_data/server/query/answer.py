"""The response to a series query: rows under named columns, up to which position, and whether they are exact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from operator import itemgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from jorge_data.events import Cursor
from jorge_data.metrics.entities import CUBES, Cell
from jorge_data.server.query.query_schema import event_of, refuse
from jorge_data.server.query.series_request import SeriesQuery
from jorge_data.server.query.time_buckets import TimeBucket, label
from jorge_data.store import LogView

MOST_ROWS = 50_000

QUANTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
SKETCHED = frozenset({*QUANTILES, "bins"})
"""Aggregations that rollups answer from sketches, and so not exactly."""


class Group(NamedTuple):
    """What a figure is of: the number of its bucket, and the values that it is split by."""

    bucket: int
    by: tuple[str, ...]


class Figure(NamedTuple):
    """A value, what it is of, and how many facts it counts."""

    group: Group
    value: Any
    n: int


@dataclass(frozen=True)
class Answer:
    """Rows under named columns, counted up to a position of the log."""

    columns: list[str]
    rows: list[list[Any]]
    position: Cursor
    exact: bool
    zone: ZoneInfo
    left_out: tuple[str, ...] = ()
    """The archive's files that it needs and that cannot be read."""

    def as_json(self) -> dict[str, Any]:
        """Return the JSON of `/api/series`."""
        return {
            "columns": self.columns,
            "rows": self.rows,
            "position": self.position._asdict(),
            "exact": self.exact and not self.left_out,
            **as_left_out(self.left_out),
        }


def left_out(view: LogView, kind: str, span: tuple[int, int]) -> tuple[str, ...]:
    """Return the archive's files that an answer about a span of a kind lacks, after it was read from a view.

    Facts of entities follow from all that came before; a fact of an event from its event alone.
    """
    start = span[0] if kind in CUBES and event_of(kind) is not None else None
    return tuple(sorted(view.left_out | view.not_counted(start, span[1])))


MOST_LEFT_OUT = 100
"""Most files that an answer names."""


def as_left_out(names: Sequence[str]) -> dict[str, Any]:
    """Return the field that names what an answer lacks, none where it lacks nothing."""
    return {"left_out": names[:MOST_LEFT_OUT]} if names else {}


def series(
    query: SeriesQuery, buckets: list[TimeBucket], figures: list[Figure], position: Cursor, exact: bool
) -> Answer:
    """Return figures as rows, in order of time and then of the split, without empty ones.

    Of a query with `top`, so many with the greatest value. Raise Invalid where there are more than MOST_ROWS.
    """
    if query.top is not None:
        figures = nsmallest(query.top, figures, key=lambda figure: (-(figure.value or 0), figure.group))
    if len(figures) > MOST_ROWS:
        refuse("by", ",".join(query.by), f"what makes {MOST_ROWS} rows at most: this makes {len(figures)}")
    numbers = {figure.group.bucket for figure in figures}
    labels = {number: label(buckets[number].begins, query.zone) for number in numbers}
    rows = [
        [labels[figure.group.bucket], *figure.group.by, figure.value, figure.n]
        for figure in sorted(figures, key=itemgetter(0))
        if figure.n
    ]
    return Answer(["t", *query.by, "value", "n"], rows, position, exact, query.zone)


def figures(cells: Mapping[Group, Cell], agg: str, scale: int) -> list[Figure]:
    """Return the figure of each cell that has counted something."""
    return [Figure(group, value(cell, agg, scale), cell.n) for group, cell in cells.items() if cell.n]


def value(cell: Cell, agg: str, scale: int) -> Any:
    """Return an aggregation of a cell; `scale`: what its integers are divided by."""
    match agg:
        case "count":
            return cell.n
        case "distinct":
            return cell.sum
        case "sum":
            return cell.sum / scale
        case "mean" | "share":
            return cell.sum / (cell.n * scale)
        case "min":
            return None if cell.lo is None else cell.lo / scale
        case "max":
            return None if cell.hi is None else cell.hi / scale
        case "bins":
            return bins(cell, scale)
    quantile = cell.quantile(QUANTILES[agg])
    return None if quantile is None else quantile / scale


def bins(cell: Cell, scale: int) -> list[list[float]]:
    """Return the middle of every bin of a cell's sketch, and how many values it holds."""
    return [[middle / scale, count] for middle, count in cell.distribution()]
