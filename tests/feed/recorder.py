"""A consumer that records what it is called with, and can be waited on."""

import threading
from collections.abc import Callable
from typing import Any

from jorge_data.events import Cursor, Event
from jorge_data.feed import FeedStatus

PATIENCE_S = 5.0


class Recorder:
    def __init__(self) -> None:
        self.restarts: list[Cursor] = []
        self.figures: list[tuple[dict[str, Any], Cursor]] = []
        self.events: list[Event] = []
        self.statuses: list[FeedStatus] = []
        self.on_event: Callable[[], object] = lambda: None
        self.forgotten: list[str] = []
        self._changed = threading.Condition()  # guards the lists

    def restart(self, cursor: Cursor) -> None:
        with self._changed:
            self.restarts.append(cursor)
            self._changed.notify_all()

    def deliver(self, events: list[Event], received_at: float) -> None:
        with self._changed:
            self.events += events
            self._changed.notify_all()
        self.on_event()

    def take_figures(self, changed: dict[str, Any], as_of: Cursor) -> None:
        with self._changed:
            self.figures.append((changed, as_of))
            self._changed.notify_all()

    def forget(self, contact: str) -> None:
        with self._changed:
            self.forgotten.append(contact)
            self._changed.notify_all()

    def changed(self, status: FeedStatus) -> None:
        with self._changed:
            self.statuses.append(status)
            self._changed.notify_all()

    @property
    def seqs(self) -> list[int]:
        return [event.seq for event in self.events]

    def wait(self, met: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(met, PATIENCE_S), f"{self.seqs[-3:]} {self.statuses[-3:]}"

    def wait_for_seq(self, seq: int) -> None:
        self.wait(lambda: bool(self.events) and self.events[-1].seq >= seq)

    def wait_for_figures(self, seq: int) -> dict[str, Any]:
        """Wait for figures as of a position, and return what was told of them."""
        self.wait(lambda: bool(self.figures) and self.figures[-1][1].seq >= seq)
        return self.figures[-1][0]

    def wait_for_state(self, state: str, times: int = 1) -> FeedStatus:
        """Wait until the state has been entered so often, and return the status last shown in it."""

        def entered() -> int:
            states = [status.state for status in self.statuses]
            return sum(now == state and before != state for before, now in zip(["", *states], states, strict=False))

        self.wait(lambda: entered() >= times)
        return next(status for status in reversed(self.statuses) if status.state == state)

    def wait_for_detail(self, words: str) -> FeedStatus:
        self.wait(lambda: any(words in status.detail for status in self.statuses))
        return next(status for status in self.statuses if words in status.detail)
