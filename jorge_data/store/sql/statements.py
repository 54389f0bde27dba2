"""The statements that read events, built once for each form of a query; only their parameters change."""

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

import orjson
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    TextClause,
    TextualSelect,
    and_,
    bindparam,
    func,
    join,
    null,
    select,
    text,
    tuple_,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.expression import FromClause

from jorge_data.store.event_filter import Condition, Conditions, Field, Measure, VisibleTo, is_indexed
from jorge_data.store.sql.assignments import visible_events
from jorge_data.store.sql.driver import CACHED, AllRows
from jorge_data.store.sql.fields import Columns, clause
from jorge_data.store.sql.listed import listed, number_in
from jorge_data.store.sql.ranking import COLUMN_OF
from jorge_data.store.sql.read_rollups import exact_sum
from jorge_data.store.sql.tables import Whole, events

_E = events.c
_COLUMNS = Columns({name: _E[name] for name in ("id", "source", "type", "subject", "seq")}, _E.body)
_POSITIONS = """
SELECT seq FROM events /* by events_alerts_<column> */ WHERE log = :log AND type = 'property_alert'
AND <column> IN (SELECT value FROM texts(:names)) AND time >= :start AND time < :end
"""


def _groups(by: Sequence[Field]) -> list[ColumnElement[str]]:
    return [_COLUMNS.text(field).label(f"group{index}") for index, field in enumerate(by)]


def _where(conditions: Conditions, visible: VisibleTo | None) -> list[ColumnElement[bool] | TextClause]:
    """Return the clauses; the position is an expression, lest SQLite choose to search by it."""
    further = [clause(_COLUMNS.text(field), condition) for field, condition in conditions]
    narrow: list[ColumnElement[bool]] = [_E.seq.in_(_positions(*each)) for each in conditions if is_indexed(*each)]
    first = narrow or [_E.type == bindparam("kind")]  # not both: SQLite would search by kind and time
    seen = [] if visible is None else [visible_events(visible)]
    return [_E.log == bindparam("log"), *first, _E.seq + 0 <= bindparam("top"), *further, *seen]


def _positions(field: Field, condition: Condition) -> TextualSelect:
    """Return the positions of the alerts of contacts or properties: by an index, which SQLite would not choose."""
    names: BindParameter[str] = bindparam("names", orjson.dumps(condition.values).decode(), unique=True)
    return text(_POSITIONS.replace("<column>", COLUMN_OF[field.name])).bindparams(names).columns(_E.seq)


def _join_ranges(
    conditions: Conditions, visible: VisibleTo | None = None, outer: bool = False
) -> tuple[FromClause, ColumnElement[int]]:
    """Join each range to its events: one search of the index by time a range, or of an alerts' index for the only one.

    Return what to select from, and the column of the bucket. An outer join keeps SQLite from reading all events of the
    kind and searching the ranges for each, which it does where it need not group (33 ms at 10⁵ events, 0.4 with it);
    a range without an event is then a row of nulls.
    """
    ranges = listed("ranges")
    within = and_(*_where(conditions, visible), _E.time >= number_in(ranges, 1), _E.time < number_in(ranges, 2))
    return join(ranges, events, within, isouter=outer), number_in(ranges, 0).label("bucket")


COUNT = select(func.count(_E.seq)).select_from(_join_ranges((), outer=True)[0])
RECORDS = AllRows(
    select(_E.seq, _E.type, _E.body)
    .where(_E.log == bindparam("log"), _E.seq > bindparam("after"))
    .order_by(_E.seq)
    .limit(bindparam("limit"))
)


@lru_cache(CACHED)
def aggregate(
    conditions: Conditions, by: tuple[Field, ...], measure: Measure | None, visible: VisibleTo | None
) -> AllRows:
    """A measure added up by bucket and group; without one, events counted."""
    source, bucket = _join_ranges(conditions, visible)
    groups = _groups(by)
    parts: tuple[ColumnElement[Any], ...] = (func.count(), null(), null(), null(), null())
    if measure is not None:
        value = _COLUMNS.scaled(measure)
        parts = func.count(value), *exact_sum(value), func.min(value), func.max(value)
    return AllRows(select(bucket, *groups, *parts).select_from(source).group_by(bucket, *groups))


@lru_cache(CACHED)
def leading(conditions: Conditions, by: tuple[Field, ...], visible: VisibleTo | None) -> AllRows:
    """The groups with the most events; `most` of them."""
    source, bucket = _join_ranges(conditions, visible)
    groups, n = _groups(by), func.count().label("n")
    query = select(bucket, *groups, n).select_from(source).group_by(bucket, *groups).order_by(n.desc(), *groups)
    return AllRows(query.limit(bindparam("most")))


@lru_cache(CACHED)
def values(conditions: Conditions, by: tuple[Field, ...], measure: Measure, visible: VisibleTo | None) -> AllRows:
    """Each value of a measure in a bucket and group, and how often it occurs."""
    source, bucket = _join_ranges(conditions, visible)
    groups, value = _groups(by), _COLUMNS.scaled(measure).label("measured")
    query = select(bucket, *groups, value, func.count().label("n")).select_from(source).where(value.is_not(null()))
    return AllRows(query.group_by(bucket, *groups, value))


@lru_cache(CACHED)
def distinct(conditions: Conditions, by: tuple[Field, ...], field: Field, visible: VisibleTo | None) -> AllRows:
    """How many events have a field, and how many distinct values of it they have, by bucket and group."""
    source, bucket = _join_ranges(conditions, visible)
    groups, value = _groups(by), _COLUMNS.text(field)
    query = select(bucket, *groups, func.count(), func.count(value.distinct())).select_from(source).where(value != "")
    return AllRows(query.group_by(bucket, *groups))


@lru_cache(CACHED)
def in_ranges(conditions: Conditions, visible: VisibleTo | None) -> AllRows:
    """Events of ranges of time; `limit` of them. A range without an event makes a row of nulls."""
    source, bucket = _join_ranges(conditions, visible, outer=True)
    return AllRows(select(bucket, _E.time, _E.seq, _E.body).select_from(source).limit(bindparam("limit")))


@lru_cache(CACHED)
def page(
    conditions: Conditions, fields: tuple[Field, ...], first: bool, descending: bool, visible: VisibleTo | None
) -> AllRows:
    """Events in order of time, from the beginning of a span or after `time` and `seq`; `limit` of them.

    Each with its body, or with the fields that were requested.
    """
    within = _E.time >= bindparam("start"), _E.time < bindparam("end")
    query = select(_E.time, _E.seq, _E.body).where(*_where(conditions, visible), *within)
    if not first:
        time, key = bindparam("time", type_=Whole), tuple_(_E.time, _E.seq)
        after = tuple_(time, bindparam("seq"))
        query = query.where(*((_E.time <= time, key < after) if descending else (_E.time >= time, key > after)))
    order = (_E.time.desc(), _E.seq.desc()) if descending else (_E.time, _E.seq)
    ordered = query.order_by(*order).limit(bindparam("limit"))
    return AllRows(ordered, partial(_with_fields, fields=fields)) if fields else AllRows(ordered)


def _with_fields(row: ReadOnlyColumnCollection[str, Any], fields: tuple[Field, ...]) -> tuple[ColumnElement[Any], ...]:
    return row.time, row.seq, Columns({}, row.body).array(fields)
