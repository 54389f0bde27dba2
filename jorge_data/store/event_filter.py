"""Which events are asked for: of which kind, in which stretches of time, under which conditions."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Float, and_, cast

from jorge_data.store.sqlite.fields import Columns, Field
from jorge_data.store.sqlite.tables import events

Operator = Literal["eq", "ne", "in", "lt", "le", "gt", "ge"]


class Condition(NamedTuple):
    """A field, an operator and its values; the operators of order compare numbers, and what is none never holds."""

    field: str
    operator: Operator
    values: tuple[str, ...]


def holds(text: str, condition: Condition) -> bool:
    """Say whether a text meets a condition, as the SQL of `clause` would."""
    match condition.operator:
        case "eq" | "in":
            return text in condition.values
        case "ne":
            return text not in condition.values
    number = _number(text)
    if number is None:
        return False
    bound = float(condition.values[0])
    return {"lt": number < bound, "le": number <= bound, "gt": number > bound, "ge": number >= bound}[
        condition.operator
    ]


def _number(text: str) -> float | None:
    try:
        return float(text) if not set(text) - set("+-.0123456789eE") else None
    except ValueError:
        return None


def clause(text: ColumnElement[str], condition: Condition) -> ColumnElement[bool]:
    """Return a condition as SQL on a text, which is never null."""
    match condition.operator:
        case "eq" | "in":
            return text.in_(condition.values)
        case "ne":
            return text.not_in(condition.values)
    number, bound = cast(text, Float), float(condition.values[0])
    comparison = {"lt": number < bound, "le": number <= bound, "gt": number > bound, "ge": number >= bound}
    is_number = and_(text.op("GLOB")("*[0-9]*"), text.op("NOT GLOB")("*[^-+.0-9eE]*"))
    return and_(is_number, comparison[condition.operator])


COLUMNS = Columns({name: events.c[name] for name in ("id", "source", "type", "subject", "seq")}, events.c.body)
"""What is a column of an event; all else is read from its JSON."""


class Stretch(NamedTuple):
    """A half-open span of time, for one slot of the answer."""

    slot: int
    start: int
    end: int


Conditions = tuple[tuple[Field, Condition], ...]


class EventFilter(NamedTuple):
    """Which events: of one kind, up to a position of the log, under conditions."""

    kind: str
    top: int
    conditions: Conditions = ()

    @property
    def is_narrow(self) -> bool:
        """Say whether an index finds them by what they name; of one stretch alone: each would read them all again."""
        return any(is_named(*each) for each in self.conditions)


def is_named(field: Field, condition: Condition) -> bool:
    """Say whether a condition names the very contacts or properties of the alerts that are sought."""
    return field.place == "named" and condition.operator in ("eq", "in")


class Measure(NamedTuple):
    """A number or boolean of `data`, and what makes it an integer."""

    field: Field
    scale: int


def parameters(log: int, sought: EventFilter, stretches: Sequence[Stretch] = ()) -> dict[str, Any]:
    """Return what a statement about them is given; its conditions are part of its shape."""
    listed = orjson.dumps([list(part) for part in stretches]).decode()
    start, end = min((part.start for part in stretches), default=0), max((part.end for part in stretches), default=0)
    return {"log": log, "kind": sought.kind, "top": sought.top, "stretches": listed, "start": start, "end": end}
