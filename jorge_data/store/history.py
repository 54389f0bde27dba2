"""Reading events by kind and time: what the rollups do not know, and what a figure was made of."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Select, and_, func, join, null, select, text, tuple_
from sqlalchemy.sql.expression import FromClause

from jorge_data.events import Cursor, Record
from jorge_data.events import place as place_in_log
from jorge_data.store.conditions import Condition, clause
from jorge_data.store.fields import Columns, Field
from jorge_data.store.gather import gather
from jorge_data.store.rollups import Sum, exact_sum, to_sum
from jorge_data.store.tables import events

COLUMNS = Columns({name: events.c[name] for name in ("id", "source", "type", "subject", "seq")}, events.c.body)
"""What is a column of an event; all else is read from its JSON."""


class Stretch(NamedTuple):
    """A half-open span of time, for one slot of the answer."""

    slot: int
    start: int
    end: int


class Sought(NamedTuple):
    """Which events: of one kind, up to a position of the log, under conditions."""

    kind: str
    top: int
    conditions: tuple[tuple[Field, Condition], ...] = ()


class Measure(NamedTuple):
    """A number or boolean of `data`, and what makes it an integer."""

    field: Field
    scale: int


class Place(NamedTuple):
    """An event's place in order of time."""

    time: int
    seq: int


class Row(NamedTuple):
    """An event in order of time, as it was kept."""

    slot: int
    place: Place
    body: str  # JSON without the position


def count(connection: Connection, log: int, kind: str, stretches: Sequence[Stretch]) -> int:
    """Return how many events of a kind there are: what a question that reads them all would cost."""
    _, source, _ = _spanned(log, Sought(kind, (1 << 63) - 1), stretches)
    return connection.execute(select(func.count()).select_from(source)).scalar_one()


def aggregate(
    connection: Connection,
    log: int,
    sought: Sought,
    stretches: Sequence[Stretch],
    by: Sequence[Field],
    measure: Measure | None,
) -> list[Sum]:
    """Add up a measure of the events of each slot and group; without one, count them."""
    _, source, slot = _spanned(log, sought, stretches)
    groups = _groups(by)
    parts = (func.count(), null(), null(), null(), null()) if measure is None else _parts(COLUMNS.scaled(*measure))
    query = select(slot, *groups, *parts).select_from(source).group_by(slot, *groups)
    return [to_sum(row, len(groups)) for row in gather(connection, query)]


_LEADING = """
SELECT coalesce(<column>, '') AS name, count(*) AS n FROM events INDEXED BY events_alerts
WHERE log = :log AND type = 'property_alert' AND time >= :start AND time < :end AND seq + 0 <= :top
GROUP BY <column> ORDER BY n DESC, name LIMIT :most
"""
_INDEXED = {"contact_id": "contact", "property_id": "property"}
_LEADING_ALERTS = {name: text(_LEADING.replace("<column>", column)) for name, column in _INDEXED.items()}
"""What an index answers, so that no event's JSON is read."""


def leading(
    connection: Connection, log: int, sought: Sought, span: Stretch, by: Sequence[Field], most: int
) -> list[Sum]:
    """Return the groups with the most events, and how many each has."""
    if sought.kind == "property_alert" and not sought.conditions and len(by) == 1 and by[0].name in _LEADING_ALERTS:
        bounds = {"start": span.start, "end": span.end, "top": sought.top}
        rows = connection.execute(_LEADING_ALERTS[by[0].name], {"log": log, "most": most} | bounds)
        return [Sum(span.slot, (name,), n, 0, None, None) for name, n in rows]
    _, source, slot = _spanned(log, sought, [span])
    groups, n = _groups(by), func.count().label("n")
    query = select(slot, *groups, n).select_from(source).group_by(slot, *groups).order_by(n.desc(), *groups)
    return [Sum(row[0], tuple(row[1:-1]), row[-1], 0, None, None) for row in gather(connection, query.limit(most))]


def values(
    connection: Connection,
    log: int,
    sought: Sought,
    stretches: Sequence[Stretch],
    by: Sequence[Field],
    measure: Measure,
) -> list[tuple[int, tuple[str, ...], int, int]]:
    """Return each scaled value of the measure in a slot and group, and how often it occurs."""
    _, source, slot = _spanned(log, sought, stretches)
    groups, value = _groups(by), COLUMNS.scaled(*measure).label("measured")
    query = (
        select(slot, *groups, value, func.count().label("n")).select_from(source).where(value.is_not(null()))
    ).group_by(slot, *groups, value)
    return [(row[0], tuple(row[1:-2]), row[-2], row[-1]) for row in gather(connection, query)]


def distinct(
    connection: Connection, log: int, sought: Sought, stretches: Sequence[Stretch], by: Sequence[Field], field: Field
) -> list[Sum]:
    """Count the distinct values of a field in each slot and group, as the sum; and the events that have one, as n."""
    _, source, slot = _spanned(log, sought, stretches)
    groups, value = _groups(by), COLUMNS.text(field)
    query = select(slot, *groups, func.count(), func.count(value.distinct())).select_from(source).where(value != "")
    rows = gather(connection, query.group_by(slot, *groups))
    return [Sum(row[0], tuple(row[1:-2]), row[-2], row[-1], None, None) for row in rows]


def stretch(connection: Connection, log: int, sought: Sought, stretches: Sequence[Stretch], limit: int) -> list[Row]:
    """Return up to so many events."""
    e, source, slot = _spanned(log, sought, stretches)
    query = select(slot, e.time, e.seq, e.body).select_from(source).limit(limit)
    return [_row(row) for row in gather(connection, query)]


def records(connection: Connection, log: int, epoch: str, after: int, limit: int) -> list[Record]:
    """Return up to so many records after a position, in order of the log."""
    e = events.c
    query = select(e.seq, e.type, e.body).where(e.log == log, e.seq > after).order_by(e.seq).limit(limit)
    rows = gather(connection, query)
    return [Record(seq, kind, place_in_log(body.encode(), Cursor(epoch, seq))) for seq, kind, body in rows]


def page(
    connection: Connection,
    log: int,
    sought: Sought,
    span: tuple[int, int],
    after: Place | None,
    descending: bool,
    limit: int,
) -> list[Row]:
    """Return the next so many events in order of time, after a place."""
    e, place = events.c, tuple_(events.c.time, events.c.seq)
    query = select(null(), e.time, e.seq, e.body).where(*_which(log, sought), e.time >= span[0], e.time < span[1])
    if after is not None:
        beyond = (e.time <= after.time, place < after) if descending else (e.time >= after.time, place > after)
        query = query.where(*beyond)
    order = (e.time.desc(), e.seq.desc()) if descending else (e.time, e.seq)
    return [_row(row) for row in gather(connection, query.order_by(*order).limit(limit))]


def _row(row: list[Any]) -> Row:
    slot, time, seq, body = row
    return Row(slot or 0, Place(time, seq), body)


def _groups(by: Sequence[Field]) -> list[ColumnElement[str]]:
    return [COLUMNS.text(field).label(f"group{index}") for index, field in enumerate(by)]


def _parts(value: ColumnElement[int]) -> tuple[ColumnElement[int], ...]:
    return func.count(value), *exact_sum(value), func.min(value), func.max(value)


def _which(log: int, sought: Sought) -> list[ColumnElement[bool]]:
    """Return the clauses; the position is an expression, lest SQLite take it for the way to search."""
    conditions = [clause(COLUMNS.text(field), condition) for field, condition in sought.conditions]
    return [events.c.log == log, events.c.type == sought.kind, events.c.seq + 0 <= sought.top, *conditions]


def _spanned(log: int, sought: Sought, stretches: Sequence[Stretch]) -> tuple[Any, FromClause, ColumnElement[int]]:
    """Join each stretch to its events: one search of the index by time a stretch."""
    listed = func.json_each(orjson.dumps([list(part) for part in stretches]).decode())
    span = listed.table_valued("value", name="stretch")
    part = span.c.value.op("->>")
    within = and_(*_which(log, sought), events.c.time >= part(1), events.c.time < part(2))
    return events.c, join(span, events, within), part(0).label("slot")


def explain(sought: Sought, stretches: Sequence[Stretch]) -> Select[*tuple[Any, ...]]:
    """Return the query of a count, for a look at its plan."""
    _, source, _ = _spanned(1, sought, stretches)
    return select(func.count()).select_from(source)
