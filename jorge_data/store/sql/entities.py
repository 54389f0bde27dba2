"""Reading entities: their states for the fold, their summaries for lists."""

from collections.abc import Collection
from functools import lru_cache, partial
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    TextClause,
    bindparam,
    func,
    select,
    text,
    tuple_,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from jorge_data.events import Cursor, Record, place
from jorge_data.store.event_filter import Condition, Conditions, Field, VisibleTo
from jorge_data.store.rollup_types import EntityFilter, EntityOrder, EntitySortKey
from jorge_data.store.sql.assignments import visible_entities
from jorge_data.store.sql.driver import CACHED, AllRows, all_rows, fetch
from jorge_data.store.sql.fields import Columns, clause
from jorge_data.store.sql.listed import texts
from jorge_data.store.sql.search import SearchForm, read_search
from jorge_data.store.sql.tables import Whole, entities, events

_COLUMNS = Columns({"key": entities.c.key, "name": entities.c.name}, entities.c.summary)

NO_VALUE = -(1 << 62)
"""What an entity without a value is ordered by, among those by value."""


class SQLEntities:
    """`log_view.Entities`."""

    def __init__(self, connection: Connection, log: int) -> None:
        self._connection, self._log = connection, log

    def states(self, family: str, keys: Collection[str]) -> dict[str, bytes]:
        return dict(fetch(self._connection, _STATES, self._with_keys(family, keys)))

    def newest_states(self, family: str, limit: int) -> dict[str, bytes]:
        return dict(fetch(self._connection, _NEWEST_STATES, {"log": self._log, "family": family, "limit": limit}))

    def newest(self, family: str, limit: int) -> dict[str, int]:
        return dict(fetch(self._connection, _NEWEST, {"log": self._log, "family": family, "limit": limit}))

    def names(self, family: str, keys: Collection[str]) -> dict[str, str]:
        return dict(fetch(self._connection, _NAMES, self._with_keys(family, keys)))

    def names_since(self, after: int, to: int) -> dict[str, str]:
        return dict(fetch(self._connection, _NAMES_SINCE, {"log": self._log, "after": after, "to": to}))

    def page(
        self,
        entity_filter: EntityFilter,
        order: EntityOrder,
        after: EntitySortKey | None,
        descending: bool,
        limit: int,
        names: tuple[str, ...],
    ) -> list[tuple[EntitySortKey, list[Any]]]:
        key = {} if after is None else {"after_by": after.by, "after_id": after.id}
        where = _narrowed(entity_filter)
        statement = _page(*where, order, after is None, descending, names)
        rows = all_rows(self._connection, statement, {**_parameters(self._log, entity_filter), "limit": limit, **key})
        return [(EntitySortKey(by, id), values) for by, id, values in rows]

    def count(self, entity_filter: EntityFilter) -> int:
        query = _count(*_narrowed(entity_filter))
        count: int = fetch(self._connection, query, _parameters(self._log, entity_filter))[0][0]
        return count

    def _with_keys(self, family: str, keys: Collection[str]) -> dict[str, Any]:
        return {"log": self._log, "family": family, "keys": orjson.dumps(list(keys)).decode()}


# Built once: building one costs five times what it takes to run it.
_E = entities.c
_OF_FAMILY = _E.log == bindparam("log", type_=Whole), _E.family == bindparam("family", type_=Text)
_WITH_KEYS = (
    *_OF_FAMILY,
    _E.key.in_(select(texts("keys").c.value)),
)
_STATES = select(_E.key, _E.state).where(*_WITH_KEYS)
_NAMES = select(_E.key, _E.name).where(*_WITH_KEYS, _E.name != _E.key)
_NEWEST_FIRST = _E.at.desc(), _E.key
_NEWEST_STATES = (
    select(_E.key, _E.state).where(*_OF_FAMILY).order_by(*_NEWEST_FIRST).limit(bindparam("limit", type_=Whole))
)
_NEWEST = select(_E.key, _E.at).where(*_OF_FAMILY).order_by(*_NEWEST_FIRST).limit(bindparam("limit", type_=Whole))
_NAMES_SINCE = select(_E.key, _E.name).where(
    _E.log == bindparam("log"),
    _E.family == "contact",
    _E.name != _E.key,
    _E.key.in_(
        select(events.c.subject).where(
            events.c.log == bindparam("log"), events.c.seq > bindparam("after"), events.c.seq <= bindparam("to")
        )
    ),
)

_ANALYSES = text(
    "SELECT e.seq, e.type, e.body FROM texts(:ids) AS name CROSS JOIN events AS e /* by events_analysis */"
    " WHERE e.log = :log AND e.id = name.value AND e.type = 'intent_analysis_complete' ORDER BY e.seq"
)


def analyses(connection: Connection, log: int, epoch: str, ids: Collection[str]) -> list[Record]:
    """Return the analyses of these ids that the store has, in order; one id may be of several sources."""
    rows = fetch(connection, _ANALYSES, {"ids": orjson.dumps(list(ids)).decode(), "log": log})
    return [Record(seq, kind, place(body.encode(), Cursor(epoch, seq))) for seq, kind, body in rows]


def _narrowed(entity_filter: EntityFilter) -> tuple[Conditions, SearchForm | None, VisibleTo | None]:
    """Return what of a filter is part of its statement."""
    agent = entity_filter.agent
    visible = None if agent is None else VisibleTo(agent, entity_filter.family)
    text = entity_filter.text
    return entity_filter.conditions, read_search(text).form if text else None, visible


@lru_cache(CACHED)
def _page(
    conditions: Conditions,
    searched: SearchForm | None,
    visible: VisibleTo | None,
    order: EntityOrder,
    first: bool,
    descending: bool,
    names: tuple[str, ...],
) -> AllRows:
    e = entities.c
    by: ColumnElement[Any] = (searched or SearchForm()).likeness if order == "match" else e[order]
    # The few rows of their index are sorted, not all those of this one.
    if any(_by_key(*each) for each in conditions) or (searched is not None and order not in ("at", "match")):
        by = by.concat("") if order == "name" else by + 0
    key = tuple_(_sort_value(by, order), e.id)
    columns = (e.summary,) if searched is None else ()
    query = select(_sort_value(by, order).label("by"), e.id, *columns).where(*_where(conditions, searched, visible))
    if not first:
        bound = tuple_(bindparam("after_by"), bindparam("after_id"))
        query = query.where(key < bound if descending else key > bound)
    first_by = by.desc() if descending else by.asc()
    if order == "value":  # none is less than any, as `_sort_value` has it
        first_by = first_by.nulls_last() if descending else first_by.nulls_first()
    ordering = (first_by, e.id.desc() if descending else e.id)
    query = query.order_by(*ordering).limit(bindparam("limit", type_=Whole))
    if searched is not None:  # of those on the page alone the summary is read
        found, shown = query.subquery("found"), entities.alias("shown")
        order_by = (found.c.by.desc(), found.c.id.desc()) if descending else (found.c.by, found.c.id)
        query = (
            select(found.c.by, found.c.id, shown.c.summary).join(shown, shown.c.id == found.c.id).order_by(*order_by)
        )
    return AllRows(query, partial(_named_columns, names=names))


def _named_columns(row: ReadOnlyColumnCollection[str, Any], names: tuple[str, ...]) -> tuple[ColumnElement[Any], ...]:
    fields = [Field(name, "attribute") for name in names]
    return row.by, row.id, Columns({}, row.summary).array(fields)


@lru_cache(CACHED)
def _count(conditions: Conditions, searched: SearchForm | None, visible: VisibleTo | None) -> Select[int]:
    return select(func.count()).select_from(entities).where(*_where(conditions, searched, visible))


def _parameters(log: int, entity_filter: EntityFilter) -> dict[str, Any]:
    return {
        "log": log,
        "family": entity_filter.family,
        "start": entity_filter.span[0],
        "end": entity_filter.span[1],
        **read_search(entity_filter.text).parameters,
    }


def _sort_value(by: ColumnElement[Any], order: EntityOrder) -> ColumnElement[Any]:
    """Return the value to order by: SQLite sorts null before all else, but compares nothing with it."""
    return func.coalesce(by, NO_VALUE) if order == "value" else by


def _where(
    conditions: Conditions, searched: SearchForm | None, visible: VisibleTo | None
) -> list[ColumnElement[bool] | TextClause]:
    e = entities.c
    clauses: list[ColumnElement[bool] | TextClause] = [_clause(field, condition) for field, condition in conditions]
    if searched is not None:  # first, for it asks the index alone
        clauses.insert(0, searched.clause)
    if visible is not None:
        clauses.append(visible_entities(visible))
    here = e.log == bindparam("log"), e.family == bindparam("family")
    # Of a status or a key the time is an expression, lest SQLite search by it: it keeps no statistics here.
    at = e.at + 0 if any(_by_status(*each) or _by_key(*each) for each in conditions) else e.at
    return [*here, at >= bindparam("start"), at < bindparam("end"), *clauses]


def _clause(field: Field, condition: Condition) -> ColumnElement[bool]:
    if _by_status(field, condition):
        return entities.c.status.in_(condition.values)
    if _by_key(field, condition):
        return entities.c.key.in_(condition.values)  # as it is, for its index
    return clause(_COLUMNS.text(field), condition)


def _by_key(field: Field, condition: Condition) -> bool:
    """Return whether the index of keys meets a condition."""
    return field == Field("key", "column") and condition.operator in ("eq", "in")


def _by_status(field: Field, condition: Condition) -> bool:
    """Return whether the index of statuses, which is in the order of value, meets a condition."""
    return field.name == "status" and condition.operator in ("eq", "in") and "" not in condition.values
