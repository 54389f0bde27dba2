"""A story: what happens to one contact or component, one event after the other, each some seconds after the last."""

import heapq
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

Json = dict[str, Any]
Story = Iterator[tuple[float, Json]]
"""Yields (seconds since the event before, event); the event has its id once the story goes on."""

Timed = tuple[float, Json]
"""(seconds since the live hour began, event); negative before it began."""

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


DEAL_KINDS = ("commission_update", "contact_update")
"""What the CRM tells of a deal."""


class Arrival(NamedTuple):
    """A story that begins at an offset; its events are named after it. Of a quiet one the deal alone is told."""

    begin: float
    name: str
    story: Story
    is_quiet: bool = False


class RelativeDate(NamedTuple):
    """A date in an event's data that lies so many seconds after the event; the day writes it out by its calendar."""

    seconds: float
    form: str = "date"  # date | moment


def begin_of(arrival: Arrival) -> float:
    """Return when a story begins, by which arrivals are merged."""
    return arrival.begin


def offset_of(timed: Timed) -> float:
    """Return the offset, by which streams are merged."""
    return timed[0]


def play(arrivals: Iterator[Arrival], prefix: str) -> Iterator[Timed]:
    """Play stories in the order in which they begin, however many there are; yield their events by time.

    An event's id is the prefix, the name of its story and its number in it: always the same, whatever else is played.
    """
    under_way: list[tuple[float, int, int, Arrival, Json]] = []
    coming, number = next(arrivals, None), 0
    while under_way or coming:
        if coming and (not under_way or coming.begin <= under_way[0][0]):
            started, number = (coming.begin, number, 0, coming), number + 1
            coming = next(arrivals, None)
        else:
            now, order, told, arrival, event = heapq.heappop(under_way)
            if not arrival.is_quiet or _is_of_the_deal(event):
                yield now, event
            started = (now, order, told, arrival)
        now, order, told, arrival = started
        if following := next(arrival.story, None):
            gap, event = following
            # Set before the story goes on, which may refer to the event by its id.
            event["id"] = f"{prefix}-{arrival.name}-{told}"
            heapq.heappush(under_way, (now + gap, order, told + 1, arrival, event))


def _is_of_the_deal(event: Json) -> bool:
    return event["type"] in DEAL_KINDS and "seller_temperature" not in event["data"].get("changed", ())


def until(story: Story, is_last: Callable[[Json], bool]) -> list[tuple[float, Json]]:
    """Return a story up to the first event of which `is_last` holds; the story goes on after it."""
    scenes: list[tuple[float, Json]] = []
    for gap, event in story:
        event["id"] = ""  # what refers to it is left out below
        scenes.append((gap, event))
        if is_last(event):
            break
    return [(gap, event) for gap, event in scenes if event["type"] != "intent_feedback"]
