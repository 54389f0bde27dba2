"""One location: the state that its feed has built in this process, shared by every tab and page that shows it."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from jorge_data.dashboard.push.connection_status import shown_state
from jorge_data.dashboard.push.latency import Latency
from jorge_data.events import Cursor, Event
from jorge_data.events.timestamps import micros
from jorge_data.feed import Buffer, FeedStatus
from jorge_data.metrics import LiveState, Targets, WallView, dashboard, view
from jorge_data.metrics.entities.event_subject import contact_of
from jorge_data.metrics.wall.event_sentences import line_of
from jorge_data.metrics.wall.view import Line, Window

MEASURED = 8
"""Of a delivery at most so many events are timed: a burst is one sample of the latency, not a thousand."""

HISTORY_S = 60.0
"""An event that came so much later than it happened was imported or caught up on: it says nothing of our latency."""


class LocationState:
    """Apply one location's events (a `feed.Consumer`); the resulting state may be read from any thread."""

    def __init__(self, location: str, targets: Targets, wake: Callable[[], None]) -> None:
        self.location = location
        self.buffer = Buffer()
        self.latency = Latency()
        self._targets, self._wake = targets, wake
        self._lock = threading.Lock()  # guards the four below: the feed's thread writes, the loop and the pages read
        self._state = LiveState(targets)
        self._generation = 0
        self._status: FeedStatus | None = None
        self._unsent: float | None = None

    def restart(self, state: dict[str, Any], cursor: Cursor) -> None:
        """Start again from the server's checkpoint; the history that follows fills the buffer alone."""
        self.buffer.begin(cursor.epoch)
        with self._lock:
            self._state = LiveState.load(state, self._targets)
            self._generation += 1
        self._wake()

    def deliver(self, events: list[Event], received_at: float) -> None:
        """Apply each event once, and wake the broadcaster."""
        self.buffer.append(events)
        with self._lock:
            cursor = self._state.cursor
            new = [e for e in events if cursor is None or e.epoch != cursor.epoch or e.seq > cursor.seq]
            for event in new:
                self._state.apply(event)
            timed = [event for event in new if received_at - event.time.timestamp() <= HISTORY_S]
            if timed:
                self._unsent = self._unsent or timed[0].time.timestamp()
        for event in timed[-MEASURED:]:
            self.latency.add("bot_server", (event.receivedat - event.time).total_seconds() * 1000)
            self.latency.add("server_feed", (received_at - event.receivedat.timestamp()) * 1000)
        self._wake()

    def changed(self, status: FeedStatus) -> None:
        """Take the connection's new state."""
        with self._lock:
            self._status = status
        self._wake()

    @property
    def status(self) -> FeedStatus | None:
        """Return the feed's last status; None before its first."""
        with self._lock:
            return self._status

    @property
    def cursor(self) -> Cursor | None:
        """Return the position up to which events are applied; None before the feed's first response."""
        with self._lock:
            return self._state.cursor

    @property
    def has_events(self) -> bool:
        """Return whether anything has ever happened here."""
        cursor = self.cursor
        return cursor is not None and cursor.seq > 0

    @property
    def generation(self) -> int:
        """Return how often the state was restarted: no patch leads from one generation's view to another's."""
        with self._lock:
            return self._generation

    def view(self, now: float, window: Window) -> WallView:
        """Return what the live wall shows at this moment."""
        with self._lock:
            return view(self._state, datetime.fromtimestamp(now, UTC), self.location, window)

    def events_last_minute(self, now: float) -> int:
        """Return how many events were received in the last minute."""
        with self._lock:
            return self._state.rates.last_minute(micros(datetime.fromtimestamp(now, UTC)))

    def contact_name(self, contact: str) -> str:
        """Return the contact's name, or its id where the name is unknown."""
        with self._lock:
            return self._state.contacts.name(contact)

    def feed_line(self, event: Event) -> Line:
        """Return the event as a line of the wall's feed."""
        contact = contact_of(event)
        return line_of(event, self.contact_name(contact) if contact else "", self._targets)

    def dashboard(self, now: float) -> dict[str, Any]:
        """Return the figures of `/api/dashboard/metrics`, with the state of this process's connection."""
        with self._lock:
            return dashboard(self._state, datetime.fromtimestamp(now, UTC), self._connection())

    def recent(self) -> list[Event]:
        """Return the buffered events, newest first."""
        return self.buffer.newest(self.buffer.size)

    def take_oldest_unsent(self) -> float | None:
        """Return when the oldest event happened that is not sent yet and no history; all count as sent from now on."""
        with self._lock:
            oldest, self._unsent = self._unsent, None
            return oldest

    def _connection(self) -> dict[str, Any]:
        latency_ms = self.latency.p50_p95("server_feed")
        return {
            "state": shown_state(self._status),
            "since": self._status.since.isoformat() if self._status else None,
            "latency_ms_p50": round(latency_ms[0], 1) if latency_ms else None,
        }
