"""Reading events by kind and time: what the rollups do not know, and what a figure was made of."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from jorge_data.events import Cursor, Record
from jorge_data.events import place as place_in_log
from jorge_data.store import ranking, shapes
from jorge_data.store.fields import Field
from jorge_data.store.gather import gather
from jorge_data.store.ranking import LOOKS
from jorge_data.store.rollups import Sum, to_sum
from jorge_data.store.sought import Measure, Sought, Stretch, parameters


class Place(NamedTuple):
    """An event's place in order of time."""

    time: int
    seq: int


class Row(NamedTuple):
    """An event in order of time, as it was kept; where some of its fields were asked for, those and no body."""

    slot: int
    place: Place
    body: str  # JSON without the position
    values: Sequence[Any] = ()


def count(connection: Connection, log: int, kind: str, stretches: Sequence[Stretch]) -> int:
    """Return how many events of a kind there are: what a question that reads them all would cost."""
    everything = Sought(kind, (1 << 63) - 1)
    return connection.execute(shapes.COUNT, parameters(log, everything, stretches)).scalar_one()


def aggregate(
    connection: Connection,
    log: int,
    sought: Sought,
    stretches: Sequence[Stretch],
    by: Sequence[Field],
    measure: Measure | None,
) -> list[Sum]:
    """Add up a measure of the events of each slot and group; without one, count them."""
    statement = shapes.aggregate(sought.conditions, tuple(by), measure)
    rows = gather(connection, statement, parameters(log, sought, stretches))
    return [to_sum(row, len(by), row[0]) for row in rows]


def ranked(
    connection: Connection, log: int, sought: Sought, span: Stretch, by: Sequence[Field], most: int
) -> list[Sum] | None:
    """Return what `leading` does where that is known without reading the events, else None."""
    if sought.kind != "property_alert" or sought.conditions or len(by) != 1 or by[0].name not in LOOKS:
        return None
    within = {"log": log, "start": span.start, "end": span.end, "top": sought.top}
    counted = ranking.ranked(connection, by[0].name, within, most)
    return None if counted is None else [Sum(span.slot, (name,), n, 0, None, None) for name, n in counted]


def leading(
    connection: Connection, log: int, sought: Sought, span: Stretch, by: Sequence[Field], most: int
) -> list[Sum]:
    """Return the groups with the most events, and how many each has; of equals the first by name."""
    given = parameters(log, sought, [span]) | {"most": most}
    rows = gather(connection, shapes.leading(sought.conditions, tuple(by)), given)
    return [Sum(row[0], tuple(row[1:-1]), row[-1], 0, None, None) for row in rows]


def values(
    connection: Connection,
    log: int,
    sought: Sought,
    stretches: Sequence[Stretch],
    by: Sequence[Field],
    measure: Measure,
) -> list[tuple[int, tuple[str, ...], int, int]]:
    """Return each scaled value of the measure in a slot and group, and how often it occurs."""
    statement = shapes.values(sought.conditions, tuple(by), measure)
    rows = gather(connection, statement, parameters(log, sought, stretches))
    return [(row[0], tuple(row[1:-2]), row[-2], row[-1]) for row in rows]


def distinct(
    connection: Connection, log: int, sought: Sought, stretches: Sequence[Stretch], by: Sequence[Field], field: Field
) -> list[Sum]:
    """Count the distinct values of a field in each slot and group, as the sum; and the events that have one, as n."""
    statement = shapes.distinct(sought.conditions, tuple(by), field)
    rows = gather(connection, statement, parameters(log, sought, stretches))
    return [Sum(row[0], tuple(row[1:-2]), row[-2], row[-1], None, None) for row in rows]


def stretch(connection: Connection, log: int, sought: Sought, stretches: Sequence[Stretch], limit: int) -> list[Row]:
    """Return up to so many events."""
    given = parameters(log, sought, stretches) | {"limit": limit}
    rows = gather(connection, shapes.stretch(sought.conditions), given)
    return [Row(slot, Place(time, seq), body) for slot, time, seq, body in rows]


def records(connection: Connection, log: int, epoch: str, after: int, limit: int) -> list[Record]:
    """Return up to so many records after a position, in order of the log."""
    rows = gather(connection, shapes.RECORDS, {"log": log, "after": after, "limit": limit})
    return [Record(seq, kind, place_in_log(body.encode(), Cursor(epoch, seq))) for seq, kind, body in rows]


def page(
    connection: Connection,
    log: int,
    sought: Sought,
    span: tuple[int, int],
    after: Place | None,
    descending: bool,
    limit: int,
    fields: tuple[Field, ...] = (),
) -> list[Row]:
    """Return the next so many events in order of time, after a place; whole, or some fields of them."""
    place = {} if after is None else after._asdict()
    given = {**parameters(log, sought), "start": span[0], "end": span[1], "limit": limit, **place}
    rows = gather(connection, shapes.page(sought.conditions, fields, after is None, descending), given)
    if fields:
        return [Row(0, Place(time, seq), "", values) for time, seq, values in rows]
    return [Row(0, Place(time, seq), body) for time, seq, body in rows]
