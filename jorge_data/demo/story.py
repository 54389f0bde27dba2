"""A story: what happens to one contact or component, one event after the other, each some seconds after the last."""

import heapq
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, NamedTuple

Json = dict[str, Any]
Story = Iterator[tuple[float, Json]]
"""Yields (seconds since the event before, event); the event has its id once the story goes on."""

Timed = tuple[float, Json]
"""(seconds since the day began, event); negative before it began."""

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0

PATIENCE_S = 30.0
"""A story that pauses longer than this leaves the bot free for another contact."""


class RelativeDate(NamedTuple):
    """A date in an event's data that lies so many seconds after the event; the day writes it out by its calendar."""

    seconds: float
    form: str = "date"  # date | moment


def offset_of(timed: Timed) -> float:
    """Return the offset, by which streams are merged."""
    return timed[0]


def serve(newcomers: Iterator[Story], pause_s: Callable[[], float]) -> Iterator[Timed]:
    """Play turns without end; when no waiting story is due, a newcomer's begins: the bot is never out of work."""
    waiting: list[tuple[float, int, Story]] = []
    now, number = 0.0, 0
    while True:
        story = heapq.heappop(waiting)[2] if waiting and waiting[0][0] <= now else next(newcomers)
        for gap, event in story:
            if gap > PATIENCE_S:
                number += 1
                heapq.heappush(waiting, (now + gap, number, chain([(0.0, event)], story)))
                break
            now += gap
            yield now, event
        now += pause_s()


def timeline(begin: float, story: Story) -> Iterator[Timed]:
    """Play one story that waits for no bot."""
    now = begin
    for gap, event in story:
        now += gap
        yield now, event
