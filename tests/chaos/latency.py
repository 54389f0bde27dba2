"""How long an event takes from its publish to a healthy reader, one event after another."""

import time
from contextlib import ExitStack
from typing import Self

from tests.served import Served, bot_status
from tests.server.clients import next_events, subscribe


class Probe:
    """One publisher on a socket and one reader on another: from the frame sent to the frame received."""

    def __init__(self, served: Served, location: str) -> None:
        self._served, self._location = served, location
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._reader = self._served.connect(self._stack)
        subscribe(self._reader, self._location)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def fill(self, count: int, size: int) -> None:
        """Publish events of a size, and see that the reader gets them."""
        events = [self._event("x" * size) for _ in range(count)]
        assert self._served.post(events).ok
        assert len(next_events(self._reader, count)) == count

    def measure(self, count: int) -> list[float]:
        """Return so many delays, in milliseconds."""
        delays, headers = [], self._served.bearer("publisher")
        for _ in range(count):
            began = time.perf_counter()
            assert self._served.post(self._event(), headers).ok
            next_events(self._reader, 1)
            delays.append((time.perf_counter() - began) * 1000)
        return delays

    def _event(self, note: str = "") -> dict[str, object]:
        event = bot_status(locationid=self._location)
        event["data"]["note"] = note
        return event
