"""Reading the rollups: cells of spans of time, added up by SQL."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Select, Text, and_, bindparam, func, join, null, select
from sqlalchemy.sql.expression import FromClause

from jorge_data.store.event_filter import Condition, clause
from jorge_data.store.sqlite.json_rows import SHAPES, json_rows, json_rows_statement
from jorge_data.store.sqlite.tables import rollups

LOW_BITS = 20
_MASK = (1 << LOW_BITS) - 1


class TimeSpan(NamedTuple):
    """Rows of one grain within a half-open span of time, for one slot of the answer."""

    slot: int
    grain: str
    start: int
    end: int


class RollupFilter(NamedTuple):
    """Which cells: of a kind and measure, by columns, under conditions whose fields are columns too (`d0` … `d7`).

    `ends`: with the least and the greatest value.
    """

    kind: str
    measure: str
    by: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    ends: bool = False


class Sum(NamedTuple):
    """Cells added up: for a slot and a group, how many, their sum, and the least and the greatest if asked for."""

    slot: int
    group: tuple[str, ...]
    n: int
    sum: int
    lo: int | None
    hi: int | None


class Rollups:
    """Reads the cells of one log within a view; one thread at a time."""

    def __init__(self, connection: Connection, log: int) -> None:
        self._connection, self._log = connection, log

    def sums(self, wanted: RollupFilter, spans: Sequence[TimeSpan]) -> list[Sum]:
        """Add up the cells of each span and group; a slot has a sum for each of its spans."""
        statement = _sums(wanted.by, wanted.conditions, bool(wanted.measure), wanted.ends)
        rows = json_rows(self._connection, statement, _parameters(self._log, wanted, spans))
        return [to_sum(row, len(wanted.by), spans[row[0]].slot) for row in rows]

    def extent(self, kind: str, grain: str) -> tuple[int, int] | None:
        """Return the first and the last bucket of a grain that count facts of a kind, None where none do."""
        here = {"log": self._log, "kind": kind, "grain": grain}
        first, last = (self._connection.execute(end, here).scalar_one() for end in _ENDS)
        return None if first is None else (first, last)

    def sketches(
        self, wanted: RollupFilter, spans: Sequence[TimeSpan]
    ) -> list[tuple[int, tuple[str, ...], dict[str, int]]]:
        """Return the sketch of each cell, with its slot and group."""
        rows = json_rows(
            self._connection, _sketches(wanted.by, wanted.conditions), _parameters(self._log, wanted, spans)
        )
        return [(spans[row[0]].slot, tuple(row[1:-1]), orjson.loads(row[-1])) for row in rows if row[-1] is not None]


def exact_sum(value: ColumnElement[int]) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Return a sum in two parts, so that what fits each row cannot overflow together; `to_sum` joins them."""
    return func.sum(value.op(">>")(LOW_BITS)), func.sum(value.op("&")(_MASK))


def to_sum(row: Sequence[Any], groups: int, slot: int) -> Sum:
    """Read a row of (anything, groups, n, high sum, low sum, lo, hi)."""
    n, high, low, lo, hi = row[1 + groups :]
    return Sum(slot, tuple(row[1 : 1 + groups]), n, ((high or 0) << LOW_BITS) + (low or 0), lo, hi)


_HERE = and_(
    rollups.c.log == bindparam("log"),
    rollups.c.kind == bindparam("kind"),
    rollups.c.measure == "",
    rollups.c.grain == bindparam("grain"),
)
_ENDS = [select(end(rollups.c.bucket)).where(_HERE) for end in (func.min, func.max)]


@lru_cache(SHAPES)
def _sums(by: tuple[str, ...], conditions: tuple[Condition, ...], measured: bool, ends: bool) -> Select[str]:
    r, source, span = _spanned(conditions)
    columns = [r[name] for name in by]
    total = exact_sum(r.sum) if measured else (null().label("high"), null().label("low"))
    extremes = (func.min(r.lo), func.max(r.hi)) if ends else (null().label("lo"), null().label("hi"))
    parts = func.sum(r.n), *total, *extremes
    return json_rows_statement(select(span, *columns, *parts).select_from(source).group_by(span, *columns))


@lru_cache(SHAPES)
def _sketches(by: tuple[str, ...], conditions: tuple[Condition, ...]) -> Select[str]:
    r, source, span = _spanned(conditions, outer=True)
    return json_rows_statement(select(span, *(r[name] for name in by), r.sketch).select_from(source))


def _parameters(log: int, wanted: RollupFilter, spans: Sequence[TimeSpan]) -> dict[str, Any]:
    listed = orjson.dumps([list(span) for span in spans]).decode()
    return {"log": log, "kind": wanted.kind, "measure": wanted.measure, "spans": listed}


def _spanned(conditions: Sequence[Condition], outer: bool = False) -> tuple[Any, FromClause, ColumnElement[int]]:
    """Join each span, by its place among the spans, to its rows: one search of the primary key a span.

    What stands in a span's text is read once a span; its slot would be read at every row, a quarter of the time.

    An outer join keeps SQLite from reading all cells of the measure and looking among the spans for each of them,
    which it does as soon as it need not group; a span without a row is then a row of nulls.
    """
    listed = func.json_each(bindparam("spans", type_=Text)).table_valued("key", "value", name="span")
    part = listed.c.value.op("->>")
    r = rollups.c
    here = and_(
        r.log == bindparam("log"),
        r.kind == bindparam("kind"),
        r.measure == bindparam("measure"),
        r.grain == part(1),
        r.bucket >= part(2),
        r.bucket < part(3),
        *(clause(r[condition.field], condition) for condition in conditions),
    )
    return r, join(listed, rollups, here, isouter=outer), listed.c.key
