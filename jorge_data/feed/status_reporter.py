"""What the feed shows of its connection, as it changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from jorge_data.events import Cursor
from jorge_data.feed.consumer import Guard
from jorge_data.feed.endpoint import Clock
from jorge_data.feed.status import ConnectionLog, FeedStatus, Meter, State, Transition


class Reporter:
    """Hold the status shown, log its transitions and tell the consumer; written by the feed thread, read by any.

    The status is immutable and replaced as a whole, so that a reader needs no lock.
    """

    def __init__(self, location: str, clock: Clock, consumer: Guard, meter: Meter) -> None:
        self.log = ConnectionLog()
        self._clock = clock
        self._consumer = consumer
        self._meter = meter
        self._shown = FeedStatus(location, "connecting", self._now(), "not started")

    @property
    def status(self) -> FeedStatus:
        """Return how things are now."""
        return replace(self._shown, consumer_errors=self._consumer.errors, bytes_per_minute=self._meter.per_minute())

    def show(
        self, state: State, detail: str, *, retry_in_s: float | None = None, reachable: bool = False, attempts: int = 0
    ) -> None:
        """Show a state; it goes into the log if the state or its reason is new."""
        now, before = self._now(), self._shown
        retry_at = None if retry_in_s is None else now + timedelta(seconds=retry_in_s)
        since = before.since if before.state == state else now
        self._shown = replace(
            before, state=state, since=since, detail=detail, retry_at=retry_at, reachable=reachable, attempts=attempts
        )
        if (state, detail) != (before.state, before.detail):
            self.log.append(Transition(now, state, detail, before.cursor))
        self._consumer.changed(self.status)

    def moved(self, cursor: Cursor) -> None:
        self._shown = replace(self._shown, cursor=cursor)

    def gap(self) -> None:
        self._shown = replace(self._shown, gaps=self._shown.gaps + 1)

    def restarted(self, cursor: Cursor) -> None:
        self._shown = replace(self._shown, cursor=cursor, restarts=self._shown.restarts + 1)

    def connected(self, resumed: bool) -> None:
        before = self._shown
        self._shown = replace(before, connections=before.connections + 1, recovered=before.recovered + resumed)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.time(), UTC)
