"""What is told hours after it happened, as vendors' webhooks are when they have been retried."""

import heapq
from collections.abc import Iterator
from random import Random

from jorge_data.demo.story import HOUR, MINUTE, Json, Timed

_SHARE = 0.01
_VENDORS = ("ghl", "retell")


def delivered(rng: Random, told: Iterator[Timed]) -> Iterator[Timed]:
    """Yield events in the order of delivery: of the vendors' a few come late, but none after the live day has begun."""
    held: list[tuple[float, int, Timed]] = []
    for number, timed in enumerate(told):
        offset, event = timed
        while held and held[0][0] <= offset:
            yield heapq.heappop(held)[2]
        if offset < 0 and _is_late(rng, event):
            heapq.heappush(held, (min(0.0, offset + rng.uniform(10 * MINUTE, 5 * HOUR)), number, timed))
        else:
            yield timed
    while held:
        yield heapq.heappop(held)[2]


def _is_late(rng: Random, event: Json) -> bool:
    return event["source"] in _VENDORS and rng.random() < _SHARE
