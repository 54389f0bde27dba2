"""Reading entities: their states for whoever folds, their summaries for lists."""

from collections.abc import Collection
from typing import Any, Literal, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Select, func, literal, or_, select, text, tuple_

from jorge_data.events import Cursor, Record, place
from jorge_data.store.conditions import Condition, clause
from jorge_data.store.fields import Columns, Field
from jorge_data.store.gather import gather, gathered
from jorge_data.store.tables import entities, events

COLUMNS = Columns({"key": entities.c.key, "name": entities.c.name}, entities.c.summary)

Order = Literal["at", "name", "value"]


class Listed(NamedTuple):
    """Which entities: of a family, with their newest event in a half-open span, under conditions and a search."""

    family: str
    span: tuple[int, int]
    conditions: tuple[tuple[Field, Condition], ...] = ()
    text: str = ""


class EntityPlace(NamedTuple):
    """An entity's place in an order."""

    by: Any
    id: int


def states(connection: Connection, log: int, family: str, keys: Collection[str]) -> dict[str, bytes]:
    """Return the states of those of these entities that have one."""
    listed = func.json_each(orjson.dumps(list(keys)).decode()).table_valued("value")
    e = entities.c
    query = select(e.key, e.state).where(e.log == log, e.family == family, e.key.in_(select(listed.c.value)))
    return {row.key: row.state for row in connection.execute(query)}


def known(connection: Connection, log: int, family: str, keys: Collection[str]) -> set[str]:
    """Return those of these keys that have an entity."""
    listed = func.json_each(orjson.dumps(list(keys)).decode()).table_valued("value")
    e = entities.c
    query = select(e.key).where(e.log == log, e.family == family, e.key.in_(select(listed.c.value)))
    return set(connection.execute(query).scalars())


_ANALYSES = text(
    "SELECT e.seq, e.type, e.body FROM json_each(:ids) AS name CROSS JOIN events AS e INDEXED BY events_analysis"
    " ON e.log = :log AND e.id = name.value AND e.type = 'intent_analysis_complete' ORDER BY e.seq DESC"
).columns(events.c.seq, events.c.type, events.c.body)


def analyses(connection: Connection, log: int, epoch: str, ids: Collection[str]) -> list[Record]:
    """Return the analyses of these ids; of two with one id, that of the least position comes last."""
    rows = connection.execute(_ANALYSES, {"ids": orjson.dumps(list(ids)).decode(), "log": log})
    return [Record(row.seq, row.type, place(row.body.encode(), Cursor(epoch, row.seq))) for row in rows]


def page(
    connection: Connection,
    log: int,
    listed: Listed,
    order: Order,
    after: EntityPlace | None,
    descending: bool,
    limit: int,
) -> list[tuple[EntityPlace, str]]:
    """Return the next so many summaries in an order, after a place."""
    e, by = entities.c, _ordered(order)
    place = tuple_(by, e.id)
    query = select(by, e.id, e.summary).where(*_which(log, listed))
    if after is not None:
        bound = tuple_(literal(after.by), literal(after.id))
        query = query.where(place < bound if descending else place > bound)
    ordering = (by.desc(), e.id.desc()) if descending else (by, e.id)
    rows = gather(connection, gathered(query.order_by(*ordering).limit(limit)))
    return [(EntityPlace(row[0], row[1]), row[2]) for row in rows]


def count(connection: Connection, log: int, listed: Listed) -> int:
    """Return how many entities a list has."""
    return connection.execute(select(func.count()).select_from(entities).where(*_which(log, listed))).scalar_one()


def _ordered(order: Order) -> ColumnElement[Any]:
    """Return what to order by; no value counts as less than any."""
    return func.coalesce(entities.c.value, -1) if order == "value" else entities.c[order]


def _which(log: int, listed: Listed) -> list[ColumnElement[bool]]:
    e = entities.c
    clauses = [_clause(field, condition) for field, condition in listed.conditions]
    if listed.text:
        clauses.append(
            or_(e.name.icontains(listed.text, autoescape=True), e.key.icontains(listed.text, autoescape=True))
        )
    return [e.log == log, e.family == listed.family, e.at >= listed.span[0], e.at < listed.span[1], *clauses]


def _clause(field: Field, condition: Condition) -> ColumnElement[bool]:
    """Return a condition as SQL; which status it is can be found by an index."""
    if field.name == "status" and condition.operator in ("eq", "in") and "" not in condition.values:
        return entities.c.status.in_(condition.values)
    return clause(COLUMNS.text(field), condition)


def explain(listed: Listed) -> Select[*tuple[Any, ...]]:
    """Return the query of a count, for a look at its plan."""
    return select(func.count()).select_from(entities).where(*_which(1, listed))
