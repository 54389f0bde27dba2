"""The statements that find events, one for each shape of a question: what is asked all the time is built once."""

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

import orjson
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    Text,
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

from jorge_data.store.event_filter import COLUMNS, Condition, Conditions, Measure, clause, is_named
from jorge_data.store.sqlite.fields import Columns, Field
from jorge_data.store.sqlite.json_rows import SHAPES, json_rows_statement
from jorge_data.store.sqlite.ranking import NAMINGS
from jorge_data.store.sqlite.read_rollups import exact_sum
from jorge_data.store.sqlite.tables import events

_E = events.c
_NAMED = """
SELECT seq FROM events INDEXED BY events_alerts_<column> WHERE log = :log AND type = 'property_alert'
AND <column> IN (SELECT value FROM json_each(:names)) AND time >= :start AND time < :end
"""


def _groups(by: Sequence[Field]) -> list[ColumnElement[str]]:
    return [COLUMNS.text(field).label(f"group{index}") for index, field in enumerate(by)]


def _parts(value: ColumnElement[int]) -> tuple[ColumnElement[int], ...]:
    return func.count(value), *exact_sum(value), func.min(value), func.max(value)


def _which(conditions: Conditions) -> list[ColumnElement[bool]]:
    """Return the clauses; the position is an expression, lest SQLite take it for the way to search."""
    further = [clause(COLUMNS.text(field), condition) for field, condition in conditions]
    narrow: list[ColumnElement[bool]] = [_E.seq.in_(_named(*each)) for each in conditions if is_named(*each)]
    which = narrow or [_E.type == bindparam("kind")]  # not both: SQLite would search by kind and time
    return [_E.log == bindparam("log"), *which, _E.seq + 0 <= bindparam("top"), *further]


def _named(field: Field, condition: Condition) -> TextualSelect:
    """Return the positions of the alerts of contacts or properties: by an index, which SQLite would not choose."""
    names: BindParameter[str] = bindparam("names", orjson.dumps(condition.values).decode(), unique=True)
    return text(_NAMED.replace("<column>", NAMINGS[field.name])).bindparams(names).columns(_E.seq)


def _spanned(conditions: Conditions) -> tuple[FromClause, ColumnElement[int]]:
    """Join each stretch to its events: one search of the index by time a stretch, or all by name of the only one."""
    span = func.json_each(bindparam("stretches", type_=Text)).table_valued("value", name="stretch")
    part = span.c.value.op("->>")
    within = and_(*_which(conditions), _E.time >= part(1), _E.time < part(2))
    return join(span, events, within), part(0).label("slot")


COUNT = select(func.count()).select_from(_spanned(())[0])
RECORDS = json_rows_statement(
    select(_E.seq, _E.type, _E.body)
    .where(_E.log == bindparam("log"), _E.seq > bindparam("after"))
    .order_by(_E.seq)
    .limit(bindparam("limit"))
)


@lru_cache(SHAPES)
def aggregate(conditions: Conditions, by: tuple[Field, ...], measure: Measure | None) -> Select[str]:
    """A measure added up by slot and group; without one, events counted."""
    source, slot = _spanned(conditions)
    groups = _groups(by)
    parts = (func.count(), null(), null(), null(), null()) if measure is None else _parts(COLUMNS.scaled(*measure))
    return json_rows_statement(select(slot, *groups, *parts).select_from(source).group_by(slot, *groups))


@lru_cache(SHAPES)
def leading(conditions: Conditions, by: tuple[Field, ...]) -> Select[str]:
    """The groups with the most events; `most` of them."""
    source, slot = _spanned(conditions)
    groups, n = _groups(by), func.count().label("n")
    query = select(slot, *groups, n).select_from(source).group_by(slot, *groups).order_by(n.desc(), *groups)
    return json_rows_statement(query.limit(bindparam("most")))


@lru_cache(SHAPES)
def values(conditions: Conditions, by: tuple[Field, ...], measure: Measure) -> Select[str]:
    """Each value of a measure in a slot and group, and how often it occurs."""
    source, slot = _spanned(conditions)
    groups, value = _groups(by), COLUMNS.scaled(*measure).label("measured")
    query = select(slot, *groups, value, func.count().label("n")).select_from(source).where(value.is_not(null()))
    return json_rows_statement(query.group_by(slot, *groups, value))


@lru_cache(SHAPES)
def distinct(conditions: Conditions, by: tuple[Field, ...], field: Field) -> Select[str]:
    """The distinct values of a field by slot and group."""
    source, slot = _spanned(conditions)
    groups, value = _groups(by), COLUMNS.text(field)
    query = select(slot, *groups, func.count(), func.count(value.distinct())).select_from(source).where(value != "")
    return json_rows_statement(query.group_by(slot, *groups))


@lru_cache(SHAPES)
def stretch(conditions: Conditions) -> Select[str]:
    """Events of stretches of time; `limit` of them."""
    source, slot = _spanned(conditions)
    return json_rows_statement(select(slot, _E.time, _E.seq, _E.body).select_from(source).limit(bindparam("limit")))


@lru_cache(SHAPES)
def page(conditions: Conditions, fields: tuple[Field, ...], first: bool, descending: bool) -> Select[str]:
    """Events in order of time, from the beginning of a span or after `time` and `seq`; `limit` of them.

    Each with its body, or with the fields that were asked for.
    """
    within = _E.time >= bindparam("start"), _E.time < bindparam("end")
    query = select(_E.time, _E.seq, _E.body).where(*_which(conditions), *within)
    if not first:
        time, place = bindparam("time", type_=Integer), tuple_(_E.time, _E.seq)
        after = tuple_(time, bindparam("seq"))
        query = query.where(*((_E.time <= time, place < after) if descending else (_E.time >= time, place > after)))
    order = (_E.time.desc(), _E.seq.desc()) if descending else (_E.time, _E.seq)
    newest = query.order_by(*order).limit(bindparam("limit"))
    return json_rows_statement(newest, partial(_picked, fields=fields)) if fields else json_rows_statement(newest)


def _picked(row: ReadOnlyColumnCollection[str, Any], fields: tuple[Field, ...]) -> tuple[ColumnElement[Any], ...]:
    return row.time, row.seq, Columns({}, row.body).array(fields)
