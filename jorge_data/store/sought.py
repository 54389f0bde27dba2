"""Events that are sought: of which kind, in which stretches of time, under which conditions."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from jorge_data.store.conditions import Condition
from jorge_data.store.fields import Columns, Field
from jorge_data.store.tables import events

COLUMNS = Columns({name: events.c[name] for name in ("id", "source", "type", "subject", "seq")}, events.c.body)
"""What is a column of an event; all else is read from its JSON."""


class Stretch(NamedTuple):
    """A half-open span of time, for one slot of the answer."""

    slot: int
    start: int
    end: int


Conditions = tuple[tuple[Field, Condition], ...]


class Sought(NamedTuple):
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


def parameters(log: int, sought: Sought, stretches: Sequence[Stretch] = ()) -> dict[str, Any]:
    """Return what a statement about them is given; its conditions are part of its shape."""
    listed = orjson.dumps([list(part) for part in stretches]).decode()
    start, end = min((part.start for part in stretches), default=0), max((part.end for part in stretches), default=0)
    return {"log": log, "kind": sought.kind, "top": sought.top, "stretches": listed, "start": start, "end": end}
