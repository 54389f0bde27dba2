"""Rate: how many events happened and were received in the last minute; history that is brought in is not a rate."""

from typing import Any

from jorge_data.events import Event
from jorge_data.events.timestamps import SECOND, micros

SPAN_S = 60
_KEPT = 3 * SPAN_S


class Rates:
    """Count events by the second of their receipt; at most 180 seconds are kept."""

    def __init__(self) -> None:
        self._seconds: dict[int, int] = {}

    def apply(self, event: Event) -> None:
        second = micros(event.receivedat) // SECOND
        if micros(event.time) // SECOND < second - SPAN_S:
            return
        count = self._seconds.get(second)
        if count is None and len(self._seconds) >= _KEPT:
            self._make_room()
        self._seconds[second] = (count or 0) + 1

    def last_minute(self, now: int) -> int:
        """Return how many were received in the 60 seconds up to now."""
        end = now // SECOND + 1
        return sum(self._seconds.get(second, 0) for second in range(end - SPAN_S, end))

    def dump(self) -> list[Any]:
        return [[second, count] for second, count in self._seconds.items()]

    def load(self, dump: list[Any]) -> None:
        self._seconds = dict(dump)

    def _make_room(self) -> None:
        newest = sorted(self._seconds)[-SPAN_S:]
        self._seconds = {second: self._seconds[second] for second in newest}
