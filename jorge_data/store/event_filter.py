"""Filters of events: of which kind, in which ranges of time, under which conditions.

No store is named here: each turns these values into its own SQL (`sql/statements.py`, `sqlite/fields.py`).
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

Operator = Literal["eq", "ne", "in", "lt", "le", "gt", "ge"]

FieldSource = Literal["column", "attribute", "data", "indexed"]

INDEXED_FIELDS = frozenset({"contact_id", "property_id"})
"""The fields of an alert that a store has in an index."""


class Field(NamedTuple):
    """Where a field is: in a column, in the envelope's JSON, in its `data`, or there and in an index of alerts.

    `most` characters of it count.
    """

    name: str
    source: FieldSource
    most: int | None = None


class Condition(NamedTuple):
    """A field, an operator and its values; `lt` to `ge` compare numbers, and are false of text that is no number."""

    field: str
    operator: Operator
    values: tuple[str, ...]


Conditions = tuple[tuple[Field, Condition], ...]


def holds(text: str, condition: Condition) -> bool:
    """Return whether a field's text meets a condition, just as the store's SQL decides it."""
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


class TimeRange(NamedTuple):
    """A half-open range of time (microseconds), and the number of the response's bucket that it counts for."""

    bucket: int
    start: int
    end: int


class VisibleTo(NamedTuple):
    """What an agent sees: what is about his own contacts, or about nobody's.

    `of` is a kind of event, which says where contacts are named in it; of facts, whose they are (`FactOwner`).
    """

    agent: str
    of: str


FactOwner = Literal["contact", "deal", "conversation", "analysis"]
"""What an entity's facts are of: a contact itself, or something that belongs to one."""


class EventFilter(NamedTuple):
    """Which events: of one kind, up to a position of the log, under conditions; `agent`: as far as he sees them."""

    kind: str
    top: int
    conditions: Conditions = ()
    agent: str | None = None

    @property
    def is_narrow(self) -> bool:
        """Return whether an index finds the events by a field's values; each range of a query would read them all."""
        return any(is_indexed(*each) for each in self.conditions)

    @property
    def visible(self) -> VisibleTo | None:
        """Return what its agent sees, None where it has none."""
        return None if self.agent is None else VisibleTo(self.agent, self.kind)


def is_indexed(field: Field, condition: Condition) -> bool:
    """Return whether a condition lists the values of a field that has an index of alerts."""
    return field.source == "indexed" and condition.operator in ("eq", "in")


class Measure(NamedTuple):
    """A number or boolean of `data`, and the scale that makes it an integer.

    `money`: an amount of 0 or more, which may be decimal text.
    """

    field: Field
    scale: int
    money: bool = False


class EventSortKey(NamedTuple):
    """Where an event is in order of time: its time (microseconds), then its position."""

    time: int
    seq: int


class EventRow(NamedTuple):
    """An event in order of time, with its body; where some of its fields were requested, with those and no body."""

    bucket: int
    key: EventSortKey
    body: str  # JSON without the position
    values: Sequence[Any] = ()


class EventPage(NamedTuple):
    """Which page: the next `limit` events of a half-open span (microseconds) in order of time, after a sort key.

    Whole events, or some fields of each.
    """

    filter: EventFilter
    span: tuple[int, int]
    after: EventSortKey | None
    descending: bool
    limit: int
    fields: tuple[Field, ...] = ()
