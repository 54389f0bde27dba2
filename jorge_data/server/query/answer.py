"""An answer: rows under named columns, the position up to which they hold, and whether they are exact."""

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nsmallest
from operator import itemgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from jorge_data.events import Cursor
from jorge_data.metrics.entities import Cell
from jorge_data.server.query.query_schema import refuse
from jorge_data.server.query.series_request import SeriesQuery
from jorge_data.server.query.time_buckets import TimeBucket, label

MOST_ROWS = 50_000

QUANTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


class Group(NamedTuple):
    """Where a figure stands: its slot, and the values that it is split by."""

    slot: int
    by: tuple[str, ...]


class Figure(NamedTuple):
    """A value, what it is of, and how many facts are behind it."""

    group: Group
    value: Any
    n: int


@dataclass(frozen=True)
class Answer:
    """Rows under named columns; what was counted up to a position of the log."""

    columns: list[str]
    rows: list[list[Any]]
    position: Cursor
    exact: bool
    zone: ZoneInfo

    def as_json(self) -> dict[str, Any]:
        """Return the answer as the contract writes it."""
        return {
            "columns": self.columns,
            "rows": self.rows,
            "position": self.position._asdict(),
            "exact": self.exact,
        }


def series(
    question: SeriesQuery, slots: list[TimeBucket], figures: list[Figure], position: Cursor, exact: bool
) -> Answer:
    """Return the answer that figures make, in order of time and then of the split; empty ones are left out."""
    if question.top is not None:
        figures = nsmallest(question.top, figures, key=lambda figure: (-(figure.value or 0), figure.group))
    if len(figures) > MOST_ROWS:
        refuse("by", ",".join(question.by), f"what makes {MOST_ROWS} rows at most: this makes {len(figures)}")
    labels = {at: label(slots[at].begins, question.zone) for at in {figure.group.slot for figure in figures}}
    rows = [
        [labels[figure.group.slot], *figure.group.by, figure.value, figure.n]
        for figure in sorted(figures, key=itemgetter(0))
        if figure.n
    ]
    return Answer(["t", *question.by, "value", "n"], rows, position, exact, question.zone)


def figures(cells: Mapping[Group, Cell], agg: str, scale: int) -> list[Figure]:
    """Return what an aggregation says of each cell that has counted something."""
    return [Figure(group, value(cell, agg, scale), cell.n) for group, cell in cells.items() if cell.n]


def value(cell: Cell, agg: str, scale: int) -> Any:
    """Return what an aggregation says of a cell."""
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
