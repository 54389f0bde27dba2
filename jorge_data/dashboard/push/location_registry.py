"""The offices of this process: the user's own, the demo's, and others while someone looks at them."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jorge_data.dashboard.push.location_state import LocationState
from jorge_data.errors import RequestRefused, TooMany
from jorge_data.events import Cursor
from jorge_data.events.locations import DEMO
from jorge_data.feed import Feed

MOST = 8
UNSEEN_S = 60.0


class NotOpen(RequestRefused):
    """Nobody looks at this office: to ask for its figures is no reason to follow it."""

    status, code = 404, "not_found"


@dataclass
class _Open:
    location_state: LocationState
    feed: Feed
    asked_at: float


class LocationRegistry:
    """Open an office when it is first asked for, close it when unasked for a minute; safe from any thread."""

    def __init__(
        self,
        home: str,
        plays_demo: bool,
        open_location: Callable[[str], tuple[LocationState, Feed]],
        monotonic: Callable[[], float],
    ) -> None:
        self.home, self.plays_demo = home, plays_demo
        self._open_office, self._monotonic = open_location, monotonic
        self._lock = threading.Lock()  # guards _opened
        self._opened: dict[str, _Open] = {}

    def get(self, location: str) -> LocationState:
        """Return this location's office; raise TooMany where eight others are in use."""
        return self._find(location).location_state

    def feed(self, location: str) -> Feed:
        """Return the feed that fills this location's office."""
        return self._find(location).feed

    def known(self, location: str) -> Cursor | None:
        """Return up to which event this location is known; None while its feed hears nothing, for there may be more."""
        found = self._find(location)
        return found.location_state.cursor if found.feed.status.reachable else None

    def opened(self, location: str) -> LocationState:
        """Return this location's office without keeping it open; raise NotOpen where it is not."""
        with self._lock:
            found = self._opened.get(location)
        if found is None:
            raise NotOpen(f"the office {location} is not open here: open it in the dashboard first")
        return found.location_state

    def resolve(self, asked: str | None) -> str:
        """Return the location to show: the one asked for, else the user's own once it has an event, else the demo."""
        if asked is not None:
            return asked
        return self.home if not self.plays_demo or self.get(self.home).lively else DEMO

    def notice(self) -> dict[str, Any]:
        """Return what a tab is told when the user's own office takes the demo's place."""
        return {
            "text": "Your first event has arrived: this is your own office now.",
            "link": {"text": "Back to the demo", "href": f"?location={DEMO}"},
        }

    def close(self) -> None:
        """Stop every feed."""
        with self._lock:
            opened, self._opened = list(self._opened.values()), {}
        for each in opened:
            each.feed.stop()

    def _find(self, location: str) -> _Open:
        now = self._monotonic()
        with self._lock:
            if location not in self._opened:
                unseen = self._take_unseen(now)
                if len(self._opened) >= MOST:
                    raise TooMany(f"{MOST} offices are on screen already: allowed are {MOST} at once")
                self._opened[location] = _Open(*self._open_office(location), now)
                if unseen:  # a feed takes seconds to stop, which no page should wait for
                    threading.Thread(target=lambda: [each.feed.stop() for each in unseen], daemon=True).start()
            found = self._opened[location]
            found.asked_at = now
            return found

    def _take_unseen(self, now: float) -> list[_Open]:
        kept = {self.home, DEMO}
        names = [n for n, each in self._opened.items() if n not in kept and now - each.asked_at > UNSEEN_S]
        return [self._opened.pop(name) for name in names]
