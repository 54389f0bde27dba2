"""Reading the current facts of entities: what a figure of them is made of."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    func,
    join,
    select,
    true,
    tuple_,
)

from jorge_data.store.event_filter import Condition, Stretch, clause
from jorge_data.store.rollup_types import FactRow
from jorge_data.store.sqlite.json_rows import SHAPES, json_rows, json_rows_statement
from jorge_data.store.sqlite.tables import DIMS, facts

_DIMS = [facts.c[f"d{index}"] for index in range(DIMS)]
_SHOWN = [facts.c.kind, facts.c.at, facts.c.entity, *_DIMS, facts.c.measures]


class FactPlace(NamedTuple):
    """A fact's place in order of time."""

    at: int
    id: int


class Facts:
    """Reads the current facts of one log within a view; one thread at a time."""

    def __init__(self, connection: Connection, log: int) -> None:
        self._connection, self._log = connection, log

    def stretch(
        self, kind: str, conditions: Sequence[Condition], stretches: Sequence[Stretch], limit: int
    ) -> list[tuple[int, FactRow]]:
        """Return up to so many current facts, each with its slot."""
        listed = orjson.dumps([list(part) for part in stretches]).decode()
        given = {"log": self._log, "kind": kind, "stretches": listed, "limit": limit + len(stretches)}
        rows = json_rows(self._connection, _stretch(tuple(conditions)), given)
        return [(row[0], _fact(row[1:])) for row in rows if row[1] is not None][:limit]

    def kept(self, kinds: Collection[str], entities: Collection[str]) -> list[FactRow]:
        """Return the current facts of these kinds of these entities, in no order."""
        given = {
            "log": self._log,
            "kinds": orjson.dumps(list(kinds)).decode(),
            "keys": orjson.dumps(list(entities)).decode(),
        }
        return [_fact(row) for row in json_rows(self._connection, _KEPT, given) if row[0] is not None]

    def page(
        self,
        kind: str,
        conditions: Sequence[Condition],
        span: tuple[int, int],
        after: FactPlace | None,
        descending: bool,
        limit: int,
    ) -> list[tuple[FactPlace, FactRow]]:
        """Return the next so many current facts in order of time, after a place."""
        place = {} if after is None else {"place_at": after.at, "place_id": after.id}
        given = {"log": self._log, "kind": kind, "start": span[0], "end": span[1], "limit": limit, **place}
        rows = json_rows(self._connection, _page(tuple(conditions), after is None, descending), given)
        return [(FactPlace(row[2], row[0]), _fact(row[1:])) for row in rows]


@lru_cache(SHAPES)
def _stretch(conditions: tuple[Condition, ...]) -> Select[str]:
    """One search of the index by time a stretch: an outer join, for SQLite would begin an inner one with all facts.

    A stretch without facts makes a row of nothing.
    """
    span = func.json_each(bindparam("stretches", type_=Text)).table_valued("value", name="stretch")
    part = span.c.value.op("->>")
    within = and_(*_which(conditions), facts.c.at >= part(1), facts.c.at < part(2))
    found = join(span, facts, within, isouter=True)
    return json_rows_statement(select(part(0), *_SHOWN).select_from(found).limit(bindparam("limit", type_=Integer)))


@lru_cache(SHAPES)
def _page(conditions: tuple[Condition, ...], first: bool, descending: bool) -> Select[str]:
    f = facts.c
    query = select(f.id, *_SHOWN).where(*_which(conditions), f.at >= bindparam("start"), f.at < bindparam("end"))
    if not first:
        at, place = bindparam("place_at", type_=Integer), tuple_(f.at, f.id)
        after = tuple_(at, bindparam("place_id"))
        query = query.where(*((f.at <= at, place < after) if descending else (f.at >= at, place > after)))
    order = (f.at.desc(), f.id.desc()) if descending else (f.at, f.id)
    return json_rows_statement(query.order_by(*order).limit(bindparam("limit")))


def _kept() -> Select[str]:
    """One search of the index by entity for each kind and key; outer, as in `_stretch`."""
    listed = (func.json_each(bindparam(name, type_=Text)) for name in ("kinds", "keys"))
    kinds, keys = (texts.table_valued("value", name=f"each{place}") for place, texts in enumerate(listed))
    here = and_(
        facts.c.log == bindparam("log", type_=Integer), facts.c.kind == kinds.c.value, facts.c.entity == keys.c.value
    )
    pairs = join(kinds, keys, true())
    return json_rows_statement(select(*_SHOWN).select_from(join(pairs, facts, here, isouter=True)))


_KEPT = _kept()


def _which(conditions: Sequence[Condition]) -> list[ColumnElement[bool]]:
    clauses = [clause(facts.c[condition.field], condition) for condition in conditions]
    named = bindparam("log", type_=Integer), bindparam("kind", type_=Text)
    return [facts.c.log == named[0], facts.c.kind == named[1], *clauses]


def _fact(row: Sequence[str | int]) -> FactRow:
    kind, at, entity, *dims, measures = row
    return FactRow(str(kind), int(at), str(entity), tuple(map(str, dims)), str(measures))
