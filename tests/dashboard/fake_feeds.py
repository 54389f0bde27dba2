"""Locations whose feeds are never started: tests deliver the events themselves."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from jorge_data.dashboard.login.own_token import OwnToken
from jorge_data.dashboard.login.user import Access, Grant, LocalAccess, User
from jorge_data.dashboard.push.broadcaster import Broadcaster, Pace
from jorge_data.dashboard.push.client_queue import ClientQueue
from jorge_data.dashboard.push.location_registry import LocationRegistry
from jorge_data.dashboard.push.location_state import LocationState
from jorge_data.dashboard.push.tickets import Holder
from jorge_data.events import Cursor, Event
from jorge_data.feed import Endpoint, Feed, TokenSource
from jorge_data.metrics import Targets
from jorge_data.permissions import Person

NOON = datetime(2026, 11, 23, 18, tzinfo=UTC)
HOME = "home"
JORGE = User("jorge", "jorge", (Grant(None, "admin"),))
PACE = Pace(paint_s=0.05, idle_s=2.0, poll_s=5.0)


def event(seq: int, location: str = HOME, kind: str = "conversation_event", **data: Any) -> Event:
    """Return a committed event; without data, a message that names its own number."""
    message = {"conversation_id": "v", "contact_id": f"c{seq % 3}", "kind": "message", "body": f"message-{seq}"}
    at = NOON + timedelta(seconds=seq)
    return Event(f"id-{seq}", "tests", kind, "c", at, location, data or message, at, "normal", seq, "e1")


class FakeFeeds:
    """Location states, and a broadcaster with a clock that stands still where none is given."""

    def __init__(
        self, demo_enabled: bool = False, access: Access | None = None, clock: Callable[[], float] | None = None
    ) -> None:
        self.now = NOON.timestamp()
        self.monotonic = 0.0
        self.opened_locations: list[str] = []
        self.tokens: list[TokenSource] = []
        access = access or LocalAccess("jorge", "admin", OwnToken())
        self.registry = LocationRegistry(HOME, demo_enabled, access, self._open, lambda: self.monotonic)
        self.user = access.user_of({}) or JORGE
        self.locations = self.registry.seen_by(self.user)
        self.broadcaster = Broadcaster(self.registry, clock or (lambda: self.now), PACE)

    def _open(self, location: str, tokens: TokenSource) -> tuple[LocationState, Feed]:
        self.opened_locations.append(location)
        self.tokens.append(tokens)
        state = LocationState(location, Targets(), self.broadcaster.wake, lambda: self.now)
        return state, Feed(Endpoint("ws://127.0.0.1:9", "http://127.0.0.1:9"), location, state)

    def publish(self, *numbers: int, location: str = HOME) -> None:
        """Deliver events as the feed would."""
        self.locations.get(location).deliver([event(seq, location) for seq in numbers], self.now)

    def wipe(self, location: str = HOME) -> None:
        """Restart the location from an empty log."""
        self.locations.get(location).restart(Cursor("e2", 0))

    def tell(self, seq: int, location: str = HOME, **sections: Any) -> None:
        """Tell figures as the feed would."""
        self.locations.get(location).take_figures(sections, Cursor("e1", seq))

    def queue(self, location: str | None = HOME, role: Person = "admin") -> ClientQueue:
        user = self.user if role == "admin" else replace(self.user, grants=(Grant(None, role),))
        queue = ClientQueue(Holder(user, location))
        self.broadcaster.join(queue)
        return queue


class _PatientSelector(selectors.DefaultSelector):
    """Where a loop would wait, let its clock jump instead."""

    skip: Callable[[float], None]

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            self.skip(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in which waiting takes no time, and the clock says that it did."""

    def __init__(self) -> None:
        self._now = 0.0
        selector = _PatientSelector()
        selector.skip = self._skip
        super().__init__(selector)

    def time(self) -> float:
        return self._now

    def _skip(self, seconds: float) -> None:
        self._now += seconds


T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run to the end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coroutine)
