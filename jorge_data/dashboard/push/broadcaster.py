"""The broadcaster: sends every tab what changed, at once after a pause, then at most every paint interval."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from jorge_data.dashboard.push import diagnostics
from jorge_data.dashboard.push.client_queue import ClientQueue
from jorge_data.dashboard.push.connection_status import status_view
from jorge_data.dashboard.push.location_registry import Audience, LocationRegistry
from jorge_data.dashboard.push.location_state import LocationState
from jorge_data.dashboard.push.role_view import for_role
from jorge_data.dashboard.push.telemetry import DashboardTelemetry
from jorge_data.dashboard.push.view_channel import ViewChannel
from jorge_data.errors import TooMany
from jorge_data.events.envelope import DEMO
from jorge_data.feed import Feed
from jorge_data.metrics import WallView

_log = logging.getLogger(__name__)

HOME_NOTICE = {
    "text": "Your first event has arrived: this is your own office now.",
    "link": {"text": "Back to the demo", "href": f"?location={DEMO}"},
}
"""What a tab shows when the user's own office has taken the demo's place."""

LONGEST_PAUSE_S = 0.25
"""Longest between two paints, however far behind the tabs are."""

PATIENCE = 2
"""After a paint the tabs have so many times as long as they are behind: what they cannot paint is not sent yet."""


@dataclass(frozen=True)
class Pace:
    """Intervals in seconds: least between two paints; between updates of ages and rates; between the feed's polls."""

    paint_s: float
    idle_s: float
    poll_s: float


class Broadcaster:
    """Compute each audience's view once a tick, encode it once, hand it to all its tabs; lives on one event loop."""

    def __init__(
        self,
        locations: LocationRegistry,
        clock: Callable[[], float],
        pace: Pace,
        server_notice: Callable[[], str | None] = lambda: None,
        telemetry: DashboardTelemetry | None = None,
    ) -> None:
        """`server_notice` returns what everybody has to know of the event server, None where it is well."""
        self._server_notice = server_notice
        self._telemetry = telemetry or DashboardTelemetry()
        self._locations, self._clock, self._pace = locations, clock, pace
        self._queues: set[ClientQueue] = set()
        self._channels: dict[Audience, ViewChannel] = {}
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._idle_at = 0.0  # in the loop's time

    @property
    def tabs(self) -> int:
        """Return how many tabs are open."""
        return len(self._queues)

    def wake(self) -> None:
        """Note that a location has changed; may be called from any thread."""
        # While the event is set nobody has read yet: whoever clears it reads afterwards, this change included.
        if self._loop is not None and not self._changed.is_set():
            with contextlib.suppress(RuntimeError):  # the loop has closed: no tab is left
                self._loop.call_soon_threadsafe(self._changed.set)

    async def run(self) -> None:
        """Paint until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            changed = await self._wait()
            self._changed.clear()
            try:
                with self._telemetry.paint.time():
                    self.paint(idle=not changed)
            except Exception:  # one paint that fails must not freeze all walls for good
                _log.exception("a paint of the live wall failed; the next one is tried")
            if changed:  # an event that comes just after an idle tick need not wait for it
                await asyncio.sleep(self._pause_s())

    def _pause_s(self) -> float:
        """Return how long the next paint waits: longer where most tabs are behind, which paint several at once then."""
        now = self._clock()
        behind = [by for queue in self._queues if (by := queue.delay.behind(now)) is not None]
        return min(LONGEST_PAUSE_S, max(self._pace.paint_s, PATIENCE * median(behind or [0.0])))

    async def _wait(self) -> bool:
        """Return true as soon as a location has changed, false when it is time for an idle tick."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._idle_at:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(self._idle_at):
                    await self._changed.wait()
                    return True
        self._idle_at = loop.time() + self._pace.idle_s
        return False

    def join(self, queue: ClientQueue) -> None:
        """Add a tab, whose first frame is the whole state; raise TooMany where too many are open.

        Raise Forbidden where its user is granted nothing at the location.
        """
        self._update_location(queue)
        self._channel(_audience(queue), self._opened_by(queue)[0])
        self._queues.add(queue)

    def leave(self, queue: ClientQueue) -> None:
        """Remove a tab, and its audience's channel where it was the last."""
        self._queues.discard(queue)
        for audience in self._channels.keys() - {_audience(other) for other in self._queues}:
            del self._channels[audience]

    def paint(self, idle: bool = False) -> None:
        """Queue each audience's patch, if there is one; a tab whose location has changed gets the whole state."""
        by_audience: dict[Audience, list[ClientQueue]] = {}
        for queue in self._queues:
            with contextlib.suppress(TooMany):  # it goes on to show what it shows
                if self._update_location(queue):
                    queue.require_state()
            by_audience.setdefault(_audience(queue), []).append(queue)
        for audience, queues in by_audience.items():
            try:
                self._send_patch(audience, queues, idle)
            except Exception:  # a view that cannot be made must not freeze the walls of the others
                _log.exception("the wall of %s could not be painted; the next paint tries again", audience.location)

    def _send_patch(self, audience: Audience, queues: list[ClientQueue], idle: bool) -> None:
        # Who looks is told when nothing else is to be done: as often as a sign of life, and not at every event.
        users = {queue.holder.user for queue in queues} if idle else (queues[0].holder.user,)
        (location_state, feed), channel = self._locations.use(audience, users), self._channels.get(audience)
        if channel is not None and channel.generation != location_state.generation:
            del self._channels[audience]
            for queue in queues:
                queue.require_state()
        channel = self._channel(audience, location_state)
        is_new = idle or location_state.status is not channel.status
        fields = self._status_fields(channel, location_state, feed) if is_new else {}
        channel.status, happened_at = location_state.status, location_state.take_oldest_unsent()
        patch = channel.advance(self._view(audience, location_state), fields)
        if patch is None:
            return
        if happened_at:
            channel.sent(self._clock(), happened_at)
        now = self._clock()
        for queue in queues:
            queue.offer(patch)
            queue.delay.sent(channel.version, now)

    def state(self, queue: ClientQueue, key: str) -> bytes:
        """Return the whole state as a frame for a tab, as of its channel's version, with the key of its page."""
        audience, now_ms = _audience(queue), int(self._clock() * 1000)
        location_state, feed = self._opened_by(queue)
        channel = self._channel(audience, location_state)
        status = self._status_fields(channel, location_state, feed)
        return channel.state({"now_ms": now_ms, "key": key, "notice": queue.notice, **status})

    def _status_fields(self, channel: ViewChannel, location_state: LocationState, feed: Feed) -> dict[str, Any]:
        """Return a frame's fields for the connection status and the diagnostics."""
        status, rate = feed.status, channel.view["rate"]
        facts = diagnostics.facts(status, location_state.latency, rate, location_state.buffer.fill, len(self._queues))
        return {
            "connection": status_view(status, location_state.latency.newest("server_feed"), self._pace.poll_s),
            "diag": [list(fact) for fact in facts],
            "server": self._server_notice(),
        }

    def painted(self, queue: ClientQueue, version: int) -> None:
        """Record the latency up to the screen: a tab has painted this version."""
        location_state, _ = self._opened_by(queue)
        channel, now = self._channel(_audience(queue), location_state), self._clock()
        queue.delay.painted(version, now)
        latency = location_state.latency
        if sent := channel.take_sent(version):
            latency.add("feed_screen", (now - sent.at) * 1000)
            latency.add("bot_screen", (now - sent.happened_at) * 1000)

    def _update_location(self, queue: ClientQueue) -> bool:
        """Set the location that a tab shows; return true where it is another than before."""
        location, previous = self._locations.seen_by(queue.holder.user).resolve(queue.holder.location), queue.location
        queue.location = location
        if previous in (None, location):
            return False
        queue.notice = HOME_NOTICE
        return True

    def _opened_by(self, queue: ClientQueue) -> tuple[LocationState, Feed]:
        return self._locations.use(_audience(queue), (queue.holder.user,))

    def _channel(self, audience: Audience, location_state: LocationState) -> ViewChannel:
        if audience not in self._channels:
            location_state.take_oldest_unsent()  # what came while no tab was open counts for no latency
            view = self._view(audience, location_state)
            self._channels[audience] = ViewChannel(view, location_state.generation)
        return self._channels[audience]

    def _view(self, audience: Audience, location_state: LocationState) -> WallView:
        return for_role(location_state.view(self._clock()), audience.rights.role)


def _audience(queue: ClientQueue) -> Audience:
    assert queue.location is not None, "join sets the location"
    return Audience(queue.location, queue.holder.user.rights_at(queue.location))
