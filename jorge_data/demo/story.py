"""A story: what happens to one contact or component, one event after the other, each some seconds after the last."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from jorge_data.events.locations import DEMO

Json = dict[str, Any]
Story = Iterator[tuple[float, Json]]
"""Yields (seconds since the event before, event); the event has its id once the story goes on."""

Timed = tuple[float, Json]
"""(seconds since the day began, event); negative before it began."""

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


class In(NamedTuple):
    """A date in an event's data that lies so many seconds after the event; the day writes it out by its calendar."""

    seconds: float
    form: str = "date"  # date | moment


def begins(timed: Timed) -> float:
    """Return the offset by which streams are woven together."""
    return timed[0]


def event(source: str, kind: str, /, **data: Any) -> Json:
    return {"source": source, "type": kind, "locationid": DEMO, "data": data}
