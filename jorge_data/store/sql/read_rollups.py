"""Reading the rollups: cells of ranges of time, added up by SQL."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, join, literal_column, null, select
from sqlalchemy.sql.expression import FromClause

from jorge_data.store.event_filter import Condition
from jorge_data.store.rollup_types import GrainRange, RollupFilter, Sum
from jorge_data.store.sql.driver import CACHED, AllRows, all_rows, fetch
from jorge_data.store.sql.fields import clause
from jorge_data.store.sql.listed import listed, number_in, text_in
from jorge_data.store.sql.tables import rollups

LOW_BITS = 20
_MASK = (1 << LOW_BITS) - 1


class SQLRollups:
    """`log_view.Rollups`."""

    def __init__(self, connection: Connection, log: int) -> None:
        self._connection, self._log = connection, log

    def sums(self, rollup_filter: RollupFilter, ranges: Sequence[GrainRange]) -> list[Sum]:
        statement = _sums(rollup_filter.by, rollup_filter.conditions, bool(rollup_filter.measure), rollup_filter.ends)
        rows = all_rows(self._connection, statement, _parameters(self._log, rollup_filter, ranges))
        return [to_sum(row, len(rollup_filter.by), ranges[row[0]].bucket) for row in rows]

    def extent(self, kind: str, grain: str) -> tuple[int, int] | None:
        here = {"log": self._log, "kind": kind, "grain": grain}
        first, last = (fetch(self._connection, end, here)[0][0] for end in _ENDS)
        return None if first is None else (first, last)

    def sketches(
        self, rollup_filter: RollupFilter, ranges: Sequence[GrainRange]
    ) -> list[tuple[int, tuple[str, ...], dict[str, int]]]:
        rows = all_rows(
            self._connection,
            _sketches(rollup_filter.by, rollup_filter.conditions),
            _parameters(self._log, rollup_filter, ranges),
        )
        return [(ranges[row[0]].bucket, tuple(row[1:-1]), orjson.loads(row[-1])) for row in rows if row[-1] is not None]


def exact_sum(value: ColumnElement[int]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Return a sum in two parts, so that what fits each row cannot overflow together; `to_sum` joins them."""
    return func.sum(value.op(">>")(literal_column(str(LOW_BITS)))), func.sum(value.op("&")(literal_column(str(_MASK))))


def to_sum(row: Sequence[Any], groups: int, bucket: int) -> Sum:
    """Read a row of (anything, groups, n, high sum, low sum, lo, hi)."""
    n, high, low, lo, hi = row[1 + groups :]
    return Sum(bucket, tuple(row[1 : 1 + groups]), n, ((high or 0) << LOW_BITS) + (low or 0), lo, hi)


_HERE = and_(
    rollups.c.log == bindparam("log"),
    rollups.c.kind == bindparam("kind"),
    rollups.c.measure == "",
    rollups.c.grain == bindparam("grain"),
)
_ENDS = [select(end(rollups.c.bucket)).where(_HERE) for end in (func.min, func.max)]


@lru_cache(CACHED)
def _sums(by: tuple[str, ...], conditions: tuple[Condition, ...], measured: bool, ends: bool) -> AllRows:
    r, source, number = _join_ranges(conditions)
    columns = [r[name] for name in by]
    total = exact_sum(r.sum) if measured else (null().label("high"), null().label("low"))
    extremes = (func.min(r.lo), func.max(r.hi)) if ends else (null().label("lo"), null().label("hi"))
    parts = func.sum(r.n), *total, *extremes
    return AllRows(select(number, *columns, *parts).select_from(source).group_by(number, *columns))


@lru_cache(CACHED)
def _sketches(by: tuple[str, ...], conditions: tuple[Condition, ...]) -> AllRows:
    r, source, number = _join_ranges(conditions, outer=True)
    return AllRows(select(number, *(r[name] for name in by), r.sketch).select_from(source))


def _parameters(log: int, rollup_filter: RollupFilter, ranges: Sequence[GrainRange]) -> dict[str, Any]:
    listed = orjson.dumps([list(each) for each in ranges]).decode()
    return {"log": log, "kind": rollup_filter.kind, "measure": rollup_filter.measure, "ranges": listed}


def _join_ranges(conditions: Sequence[Condition], outer: bool = False) -> tuple[Any, FromClause, ColumnElement[int]]:
    """Join each range, by its number among the ranges, to its rows: one search of the primary key a range.

    What is in a range's JSON is read once a range; its bucket would be read at every row, a quarter of the time.

    An outer join keeps SQLite from reading all cells of the measure and searching the ranges for each of them,
    which it does as soon as it need not group; a range without a row is then a row of nulls.
    """
    ranges = listed("ranges")
    r = rollups.c
    here = and_(
        r.log == bindparam("log"),
        r.kind == bindparam("kind"),
        r.measure == bindparam("measure"),
        r.grain == text_in(ranges, 1),
        r.bucket >= number_in(ranges, 2),
        r.bucket < number_in(ranges, 3),
        *(clause(r[condition.field], condition) for condition in conditions),
    )
    return r, join(ranges, rollups, here, isouter=outer), ranges.c.key
