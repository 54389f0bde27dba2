"""Reading entities: their states for whoever folds, their summaries for lists."""

from collections.abc import Collection
from functools import lru_cache, partial
from typing import Any, Literal, NamedTuple

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Text,
    bindparam,
    func,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from jorge_data.events import Cursor, Record, place
from jorge_data.store.event_filter import Condition, Conditions, clause
from jorge_data.store.sqlite.fields import Columns, Field
from jorge_data.store.sqlite.json_rows import SHAPES, json_rows, json_rows_statement
from jorge_data.store.sqlite.tables import entities, events

COLUMNS = Columns({"key": entities.c.key, "name": entities.c.name}, entities.c.summary)

Order = Literal["at", "name", "value"]

NOTHING = -(1 << 62)
"""The place of an entity without a value, among those by value."""


class Listed(NamedTuple):
    """Which entities: of a family, with their newest event in a half-open span, under conditions and a search."""

    family: str
    span: tuple[int, int]
    conditions: Conditions = ()
    text: str = ""


class EntityPlace(NamedTuple):
    """An entity's place in an order."""

    by: Any
    id: int


class Entities:
    """Reads the entities of one log within a view; one thread at a time."""

    def __init__(self, connection: Connection, log: int) -> None:
        self._connection, self._log = connection, log

    def states(self, family: str, keys: Collection[str]) -> dict[str, bytes]:
        """Return the states of those of these entities that have one."""
        query = select(entities.c.key, entities.c.state).where(*self._named(family, keys))
        return {row.key: row.state for row in self._connection.execute(query)}

    def known(self, family: str, keys: Collection[str]) -> set[str]:
        """Return those of these keys that have an entity."""
        query = select(entities.c.key).where(*self._named(family, keys))
        return set(self._connection.execute(query).scalars())

    def page(
        self,
        listed: Listed,
        order: Order,
        after: EntityPlace | None,
        descending: bool,
        limit: int,
        names: tuple[str, ...],
    ) -> list[tuple[EntityPlace, list[Any]]]:
        """Return what the next so many summaries have by these names, in an order, after a place."""
        place = {} if after is None else {"place_by": after.by, "place_id": after.id}
        statement = _page(listed.conditions, bool(listed.text), order, after is None, descending, names)
        rows = json_rows(self._connection, statement, {**_parameters(self._log, listed), "limit": limit, **place})
        return [(EntityPlace(by, id), values) for by, id, values in rows]

    def count(self, listed: Listed) -> int:
        """Return how many entities a list has."""
        query = _count(listed.conditions, bool(listed.text))
        return self._connection.execute(query, _parameters(self._log, listed)).scalar_one()

    def _named(self, family: str, keys: Collection[str]) -> tuple[ColumnElement[bool], ...]:
        listed, e = func.json_each(orjson.dumps(list(keys)).decode()).table_valued("value"), entities.c
        return e.log == self._log, e.family == family, e.key.in_(select(listed.c.value))


_ANALYSES = text(
    "SELECT e.seq, e.type, e.body FROM json_each(:ids) AS name CROSS JOIN events AS e INDEXED BY events_analysis"
    " ON e.log = :log AND e.id = name.value AND e.type = 'intent_analysis_complete' ORDER BY e.seq DESC"
).columns(events.c.seq, events.c.type, events.c.body)


def analyses(connection: Connection, log: int, epoch: str, ids: Collection[str]) -> list[Record]:
    """Return the analyses of these ids; of two with one id, that of the least position comes last."""
    rows = connection.execute(_ANALYSES, {"ids": orjson.dumps(list(ids)).decode(), "log": log})
    return [Record(row.seq, row.type, place(row.body.encode(), Cursor(epoch, row.seq))) for row in rows]


@lru_cache(SHAPES)
def _page(
    conditions: Conditions, searched: bool, order: Order, first: bool, descending: bool, names: tuple[str, ...]
) -> Select[str]:
    e, by = entities.c, entities.c[order]
    place = tuple_(_placed(by), e.id)
    query = select(_placed(by).label("by"), e.id, e.summary).where(*_which(conditions, searched))
    if not first:
        bound = tuple_(bindparam("place_by"), bindparam("place_id"))
        query = query.where(place < bound if descending else place > bound)
    ordering = (by.desc(), e.id.desc()) if descending else (by, e.id)
    limit = bindparam("limit", type_=Integer)
    return json_rows_statement(query.order_by(*ordering).limit(limit), partial(_picked, names=names))


def _picked(row: ReadOnlyColumnCollection[str, Any], names: tuple[str, ...]) -> tuple[ColumnElement[Any], ...]:
    fields = [Field(name, "attribute") for name in names]
    return row.by, row.id, Columns({}, row.summary).array(fields)


@lru_cache(SHAPES)
def _count(conditions: Conditions, searched: bool) -> Select[int]:
    return select(func.count()).select_from(entities).where(*_which(conditions, searched))


def _parameters(log: int, listed: Listed) -> dict[str, Any]:
    sought = listed.text.replace("/", "//").replace("%", "/%").replace("_", "/_")
    return {"log": log, "family": listed.family, "start": listed.span[0], "end": listed.span[1], "sought": sought}


def _placed(by: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return what an order is by as a place in it: SQLite has nothing before all else, but compares it with nothing."""
    return func.coalesce(by, NOTHING) if by is entities.c.value else by


def _which(conditions: Conditions, searched: bool) -> list[ColumnElement[bool]]:
    e = entities.c
    clauses = [_clause(field, condition) for field, condition in conditions]
    if searched:
        sought = bindparam("sought", type_=Text)
        clauses.append(or_(e.name.icontains(sought, escape="/"), e.key.icontains(sought, escape="/")))
    here = e.log == bindparam("log"), e.family == bindparam("family")
    # Of a status the time is an expression, lest SQLite take it for the way to search: it keeps no statistics here.
    at = e.at + 0 if any(_is_of_status(*each) for each in conditions) else e.at
    return [*here, at >= bindparam("start"), at < bindparam("end"), *clauses]


def _clause(field: Field, condition: Condition) -> ColumnElement[bool]:
    if _is_of_status(field, condition):
        return entities.c.status.in_(condition.values)
    return clause(COLUMNS.text(field), condition)


def _is_of_status(field: Field, condition: Condition) -> bool:
    """Say whether a condition is on what has an index, that of its status, in the order of value."""
    return field.name == "status" and condition.operator in ("eq", "in") and "" not in condition.values
