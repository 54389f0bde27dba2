"""The live hub: at once when idle, then at most every paint interval, it tells every tab what changed."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jorge_data.live import diagnostics
from jorge_data.live.channel import Audience, Channel
from jorge_data.live.offices import Offices
from jorge_data.live.pill import pill
from jorge_data.live.roles import for_role
from jorge_data.live.tab import Tab
from jorge_data.metrics import View

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """Least time between two paints; how often what time alone changes is recomputed; how often the feed polls."""

    paint_s: float
    idle_s: float
    poll_s: float


class Hub:
    """Compute each audience's view once a tick, encode it once, hand it to all its tabs; lives on one event loop."""

    def __init__(self, offices: Offices, clock: Callable[[], float], pace: Pace) -> None:
        self._offices, self._clock, self._pace = offices, clock, pace
        self._tabs: set[Tab] = set()
        self._channels: dict[Audience, Channel] = {}
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

    def join(self, tab: Tab) -> None:
        """Let a tab follow its office; its first frame is the whole state. Raise TooMany where no office is free."""
        self._settle(tab)
        self._channel(_audience(tab))
        self._tabs.add(tab)

    def leave(self, tab: Tab) -> None:
        """Forget a tab, and what was kept for its audience alone."""
        self._tabs.discard(tab)
        for audience in self._channels.keys() - {_audience(other) for other in self._tabs}:
            del self._channels[audience]

    def paint(self, idle: bool = False) -> None:
        """Send each audience its patch, if there is one; a tab whose office has changed gets the whole state."""
        together: dict[Audience, list[Tab]] = {}
        for tab in self._tabs:
            if self._settle(tab):
                tab.spoil()
            together.setdefault(_audience(tab), []).append(tab)
        for audience, tabs in together.items():
            try:
                self._tell(audience, tabs, idle)
            except Exception:  # a view that cannot be made must not freeze the walls of the others
                _log.exception("the wall of %s could not be painted; the next paint tries again", audience.location)

    def _tell(self, audience: Audience, tabs: list[Tab], idle: bool) -> None:
        if self._begins_anew(audience):
            del self._channels[audience]
            for tab in tabs:
                tab.spoil()
        if patch := self._patch(audience, idle):
            for tab in tabs:
                tab.offer(patch)

    def state(self, tab: Tab, ticket: str) -> bytes:
        """Return the whole state that a tab is due, as of its channel's version."""
        audience = _audience(tab)
        return self._channel(audience).state(
            {"now_ms": int(self._clock() * 1000), "ticket": ticket, "notice": tab.notice, **self.facts(audience)}
        )

    def facts(self, audience: Audience) -> dict[str, Any]:
        """Return the pill and the diagnostics of an audience's office."""
        office = self._offices.get(audience.location)
        status, heard = self._offices.feed(audience.location).status, office.latency.p50_p95("server_feed")
        rate = self._channel(audience).view["rate"]
        return {
            "connection": pill(status, heard[0] if heard else None, self._pace.poll_s),
            "diag": list(
                map(list, diagnostics.facts(status, office.latency, rate, office.buffer.fill, len(self._tabs)))
            ),
        }

    def painted(self, tab: Tab, version: int) -> None:
        """Take a tab's word that it shows this version: so ends the way from the bot to the screen."""
        channel, now = self._channel(_audience(tab)), self._clock()
        latency = self._offices.get(_audience(tab).location).latency
        if sent := channel.take_sent(version):
            latency.add("feed_screen", (now - sent.at) * 1000)
            latency.add("bot_screen", (now - sent.happened_at) * 1000)

    def _patch(self, audience: Audience, idle: bool) -> bytes | None:
        office, channel = self._offices.get(audience.location), self._channel(audience)
        facts = self.facts(audience) if idle or office.status is not channel.status else {}
        channel.status, happened_at = office.status, office.take_unsent()
        patch = channel.advance(self._view(audience), facts)
        if patch and happened_at:
            channel.sent(self._clock(), happened_at)
        return patch

    def _settle(self, tab: Tab) -> bool:
        """Point a tab at the office it should show; say whether that is another than before."""
        location, before = self._offices.resolve(tab.holder.location), tab.location
        tab.location = location
        if before in (None, location):
            return False
        tab.notice = self._offices.notice()
        return True

    def _begins_anew(self, audience: Audience) -> bool:
        channel = self._channels.get(audience)
        return channel is not None and channel.life != self._offices.get(audience.location).life

    def _channel(self, audience: Audience) -> Channel:
        if audience not in self._channels:
            office = self._offices.get(audience.location)
            office.take_unsent()  # what came while nobody looked is not on its way to a screen
            self._channels[audience] = Channel(self._view(audience), office.life)
        return self._channels[audience]

    def _view(self, audience: Audience) -> View:
        return for_role(self._offices.get(audience.location).view(self._clock(), audience.window), audience.role)


def _audience(tab: Tab) -> Audience:
    assert tab.location is not None, "a tab is settled when it joins"
    return Audience(tab.location, tab.holder.window, tab.holder.role)
