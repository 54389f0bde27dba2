"""Reading the current facts of entities: what a figure of them is made of."""

from collections.abc import Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, and_, func, join, select, tuple_

from jorge_data.store.conditions import Condition, clause
from jorge_data.store.folded import FactRow
from jorge_data.store.gather import gather
from jorge_data.store.history import Stretch
from jorge_data.store.tables import DIMS, facts

_DIMS = [facts.c[f"d{index}"] for index in range(DIMS)]
_SHOWN = [facts.c.kind, facts.c.at, facts.c.entity, *_DIMS, facts.c.measures]


class FactPlace(NamedTuple):
    """A fact's place in order of time."""

    at: int
    id: int


def stretch(
    connection: Connection,
    log: int,
    kind: str,
    conditions: Sequence[Condition],
    stretches: Sequence[Stretch],
    limit: int,
) -> list[tuple[int, FactRow]]:
    """Return up to so many current facts, each with its slot."""
    listed = func.json_each(orjson.dumps([list(part) for part in stretches]).decode())
    span = listed.table_valued("value", name="stretch")
    part = span.c.value.op("->>")
    within = and_(*_which(log, kind, conditions), facts.c.at >= part(1), facts.c.at < part(2))
    query = select(part(0), *_SHOWN).select_from(join(span, facts, within)).limit(limit)
    return [(row[0], _fact(row[1:])) for row in gather(connection, query)]


def page(
    connection: Connection,
    log: int,
    kind: str,
    conditions: Sequence[Condition],
    span: tuple[int, int],
    after: FactPlace | None,
    descending: bool,
    limit: int,
) -> list[tuple[FactPlace, FactRow]]:
    """Return the next so many current facts in order of time, after a place."""
    f, place = facts.c, tuple_(facts.c.at, facts.c.id)
    query = select(f.id, *_SHOWN).where(*_which(log, kind, conditions), f.at >= span[0], f.at < span[1])
    if after is not None:
        beyond = (f.at <= after.at, place < after) if descending else (f.at >= after.at, place > after)
        query = query.where(*beyond)
    order = (f.at.desc(), f.id.desc()) if descending else (f.at, f.id)
    rows = gather(connection, query.order_by(*order).limit(limit))
    return [(FactPlace(row[2], row[0]), _fact(row[1:])) for row in rows]


def _which(log: int, kind: str, conditions: Sequence[Condition]) -> list[ColumnElement[bool]]:
    clauses = [clause(facts.c[condition.field], condition) for condition in conditions]
    return [facts.c.log == log, facts.c.kind == kind, *clauses]


def _fact(row: Sequence[str | int]) -> FactRow:
    kind, at, entity, *dims, measures = row
    return FactRow(str(kind), int(at), str(entity), tuple(map(str, dims)), str(measures))
