"""The open locations of this process: the user's own, the demo's, and others while a page or tab shows them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jorge_data.dashboard.push.location_state import LocationState
from jorge_data.errors import RequestRefused, TooMany
from jorge_data.events import Cursor
from jorge_data.events.envelope import DEMO
from jorge_data.feed import Feed

MOST = 8
UNUSED_S = 60.0


class NotOpen(RequestRefused):
    """No page or tab shows this location, and a request for its figures does not open it."""

    status, code = 404, "not_found"


@dataclass
class _OpenLocation:
    state: LocationState
    feed: Feed
    used_at: float


class LocationRegistry:
    """Open a location when it is first used, close it when unused for a minute; safe from any thread."""

    def __init__(
        self,
        home: str,
        demo_enabled: bool,
        open_location: Callable[[str], tuple[LocationState, Feed]],
        monotonic: Callable[[], float],
    ) -> None:
        self.home, self.demo_enabled = home, demo_enabled
        self._open_location, self._monotonic = open_location, monotonic
        self._lock = threading.Lock()  # guards _open
        self._open: dict[str, _OpenLocation] = {}

    def get(self, location: str) -> LocationState:
        """Return this location's state; raise TooMany where eight others are in use."""
        return self._use(location).state

    def feed(self, location: str) -> Feed:
        """Return this location's feed; raise TooMany where eight others are in use."""
        return self._use(location).feed

    def position(self, location: str) -> Cursor | None:
        """Return the end of this location's log; None while its feed receives nothing, for there may be more."""
        entry = self._use(location)
        status = entry.feed.status
        return entry.state.cursor if status.reachable and not status.lost else None

    def figures(self, location: str) -> dict[str, Any]:
        """Return this location's figures without keeping it open; raise NotOpen where it is not open."""
        with self._lock:
            entry = self._open.get(location)
        if entry is None:
            raise NotOpen(f"the office {location} is not open here: open it in the dashboard first")
        return entry.state.dashboard(entry.feed.status)

    def resolve(self, requested: str | None) -> str:
        """Return the location to show: the requested one, else the user's own once it has an event, else the demo."""
        if requested is not None:
            return requested
        return self.home if not self.demo_enabled or self.get(self.home).has_events else DEMO

    def close(self) -> None:
        """Stop every feed."""
        with self._lock:
            closing, self._open = list(self._open.values()), {}
        for each in closing:
            each.feed.stop()

    def _use(self, location: str) -> _OpenLocation:
        now = self._monotonic()
        with self._lock:
            if location not in self._open:
                unused = self._take_unused(now)
                if len(self._open) >= MOST:
                    raise TooMany(f"{MOST} offices are on screen already: allowed are {MOST} at once")
                self._open[location] = _OpenLocation(*self._open_location(location), now)
                if unused:  # a feed takes seconds to stop, which no page should wait for
                    threading.Thread(target=lambda: [each.feed.stop() for each in unused], daemon=True).start()
            entry = self._open[location]
            entry.used_at = now
            return entry

    def _take_unused(self, now: float) -> list[_OpenLocation]:
        always_open = {self.home, DEMO}
        names = [n for n, each in self._open.items() if n not in always_open and now - each.used_at > UNUSED_S]
        return [self._open.pop(name) for name in names]
