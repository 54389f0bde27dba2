"""Reading the current facts of entities: what a figure of them counts."""

from collections.abc import Collection, Sequence
from functools import lru_cache

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    TextClause,
    and_,
    bindparam,
    case,
    func,
    join,
    or_,
    select,
    true,
    tuple_,
)

from jorge_data.store.event_filter import Condition, TimeRange, VisibleTo
from jorge_data.store.rollup_types import FactRow, FactSortKey, OpenItems
from jorge_data.store.sql.assignments import visible_facts
from jorge_data.store.sql.driver import CACHED, AllRows, all_rows, fetch
from jorge_data.store.sql.fields import clause, number_of
from jorge_data.store.sql.listed import listed, number_in, texts
from jorge_data.store.sql.tables import DIMS, Whole, facts

_DIMS = [facts.c[f"d{index}"] for index in range(DIMS)]
_COLUMNS = [facts.c.kind, facts.c.at, facts.c.entity, *_DIMS, facts.c.measures]


class SQLFacts:
    """`log_view.Facts`."""

    def __init__(self, connection: Connection, log: int) -> None:
        self._connection, self._log = connection, log

    def in_ranges(
        self, kind: str, conditions: Sequence[Condition], ranges: Sequence[TimeRange], limit: int
    ) -> list[tuple[int, FactRow]]:
        listed = orjson.dumps([list(each) for each in ranges]).decode()
        values = {"log": self._log, "kind": kind, "ranges": listed, "limit": limit + len(ranges)}
        rows = all_rows(self._connection, _in_ranges(tuple(conditions)), values)
        return [(row[0], _fact(row[1:])) for row in rows if row[1] is not None][:limit]

    def of_entities(self, kinds: Collection[str], entities: Collection[str]) -> list[FactRow]:
        values = {
            "log": self._log,
            "kinds": orjson.dumps(list(kinds)).decode(),
            "keys": orjson.dumps(list(entities)).decode(),
        }
        return [_fact(row) for row in all_rows(self._connection, _OF_ENTITIES, values) if row[0] is not None]

    def open_items(
        self, now: int, limit: int, groups: Sequence[Collection[str]], agent: str | None = None
    ) -> OpenItems:
        values = {"log": self._log, "now": now, "limit": limit}
        count_statement, items_statement = _open_items(tuple(map(tuple, groups)), agent)
        counts = fetch(self._connection, count_statement, values)
        shown = [(kind, owner, n) for kind, owner, n, _ in counts if n]
        next_at = min((at for *_, at in counts if at is not None), default=None)
        rows = all_rows(self._connection, items_statement, values) if shown else []
        return OpenItems(shown, next_at, [_fact(row) for row in rows])

    def newest_contacts(self, kind: str, limit: int, agent: str) -> list[str]:
        statement = _newest_contacts(agent)
        values = {"log": self._log, "kind": kind, "through": LOOKED_THROUGH, "limit": limit}
        return [row[0] for row in all_rows(self._connection, statement, values)]

    def count(
        self, kind: str, conditions: Sequence[Condition], span: tuple[int, int], visible: VisibleTo | None = None
    ) -> int:
        values = {"log": self._log, "kind": kind, "start": span[0], "end": span[1]}
        count: int = fetch(self._connection, _count(tuple(conditions), visible), values)[0][0]
        return count

    def page(
        self,
        kind: str,
        conditions: Sequence[Condition],
        span: tuple[int, int],
        after: FactSortKey | None,
        descending: bool,
        limit: int,
        visible: VisibleTo | None = None,
    ) -> list[tuple[FactSortKey, FactRow]]:
        key = {} if after is None else {"after_at": after.at, "after_id": after.id}
        values = {"log": self._log, "kind": kind, "start": span[0], "end": span[1], "limit": limit, **key}
        rows = all_rows(self._connection, _page(tuple(conditions), after is None, descending, visible), values)
        return [(FactSortKey(row[2], row[0]), _fact(row[1:])) for row in rows]


LOOKED_THROUGH = 2_000
"""Newest facts among which those that an agent sees are looked for: who sees few of them must not read them all."""

_OPEN = facts.c.log == bindparam("log", type_=Whole), facts.c.kind == "open_item"
_SHOWN_FROM = number_of(facts.c.measures, "shown_from")
_NOW = bindparam("now", type_=Whole)


@lru_cache(CACHED)
def _open_items(groups: tuple[tuple[str, ...], ...], agent: str | None) -> tuple[Select[str, str, int, int], AllRows]:
    """How many are shown of each kind and owner, and when the next one will be; and those that are listed."""
    visible = None if agent is None else VisibleTo(agent, "contact")
    here: list[ColumnElement[bool] | TextClause] = [*_OPEN, *_seen(visible)]
    kind, owner = facts.c.d0, facts.c.d1
    next_at = func.min(_SHOWN_FROM).filter(_SHOWN_FROM > _NOW)
    counts = select(kind, owner, func.count().filter(_SHOWN_FROM <= _NOW), next_at).where(*here).group_by(kind, owner)
    group = case({name: place for place, names in enumerate(groups) for name in names}, value=kind, else_=len(groups))
    newest = func.row_number().over(partition_by=group, order_by=(facts.c.at.desc(), facts.c.entity))
    size = func.count().over(partition_by=group)
    ends = select(facts.c.id, owner.label("owner"), group.label("in"), newest.label("newest"), size.label("size"))
    each = ends.where(*here, _SHOWN_FROM <= _NOW).subquery()
    # The newest and the oldest by turns: as new ones come in, who waits longest would never be reached.
    from_an_end = func.least(2 * each.c.newest - 1, 2 * (each.c.size + 1 - each.c.newest))
    turn = (from_an_end, each.c["in"])
    of_owner = func.row_number().over(partition_by=each.c.owner, order_by=turn).label("of_owner")
    ranked = select(
        each.c.id, each.c.owner, func.row_number().over(order_by=turn).label("in_turn"), of_owner
    ).subquery()
    owned = ranked.c.owner != ""
    # What nobody has is an owner of its own: who looks for something to take must find it, however much others have.
    by_owners = func.row_number().over(partition_by=owned, order_by=(ranked.c.of_owner, ranked.c.in_turn))
    turns = select(ranked.c.id, ranked.c.in_turn, by_owners.label("by_owners")).subquery()
    limit = bindparam("limit", type_=Whole)
    some = select(turns.c.id).where(or_(turns.c.in_turn <= limit, turns.c.by_owners <= limit))
    listed = select(*_COLUMNS).where(facts.c.id.in_(some)).order_by(group, facts.c.at.desc(), facts.c.entity)
    return counts, AllRows(listed)


@lru_cache(CACHED)
def _newest_contacts(agent: str) -> AllRows:
    newest = select(facts).where(*_where(())).order_by(facts.c.at.desc(), facts.c.id.desc())
    some = newest.limit(bindparam("through", type_=Whole)).subquery("facts")
    seen = select(some.c.entity).where(*_seen(VisibleTo(agent, "contact"))).order_by(some.c.at.desc(), some.c.id.desc())
    return AllRows(seen.limit(bindparam("limit", type_=Whole)))


@lru_cache(CACHED)
def _count(conditions: tuple[Condition, ...], visible: VisibleTo | None) -> Select[int]:
    within = facts.c.at >= bindparam("start"), facts.c.at < bindparam("end")
    return select(func.count()).select_from(facts).where(*_where(conditions), *within, *_seen(visible))


def _seen(visible: VisibleTo | None) -> list[TextClause]:
    return [] if visible is None else [visible_facts(visible)]


@lru_cache(CACHED)
def _in_ranges(conditions: tuple[Condition, ...]) -> AllRows:
    """One search of the index by time a range: an outer join, for SQLite would begin an inner one with all facts.

    A range without facts makes a row of nulls.
    """
    ranges = listed("ranges")
    within = and_(*_where(conditions), facts.c.at >= number_in(ranges, 1), facts.c.at < number_in(ranges, 2))
    source = join(ranges, facts, within, isouter=True)
    return AllRows(select(number_in(ranges, 0), *_COLUMNS).select_from(source).limit(bindparam("limit", type_=Whole)))


@lru_cache(CACHED)
def _page(conditions: tuple[Condition, ...], first: bool, descending: bool, visible: VisibleTo | None) -> AllRows:
    f = facts.c
    within = f.at >= bindparam("start"), f.at < bindparam("end")
    query = select(f.id, *_COLUMNS).where(*_where(conditions), *within, *_seen(visible))
    if not first:
        at, key = bindparam("after_at", type_=Whole), tuple_(f.at, f.id)
        after = tuple_(at, bindparam("after_id"))
        query = query.where(*((f.at <= at, key < after) if descending else (f.at >= at, key > after)))
    order = (f.at.desc(), f.id.desc()) if descending else (f.at, f.id)
    return AllRows(query.order_by(*order).limit(bindparam("limit")))


def _of_entities() -> AllRows:
    """One search of the index by entity for each kind and key; outer, as in `_in_ranges`."""
    kinds, keys = (texts(name, f"each_{name}") for name in ("kinds", "keys"))
    here = and_(
        facts.c.log == bindparam("log", type_=Whole), facts.c.kind == kinds.c.value, facts.c.entity == keys.c.value
    )
    pairs = join(kinds, keys, true())
    return AllRows(select(*_COLUMNS).select_from(join(pairs, facts, here, isouter=True)))


_OF_ENTITIES = _of_entities()


def _where(conditions: Sequence[Condition]) -> list[ColumnElement[bool]]:
    clauses = [clause(facts.c[condition.field], condition) for condition in conditions]
    named = bindparam("log", type_=Whole), bindparam("kind", type_=Text)
    return [facts.c.log == named[0], facts.c.kind == named[1], *clauses]


def _fact(row: Sequence[str | int]) -> FactRow:
    kind, at, entity, *dims, measures = row
    return FactRow(str(kind), int(at), str(entity), tuple(map(str, dims)), str(measures))
