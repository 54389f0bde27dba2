"""How many events were received in the last minute."""

from jorge_data.events import Event
from jorge_data.events.timestamps import SECOND, micros

SPAN_S = 60
_MAX_SECONDS = 3 * SPAN_S


class EventRate:
    """Count events by the second of their receipt at the server; at most 180 seconds are held."""

    def __init__(self) -> None:
        self._seconds: dict[int, int] = {}

    def add(self, event: Event) -> None:
        """Count an event, unless it came more than a minute after it happened."""
        second = micros(event.receivedat) // SECOND
        if micros(event.time) // SECOND < second - SPAN_S:
            return
        count = self._seconds.get(second)
        if count is None and len(self._seconds) >= _MAX_SECONDS:
            newest = sorted(self._seconds)[-SPAN_S:]
            self._seconds = {second: self._seconds[second] for second in newest}
        self._seconds[second] = (count or 0) + 1

    def last_minute(self, now: int) -> int:
        """Return how many were received in the 60 seconds up to now (microseconds)."""
        end = now // SECOND + 1
        return sum(self._seconds.get(second, 0) for second in range(end - SPAN_S, end))
