"""The last events of one location."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from jorge_data.events import Event


class Buffer:
    """The newest events of one log, in order; safe from any thread."""

    def __init__(self, size: int = 1000) -> None:
        self.size = size
        self._lock = threading.Lock()  # guards _events
        self._events: deque[Event] = deque(maxlen=size)

    def begin(self, epoch: str) -> None:
        """Drop the events of another epoch: their positions mean nothing in this one."""
        with self._lock:
            if self._events and self._events[-1].epoch != epoch:
                self._events.clear()

    def append(self, events: Sequence[Event]) -> None:
        """Add events in order, each once; events of another epoch are dropped."""
        if events:
            self.begin(events[0].epoch)
        with self._lock:
            top = self._events[-1].seq if self._events else 0
            self._events.extend(event for event in events if event.seq > top)

    def drop(self, is_dropped: Callable[[Event], bool]) -> None:
        """Drop the events of which a function says so."""
        with self._lock:
            self._events = deque((each for each in self._events if not is_dropped(each)), maxlen=self.size)

    def newest(self, count: int) -> list[Event]:
        """Return the last `count` events, newest first."""
        with self._lock:
            return list(islice(reversed(self._events), max(0, count)))

    @property
    def fill(self) -> float:
        """How full it is, 0–1."""
        return len(self) / self.size

    def __len__(self) -> int:
        with self._lock:
            return len(self._events)
