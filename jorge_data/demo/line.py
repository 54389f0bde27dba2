"""The line before a bot: it takes one turn at a time, whoever has waited longest first."""

import heapq
from collections.abc import Callable, Iterator
from itertools import chain

from jorge_data.demo.story import Story, Timed

PATIENCE_S = 30.0
"""A story that pauses longer than this leaves the bot free for somebody else."""


def serve(newcomers: Iterator[Story], rest: Callable[[], float]) -> Iterator[Timed]:
    """Play turns for ever; when nobody in line is due a newcomer's story begins: the bot is never out of work."""
    line: list[tuple[float, int, Story]] = []
    now, number = 0.0, 0
    while True:
        story = heapq.heappop(line)[2] if line and line[0][0] <= now else next(newcomers)
        for gap, event in story:
            if gap > PATIENCE_S:
                number += 1
                heapq.heappush(line, (now + gap, number, chain([(0.0, event)], story)))
                break
            now += gap
            yield now, event
        now += rest()


def timeline(begins: float, story: Story) -> Iterator[Timed]:
    """Play one story that waits for no bot."""
    now = begins
    for gap, event in story:
        now += gap
        yield now, event
