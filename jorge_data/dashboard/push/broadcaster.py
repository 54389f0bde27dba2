"""The live hub: at once when idle, then at most every paint interval, it tells every tab what changed."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jorge_data.dashboard.push import diagnostics
from jorge_data.dashboard.push.client_queue import ClientQueue
from jorge_data.dashboard.push.connection_status import status_view
from jorge_data.dashboard.push.location_registry import LocationRegistry
from jorge_data.dashboard.push.role_view import for_role
from jorge_data.dashboard.push.view_channel import Audience, ViewChannel
from jorge_data.metrics import WallView

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """Least time between two paints; how often what time alone changes is recomputed; how often the feed polls."""

    paint_s: float
    idle_s: float
    poll_s: float


class Broadcaster:
    """Compute each audience's view once a tick, encode it once, hand it to all its tabs; lives on one event loop."""

    def __init__(self, locations: LocationRegistry, clock: Callable[[], float], pace: Pace) -> None:
        self._locations, self._clock, self._pace = locations, clock, pace
        self._tabs: set[ClientQueue] = set()
        self._channels: dict[Audience, ViewChannel] = {}
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._idle_at = 0.0  # in the loop's time

    def wake(self) -> None:
        """Say that an office has something new; may be called from any thread."""
        # While the event is set nobody has read yet: whoever clears it reads afterwards, this change included.
        if self._loop is not None and not self._changed.is_set():
            with contextlib.suppress(RuntimeError):  # the loop has closed: no tab is left to tell
                self._loop.call_soon_threadsafe(self._changed.set)

    async def run(self) -> None:
        """Paint until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            changed = await self._wait()
            self._changed.clear()
            try:
                self.paint(idle=not changed)
            except Exception:  # one paint that fails must not freeze all walls for good
                _log.exception("a paint of the live wall failed; the next one is tried")
            if changed:  # an event that comes just after an idle tick need not wait for it
                await asyncio.sleep(self._pace.paint_s)

    async def _wait(self) -> bool:
        """Return true as soon as an office has something new, false when it is time for an idle tick."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._idle_at:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(self._idle_at):
                    await self._changed.wait()
                    return True
        self._idle_at = loop.time() + self._pace.idle_s
        return False

    def join(self, queue: ClientQueue) -> None:
        """Let a tab follow its office; its first frame is the whole state. Raise TooMany where no office is free."""
        self._settle(queue)
        self._channel(_audience(queue))
        self._tabs.add(queue)

    def leave(self, queue: ClientQueue) -> None:
        """Forget a tab, and what was kept for its audience alone."""
        self._tabs.discard(queue)
        for audience in self._channels.keys() - {_audience(other) for other in self._tabs}:
            del self._channels[audience]

    def paint(self, idle: bool = False) -> None:
        """Send each audience its patch, if there is one; a tab whose office has changed gets the whole state."""
        together: dict[Audience, list[ClientQueue]] = {}
        for queue in self._tabs:
            if self._settle(queue):
                queue.spoil()
            together.setdefault(_audience(queue), []).append(queue)
        for audience, tabs in together.items():
            try:
                self._tell(audience, tabs, idle)
            except Exception:  # a view that cannot be made must not freeze the walls of the others
                _log.exception("the wall of %s could not be painted; the next paint tries again", audience.location)

    def _tell(self, audience: Audience, tabs: list[ClientQueue], idle: bool) -> None:
        if self._begins_anew(audience):
            del self._channels[audience]
            for queue in tabs:
                queue.spoil()
        if patch := self._patch(audience, idle):
            for queue in tabs:
                queue.offer(patch)

    def state(self, queue: ClientQueue, ticket: str) -> bytes:
        """Return the whole state that a tab is due, as of its channel's version."""
        audience = _audience(queue)
        return self._channel(audience).state(
            {"now_ms": int(self._clock() * 1000), "ticket": ticket, "notice": queue.notice, **self.facts(audience)}
        )

    def facts(self, audience: Audience) -> dict[str, Any]:
        """Return the pill and the diagnostics of an audience's office."""
        location_state = self._locations.get(audience.location)
        status, heard = self._locations.feed(audience.location).status, location_state.latency.p50_p95("server_feed")
        rate = self._channel(audience).view["rate"]
        return {
            "connection": status_view(status, heard[0] if heard else None, self._pace.poll_s),
            "diag": list(
                map(
                    list,
                    diagnostics.facts(
                        status, location_state.latency, rate, location_state.buffer.fill, len(self._tabs)
                    ),
                )
            ),
        }

    def painted(self, queue: ClientQueue, version: int) -> None:
        """Take a tab's word that it shows this version: so ends the way from the bot to the screen."""
        channel, now = self._channel(_audience(queue)), self._clock()
        latency = self._locations.get(_audience(queue).location).latency
        if sent := channel.take_sent(version):
            latency.add("feed_screen", (now - sent.at) * 1000)
            latency.add("bot_screen", (now - sent.happened_at) * 1000)

    def _patch(self, audience: Audience, idle: bool) -> bytes | None:
        location_state, channel = self._locations.get(audience.location), self._channel(audience)
        facts = self.facts(audience) if idle or location_state.status is not channel.status else {}
        channel.status, happened_at = location_state.status, location_state.take_unsent()
        patch = channel.advance(self._view(audience), facts)
        if patch and happened_at:
            channel.sent(self._clock(), happened_at)
        return patch

    def _settle(self, queue: ClientQueue) -> bool:
        """Point a tab at the office it should show; say whether that is another than before."""
        location, before = self._locations.resolve(queue.holder.location), queue.location
        queue.location = location
        if before in (None, location):
            return False
        queue.notice = self._locations.notice()
        return True

    def _begins_anew(self, audience: Audience) -> bool:
        channel = self._channels.get(audience)
        return channel is not None and channel.life != self._locations.get(audience.location).life

    def _channel(self, audience: Audience) -> ViewChannel:
        if audience not in self._channels:
            location_state = self._locations.get(audience.location)
            location_state.take_unsent()  # what came while nobody looked is not on its way to a screen
            self._channels[audience] = ViewChannel(self._view(audience), location_state.life)
        return self._channels[audience]

    def _view(self, audience: Audience) -> WallView:
        return for_role(self._locations.get(audience.location).view(self._clock(), audience.window), audience.role)


def _audience(queue: ClientQueue) -> Audience:
    assert queue.location is not None, "a tab is settled when it joins"
    return Audience(queue.location, queue.holder.window, queue.holder.role)
