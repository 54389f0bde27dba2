"""Reading events by kind and time: what the rollups do not know, and what a figure was made of."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from jorge_data.events import Cursor, Record
from jorge_data.events import place as place_in_log
from jorge_data.store.event_filter import EventFilter, Measure, Stretch, parameters
from jorge_data.store.sqlite import ranking, statements
from jorge_data.store.sqlite.fields import Field
from jorge_data.store.sqlite.json_rows import json_rows
from jorge_data.store.sqlite.ranking import LOOKS
from jorge_data.store.sqlite.read_rollups import Sum, to_sum


class EventPlace(NamedTuple):
    """An event's place in order of time."""

    time: int
    seq: int


class EventRow(NamedTuple):
    """An event in order of time, as it was kept; where some of its fields were asked for, those and no body."""

    slot: int
    place: EventPlace
    body: str  # JSON without the position
    values: Sequence[Any] = ()


def count(connection: Connection, log: int, kind: str, stretches: Sequence[Stretch]) -> int:
    """Return how many events of a kind there are: what a question that reads them all would cost."""
    everything = EventFilter(kind, (1 << 63) - 1)
    return connection.execute(statements.COUNT, parameters(log, everything, stretches)).scalar_one()


def aggregate(
    connection: Connection,
    log: int,
    sought: EventFilter,
    stretches: Sequence[Stretch],
    by: Sequence[Field],
    measure: Measure | None,
) -> list[Sum]:
    """Add up a measure of the events of each slot and group; without one, count them."""
    statement = statements.aggregate(sought.conditions, tuple(by), measure)
    rows = json_rows(connection, statement, parameters(log, sought, stretches))
    return [to_sum(row, len(by), row[0]) for row in rows]


def ranked(
    connection: Connection, log: int, sought: EventFilter, span: Stretch, by: Sequence[Field], most: int
) -> list[Sum] | None:
    """Return what `leading` does where that is known without reading the events, else None."""
    if sought.kind != "property_alert" or sought.conditions or len(by) != 1 or by[0].name not in LOOKS:
        return None
    within = {"log": log, "start": span.start, "end": span.end, "top": sought.top}
    counted = ranking.ranked(connection, by[0].name, within, most)
    return None if counted is None else [Sum(span.slot, (name,), n, 0, None, None) for name, n in counted]


def leading(
    connection: Connection, log: int, sought: EventFilter, span: Stretch, by: Sequence[Field], most: int
) -> list[Sum]:
    """Return the groups with the most events, and how many each has; of equals the first by name."""
    given = parameters(log, sought, [span]) | {"most": most}
    rows = json_rows(connection, statements.leading(sought.conditions, tuple(by)), given)
    return [Sum(row[0], tuple(row[1:-1]), row[-1], 0, None, None) for row in rows]


def values(
    connection: Connection,
    log: int,
    sought: EventFilter,
    stretches: Sequence[Stretch],
    by: Sequence[Field],
    measure: Measure,
) -> list[tuple[int, tuple[str, ...], int, int]]:
    """Return each scaled value of the measure in a slot and group, and how often it occurs."""
    statement = statements.values(sought.conditions, tuple(by), measure)
    rows = json_rows(connection, statement, parameters(log, sought, stretches))
    return [(row[0], tuple(row[1:-2]), row[-2], row[-1]) for row in rows]


def distinct(
    connection: Connection,
    log: int,
    sought: EventFilter,
    stretches: Sequence[Stretch],
    by: Sequence[Field],
    field: Field,
) -> list[Sum]:
    """Count the distinct values of a field in each slot and group, as the sum; and the events that have one, as n."""
    statement = statements.distinct(sought.conditions, tuple(by), field)
    rows = json_rows(connection, statement, parameters(log, sought, stretches))
    return [Sum(row[0], tuple(row[1:-2]), row[-2], row[-1], None, None) for row in rows]


def stretch(
    connection: Connection, log: int, sought: EventFilter, stretches: Sequence[Stretch], limit: int
) -> list[EventRow]:
    """Return up to so many events."""
    given = parameters(log, sought, stretches) | {"limit": limit}
    rows = json_rows(connection, statements.stretch(sought.conditions), given)
    return [EventRow(slot, EventPlace(time, seq), body) for slot, time, seq, body in rows]


def records(connection: Connection, log: int, epoch: str, after: int, limit: int) -> list[Record]:
    """Return up to so many records after a position, in order of the log."""
    rows = json_rows(connection, statements.RECORDS, {"log": log, "after": after, "limit": limit})
    return [Record(seq, kind, place_in_log(body.encode(), Cursor(epoch, seq))) for seq, kind, body in rows]


def page(
    connection: Connection,
    log: int,
    sought: EventFilter,
    span: tuple[int, int],
    after: EventPlace | None,
    descending: bool,
    limit: int,
    fields: tuple[Field, ...] = (),
) -> list[EventRow]:
    """Return the next so many events in order of time, after a place; whole, or some fields of them."""
    place = {} if after is None else after._asdict()
    given = {**parameters(log, sought), "start": span[0], "end": span[1], "limit": limit, **place}
    rows = json_rows(connection, statements.page(sought.conditions, fields, after is None, descending), given)
    if fields:
        return [EventRow(0, EventPlace(time, seq), "", values) for time, seq, values in rows]
    return [EventRow(0, EventPlace(time, seq), body) for time, seq, body in rows]
