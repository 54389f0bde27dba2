"""One office: what its feed has built in this process, shared by every tab and page that looks at it."""

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
"""Of a delivery at most so many events are timed: a burst is one sample of the way, not a thousand."""

HISTORY_S = 60.0
"""What came so long after it happened was brought in, or missed and made up for: it says nothing of how fast we are."""


class LocationState:
    """Take one location's events (a `feed.Consumer`) and tell, to any thread, what they amount to."""

    def __init__(self, location: str, targets: Targets, wake: Callable[[], None]) -> None:
        self.location = location
        self.buffer = Buffer()
        self.latency = Latency()
        self._targets, self._wake = targets, wake
        self._lock = threading.Lock()  # guards the four below: the feed's thread writes, the loop and the pages read
        self._state = LiveState(targets)
        self._life = 0
        self._status: FeedStatus | None = None
        self._unsent: float | None = None

    def restart(self, state: dict[str, Any], cursor: Cursor) -> None:
        """Begin anew from the server's checkpoint; the history that follows fills the buffer alone."""
        self.buffer.begin(cursor.epoch)
        with self._lock:
            self._state = LiveState.load(state, self._targets)
            self._life += 1
        self._wake()

    def deliver(self, events: list[Event], received_at: float) -> None:
        """Count each event once, and say that there is something to paint."""
        self.buffer.append(events)
        with self._lock:
            fresh = [event for event in events if self._is_new(event)]
            for event in fresh:
                self._state.apply(event)
            timed = [event for event in fresh if received_at - event.time.timestamp() <= HISTORY_S]
            if timed:
                self._unsent = self._unsent or timed[0].time.timestamp()
        self._measure(timed[-MEASURED:], received_at)
        self._wake()

    def changed(self, status: FeedStatus) -> None:
        """Take the connection's new state."""
        with self._lock:
            self._status = status
        self._wake()

    @property
    def status(self) -> FeedStatus | None:
        """Return the feed's last word; None before its first."""
        with self._lock:
            return self._status

    @property
    def cursor(self) -> Cursor | None:
        """Return the position up to which events are counted; None before the feed's first answer."""
        with self._lock:
            return self._state.cursor

    @property
    def lively(self) -> bool:
        """Say whether anything has ever happened here."""
        cursor = self.cursor
        return cursor is not None and cursor.seq > 0

    @property
    def life(self) -> int:
        """Return how often the state began anew: views of two lives cannot be told apart by what changed."""
        with self._lock:
            return self._life

    def view(self, now: float, window: Window) -> WallView:
        """Return what the live wall shows at this moment."""
        with self._lock:
            return view(self._state, _moment(now), self.location, window)

    def rate(self, now: float) -> int:
        """Return how many events were received in the last minute."""
        with self._lock:
            return self._state.rates.last_minute(micros(_moment(now)))

    def name(self, contact: str) -> str:
        """Return the contact's name, or its id where none is known."""
        with self._lock:
            return self._state.contacts.name(contact)

    def line(self, event: Event) -> Line:
        """Return the event in the feed's words."""
        contact = contact_of(event)
        return line_of(event, self.name(contact) if contact else "", self._targets)

    def dashboard(self, now: float) -> dict[str, Any]:
        """Return the figures of `/api/dashboard/metrics`, with how this process hears of them."""
        with self._lock:
            return dashboard(self._state, _moment(now), self._connection())

    def recent(self) -> list[Event]:
        """Return the buffered events, newest first."""
        return self.buffer.newest(self.buffer.size)

    def take_unsent(self) -> float | None:
        """Return when the oldest event happened that no tab was sent yet and is no history; it counts as sent now."""
        with self._lock:
            oldest, self._unsent = self._unsent, None
            return oldest

    def _connection(self) -> dict[str, Any]:
        heard = self.latency.p50_p95("server_feed")
        return {
            "state": shown_state(self._status),
            "since": self._status.since.isoformat() if self._status else None,
            "latency_ms_p50": round(heard[0], 1) if heard else None,
        }

    def _is_new(self, event: Event) -> bool:
        counted = self._state.cursor
        return counted is None or event.epoch != counted.epoch or event.seq > counted.seq

    def _measure(self, events: list[Event], received_at: float) -> None:
        for event in events:
            self.latency.add("bot_server", (event.receivedat - event.time).total_seconds() * 1000)
            self.latency.add("server_feed", (received_at - event.receivedat.timestamp()) * 1000)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
