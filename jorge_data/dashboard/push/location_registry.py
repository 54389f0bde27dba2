"""The open feeds of this process: one for each office and the rights with which somebody looks at it."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from jorge_data.dashboard.login.user import Access, User
from jorge_data.dashboard.push.audience_tokens import AudienceTokens
from jorge_data.dashboard.push.connection_status import Shown, shown_state
from jorge_data.dashboard.push.location_state import LocationState
from jorge_data.errors import RequestRefused, TooMany
from jorge_data.events import Cursor
from jorge_data.events.envelope import DEMO
from jorge_data.feed import Feed, TokenSource
from jorge_data.permissions import Rights

MOST_FEEDS = 256
"""Feeds at once: a thread, a connection and a thousand events each, 1 to 1.5 MB (measured). An office of a hundred
agents where the demo still plays has two for each of them."""

UNUSED_S = 60.0
TOO_MANY = "Too many people are looking at once. Try again in a minute."


_log = logging.getLogger(__name__)


class NotOpen(RequestRefused):
    """No page or tab shows this location, and a request for its figures does not open it."""

    status, code = 404, "not_found"


class Audience(NamedTuple):
    """Who looks at the same office with the same rights sees the same."""

    location: str
    rights: Rights


@dataclass
class _OpenFeed:
    state: LocationState
    feed: Feed
    tokens: AudienceTokens
    used_at: float


OpenFeed = Callable[[str, TokenSource], tuple[LocationState, Feed]]
"""Opens the feed of a location, which reads by these tokens."""


class LocationRegistry:
    """Open a feed when an audience first uses it, close it when unused for a minute; safe from any thread."""

    def __init__(
        self,
        home: str,
        demo_enabled: bool,
        access: Access,
        open_feed: OpenFeed,
        monotonic: Callable[[], float],
    ) -> None:
        self.home, self.demo_enabled = home, demo_enabled
        self._access, self._open_feed, self._monotonic = access, open_feed, monotonic
        self._lock = threading.Lock()  # guards _open
        self._open: dict[Audience, _OpenFeed] = {}

    def seen_by(self, user: User) -> "SeenLocations":
        """Return the locations as one user sees them."""
        return SeenLocations(self, user)

    def use(self, audience: Audience, users: Iterable[User]) -> tuple[LocationState, Feed]:
        """Return what an audience sees, by the tokens of these users; raise TooMany where MOST_FEEDS are in use."""
        now, stopped = self._monotonic(), list[_OpenFeed]()
        with self._lock:
            if audience not in self._open:
                stopped = self._take_unused(now)
                if len(self._open) >= MOST_FEEDS:
                    _log.warning("no feed is left for another who looks: %d are open (docs/operations.md)", MOST_FEEDS)
                    raise TooMany(TOO_MANY)
                tokens = AudienceTokens(audience.location, self._access, self._monotonic)
                for user in users:
                    tokens.see(user)
                self._open[audience] = _OpenFeed(*self._open_feed(audience.location, tokens), tokens, now)
            entry = self._open[audience]
            entry.used_at = now
        if stopped:  # a feed takes seconds to stop, which no page should wait for
            threading.Thread(target=lambda: [each.feed.stop() for each in stopped], daemon=True).start()
        new = [user for user in users if entry.tokens.see(user)]
        if new:
            entry.feed.retry_now()
        return entry.state, entry.feed

    def opened(self, audience: Audience) -> tuple[LocationState, Feed]:
        """Return what an audience sees without keeping it open; raise NotOpen where it is not."""
        with self._lock:
            entry = self._open.get(audience)
        if entry is None:
            raise NotOpen(f"the office {audience.location} is not open here: open it in the dashboard first")
        return entry.state, entry.feed

    def home_feed(self) -> Feed | None:
        """Return a feed of the home location, whoever it is open for; None where nobody looks."""
        with self._lock:
            return next((each.feed for (location, _), each in self._open.items() if location == self.home), None)

    def states(self) -> Counter[Shown]:
        """Return how many feeds are open, by the state that is shown of them."""
        with self._lock:
            feeds = [each.feed for each in self._open.values()]
        return Counter(shown_state(feed.status) for feed in feeds)

    def close(self) -> None:
        """Stop every feed."""
        with self._lock:
            closing, self._open = list(self._open.values()), {}
        for each in closing:
            each.feed.stop()

    def _take_unused(self, now: float) -> list[_OpenFeed]:
        unused = [
            audience
            for audience, each in self._open.items()
            if now - each.used_at > UNUSED_S
            and not (each.tokens.is_local and audience.location in (self.home, DEMO))  # they are always shown
        ]
        return [self._open.pop(audience) for audience in unused]


class SeenLocations:
    """The locations as one user sees them; each method raises Forbidden at one that is not his."""

    def __init__(self, registry: LocationRegistry, user: User) -> None:
        self._registry, self._user = registry, user
        self.home, self.demo_enabled = registry.home, registry.demo_enabled

    def get(self, location: str) -> LocationState:
        """Return this location's state; raise TooMany where MOST_FEEDS feeds are in use."""
        return self._use(location)[0]

    def feed(self, location: str) -> Feed:
        """Return this location's feed; raise TooMany where MOST_FEEDS are in use."""
        return self._use(location)[1]

    def is_open(self, location: str) -> bool:
        """Return whether somebody with the same rights looks at this location; it is not opened by that."""
        try:
            self._registry.opened(self._audience(location))
        except NotOpen:
            return False
        return True

    def position(self, location: str) -> Cursor | None:
        """Return the end of this location's log; None while its feed receives nothing, for there may be more."""
        state, feed = self._use(location)
        status = feed.status
        return state.cursor if status.reachable and not status.lost else None

    def figures(self, location: str) -> dict[str, Any]:
        """Return this location's figures without keeping it open; raise NotOpen where it is not open."""
        state, feed = self._registry.opened(self._audience(location))
        return state.dashboard(feed.status)

    def resolve(self, requested: str | None) -> str:
        """Return the location to show: the requested one, else the user's own once it has an event, else the demo.

        His own is the home location, or the first that he is granted where that is none of his.
        """
        if requested is not None:
            return requested
        if self._user.grant_at(self.home) is None:
            return next((grant.location for grant in self._user.grants if grant.location), self.home)
        if not self.demo_enabled or self._user.grant_at(DEMO) is None:
            return self.home
        return self.home if self.get(self.home).has_events else DEMO

    def _use(self, location: str) -> tuple[LocationState, Feed]:
        return self._registry.use(self._audience(location), (self._user,))

    def _audience(self, location: str) -> Audience:
        return Audience(location, self._user.rights_at(location))
