"""When the next checkpoint of a live state is due."""

from typing import NamedTuple

EVENTS = 50_000
SECONDS = 30.0
"""A start reduces what came after the last checkpoint: as a rule so many events, or what so many seconds brought."""

RESTS = 50
"""A checkpoint holds the event loop for tens of milliseconds, or seconds where a hundred thousand contacts are known:
the next one waits so many times as long, so that those of one location take a fiftieth of the loop's time at most."""


class Saved(NamedTuple):
    """The last checkpoint: of which position, when (monotonic seconds), and for how long it held the loop."""

    position: int
    at: float
    held_s: float = 0.0

    def outlived(self, position: int, now: float) -> bool:
        """Say whether a state that has come to a position is worth another checkpoint now."""
        moved, age = position - self.position, now - self.at
        return moved > 0 and (moved >= EVENTS or age >= SECONDS) and age >= RESTS * self.held_s
