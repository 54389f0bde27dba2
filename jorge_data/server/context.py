"""The node: one server process, with its store, and a tail and a reduction for each location."""

import asyncio
import time
from dataclasses import dataclass

from jorge_data.errors import Unavailable
from jorge_data.metrics import Targets
from jorge_data.permissions import Right
from jorge_data.server.auth.authenticator import Authenticator
from jorge_data.server.auth.claims import DEFAULT_LOCATION, Claims
from jorge_data.server.auth.token_service import TokenService
from jorge_data.server.ghl_sync import Synchronization
from jorge_data.server.ingest.publish import Ingest
from jorge_data.server.log.frames import FrameCache
from jorge_data.server.log.live_state import FollowedState
from jorge_data.server.log.retention import Removal, Retention
from jorge_data.server.log.tail import Announcement, Tail
from jorge_data.server.rollup.worker import RollupWorker
from jorge_data.server.source_settings import SourceSetting
from jorge_data.server.telemetry import Telemetry
from jorge_data.server.webhook.deliveries import DeliveryReceiver
from jorge_data.store import Bounds, Commit, Store

CATCH_UP_S = 2.0
"""Longest that a reader waits for the state to catch up; after it, it starts from an older one and misses nothing."""


MOST_EMPTY = 256
"""Locations without an event that are kept in mind: a reader may name any, so there must be a bound."""

UNASKED_S = 5.0


@dataclass
class LocationHandle:
    """What this node keeps in memory of one location."""

    tail: Tail
    live_state: FollowedState
    frames: FrameCache
    asked_at: float

    def is_idle(self, now: float) -> bool:
        """Whether nothing is there, nobody reads it, and nobody has asked for it for a while."""
        return not self.tail.top and not self.tail.readers and now - self.asked_at > UNASKED_S


class ServerContext:
    """Knows every location that was asked for; event loop only, but for `committed`."""

    def __init__(
        self,
        store: Store,
        authenticator: Authenticator,
        ingest: Ingest,
        targets: Targets,
        rollup_worker: RollupWorker,
        deliveries: DeliveryReceiver,
        token_service: TokenService,
        enabled_sources: tuple[SourceSetting, ...],
    ) -> None:
        self.store = store
        self.authenticator = authenticator
        self.ingest = ingest
        self.telemetry: Telemetry = ingest.telemetry
        self.targets = targets
        self.rollup_worker = rollup_worker
        self.deliveries = deliveries
        self.token_service = token_service
        self.enabled_sources = enabled_sources
        self.synchronization: Synchronization | None = None  # while there is one
        self.retention: Retention | None = None  # while the server serves
        self._places: dict[str, LocationHandle] = {}
        self._loop = asyncio.get_running_loop()
        self.ending = asyncio.Event()  # set when the server is asked to stop: streams end, or it would wait for them

    def committed(self, commit: Commit) -> None:
        """Take a commit over from the writer's thread; announced before it is acknowledged, in order of commits."""
        self.rollup_worker.committed(commit.bounds)
        news = Announcement(commit.bounds.location, commit.bounds.epoch, commit.bounds.top, commit.records)
        self._loop.call_soon_threadsafe(self._announce, news, time.perf_counter())

    def place(self, location: str) -> LocationHandle:
        """Return a location's tail and reduction, begun at what is committed now."""
        if location not in self._places and not self.store.bounds(location).top:
            self._make_room()
        return self._open(location)

    def _open(self, location: str) -> LocationHandle:
        known, now = self._places.get(location), self._loop.time()
        if known is None:
            # Read on the loop's own thread: a commit that this read does not see is announced after it.
            tail = Tail(self.store.bounds(location), self.telemetry.fan_out.observe)
            known = LocationHandle(tail, FollowedState(tail, self.store, self.targets), FrameCache(), now)
            self._places[location] = known
        known.asked_at = now
        return known

    def _make_room(self) -> None:
        """Forget empty locations that nobody has asked for lately; raise Unavailable where all are in use."""
        empty = [location for location, place in self._places.items() if not place.tail.top]
        if len(empty) < MOST_EMPTY:
            return
        idle = [location for location in empty if self._places[location].is_idle(self._loop.time())]
        for location in idle:
            self._places.pop(location).live_state.cancel()
        if not idle:
            raise Unavailable(f"{len(empty)} locations without an event are followed: no more can be", retry_after_s=5)

    async def live_state_of(self, location: str) -> FollowedState:
        """Return a location's reduction, caught up with what is committed now where that takes a moment."""
        place = self.place(location)
        await self.caught_up(place)
        return place.live_state

    def locations(self, claims: Claims) -> list[str]:
        """Return the locations that a token may read."""
        if not claims.may(Right.READ):
            return []
        return (
            [claims.location]
            if claims.location
            else sorted({b.location for b in self.store.logs()} | {DEFAULT_LOCATION})
        )

    def logs(self, claims: Claims) -> list[Bounds]:
        """Return the logs that a token may read."""
        return [log for log in self.store.logs() if claims.location in (None, log.location)]

    async def drop(self, location: str) -> None:
        """Remove a location without a trace; those who follow it are told to come back."""
        async with self.deliveries.batch:
            epoch = self.store.bounds(location).epoch
            await asyncio.wrap_future(self.store.drop(location))
        self.rollup_worker.forget(location, epoch)
        self.ingest.refusals.forget(location)
        if self.retention is not None:
            await asyncio.to_thread(self.retention.archive.remove, location)
        now = self.store.bounds(location)  # perhaps begun anew already, and announced before us
        self._learn(Announcement(location, now.epoch, now.top))

    def shorten(self, removal: Removal) -> None:
        """Have a location's readers know that its log begins later."""
        known = self._places.get(removal.location)
        if known is not None:
            known.tail.shorten(removal.epoch, removal.oldest)

    async def close(self) -> None:
        """Stop reducing and folding, keep the checkpoints, then let the store finish."""
        for place in self._places.values():
            await place.live_state.close()
        await asyncio.to_thread(self.rollup_worker.close)
        await asyncio.to_thread(self.store.close)

    def _announce(self, news: Announcement, committed: float) -> None:
        self.telemetry.bus_lag.observe(time.perf_counter() - committed)
        self._learn(news)

    def _learn(self, news: Announcement) -> None:
        self._open(news.location).tail.learn(news)

    @staticmethod
    async def caught_up(place: LocationHandle) -> None:
        try:
            async with asyncio.timeout(CATCH_UP_S):
                await place.live_state.at_top()
        except TimeoutError:
            return
