"""Keeps the status of the feed's connection and reports each change of it."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from jorge_data.events import Cursor
from jorge_data.feed.consumer import Guard
from jorge_data.feed.endpoint import Clock
from jorge_data.feed.status import FeedStatus, State, Transition

_log = logging.getLogger(__name__)

TRANSITIONS = 200
WINDOW_S = 60


class StatusReporter:
    """Hold the status, log its transitions and call the consumer; written by the feed thread, read by any.

    The status is immutable and replaced as a whole, so that a reader needs no lock.
    """

    def __init__(self, location: str, clock: Clock, consumer: Guard) -> None:
        self.meter = Meter(clock.monotonic)
        self._clock = clock
        self._consumer = consumer
        self._lock = threading.Lock()  # guards _transitions: a deque may not grow while it is being copied
        self._transitions: deque[Transition] = deque(maxlen=TRANSITIONS)
        self._heard: tuple[datetime, float] | None = None  # the server's last word, by both clocks
        self._status = FeedStatus(location, "connecting", self._now(), "not started")

    @property
    def status(self) -> FeedStatus:
        """Return the status at this moment."""
        heard_at, heard = self._heard or (None, 0.0)
        return replace(
            self._status,
            consumer_errors=self._consumer.errors,
            bytes_per_minute=self.meter.per_minute(),
            heard_at=heard_at,
            silent_s=None if heard_at is None else self._clock.monotonic() - heard,
        )

    def heard(self, amount: int) -> None:
        """Note a word of the server, of so many bytes."""
        self.meter.add(amount)
        self._heard = self._now(), self._clock.monotonic()

    def beats(self, heartbeat_s: float) -> None:
        """Note how often this server says that it is well."""
        self._status = replace(self._status, heartbeat_s=heartbeat_s)

    def log(self) -> list[Transition]:
        """Return the last transitions, oldest first."""
        with self._lock:
            return list(self._transitions)

    def show(
        self, state: State, detail: str, *, retry_in_s: float | None = None, reachable: bool = False, attempts: int = 0
    ) -> None:
        """Set a state; it goes into the log if the state or its reason is new."""
        now, before = self._now(), self._status
        retry_at = None if retry_in_s is None else now + timedelta(seconds=retry_in_s)
        since = before.since if before.state == state else now
        self._status = replace(
            before, state=state, since=since, detail=detail, retry_at=retry_at, reachable=reachable, attempts=attempts
        )
        if (state, detail) != (before.state, before.detail):
            with self._lock:
                self._transitions.append(Transition(now, state, detail, before.cursor))
        self._consumer.changed(self.status)

    def note(self, detail: str) -> None:
        """Write a line into the log of transitions; the state stays."""
        before = self._status
        with self._lock:
            self._transitions.append(Transition(self._now(), before.state, detail, before.cursor))
        _log.warning("%s: %s", before.location, detail)

    def moved(self, cursor: Cursor) -> None:
        self._status = replace(self._status, cursor=cursor)

    def gap(self) -> None:
        self._status = replace(self._status, gaps=self._status.gaps + 1)

    def restarted(self, cursor: Cursor) -> None:
        self._status = replace(self._status, cursor=cursor, restarts=self._status.restarts + 1)

    def connected(self, resumed: bool) -> None:
        before = self._status
        self._status = replace(before, connections=before.connections + 1, recovered=before.recovered + resumed)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.time(), UTC)


class Meter:
    """Sum amounts over the last minute, to the second; safe from any thread."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()  # guards _seconds
        self._seconds: deque[tuple[int, int]] = deque(maxlen=WINDOW_S + 1)

    def add(self, amount: int) -> None:
        second = int(self._monotonic())
        with self._lock:
            if self._seconds and self._seconds[-1][0] == second:
                amount += self._seconds.pop()[1]
            self._seconds.append((second, amount))

    def per_minute(self) -> int:
        oldest = int(self._monotonic()) - WINDOW_S
        with self._lock:
            return sum(amount for second, amount in self._seconds if second > oldest)
