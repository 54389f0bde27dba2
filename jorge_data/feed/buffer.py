"""The last events of one location."""

import threading
from collections import deque
from collections.abc import Sequence
from itertools import islice, takewhile

from jorge_data.events import Cursor, Event


class Buffer:
    """Keep the newest events of one log, in order; safe from any thread."""

    def __init__(self, size: int = 1000) -> None:
        self.size = size
        self._lock = threading.Lock()  # guards _events
        self._events: deque[Event] = deque(maxlen=size)

    def append(self, events: Sequence[Event]) -> None:
        """Add events that follow those held; a new epoch drops the old one's, whose positions mean nothing any more."""
        with self._lock:
            if events and self._events and events[0].epoch != self._events[-1].epoch:
                self._events.clear()
            self._events.extend(events)

    def after(self, cursor: Cursor | None) -> list[Event]:
        """Return what is held after a cursor, oldest first: all of it, if the cursor is of another epoch or none."""
        with self._lock:
            later = takewhile(
                lambda event: cursor is None or event.epoch != cursor.epoch or event.seq > cursor.seq,
                reversed(self._events),
            )
            return list(later)[::-1]

    def newest(self, count: int) -> list[Event]:
        """Return the last `count` events, newest first."""
        with self._lock:
            return list(islice(reversed(self._events), max(0, count)))

    @property
    def fill(self) -> float:
        """Say how full it is, 0–1."""
        return len(self) / self.size

    def __len__(self) -> int:
        with self._lock:
            return len(self._events)
