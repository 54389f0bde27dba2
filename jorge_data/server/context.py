"""The context of one server process: its store, its services, and a handle for each location that is in use."""

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from jorge_data.errors import StoreDamaged, StoreError, Unavailable
from jorge_data.events.envelope import OWN
from jorge_data.metrics import Targets
from jorge_data.permissions import Right, visible_figures
from jorge_data.server.auth.authenticator import Authenticator
from jorge_data.server.auth.claims import DEFAULT_LOCATION, Claims
from jorge_data.server.auth.opened_transcripts import OpenedTranscripts
from jorge_data.server.auth.refused_callers import RefusedCallers
from jorge_data.server.auth.token_service import TokenService
from jorge_data.server.doorway import Doorway
from jorge_data.server.figures.live_figures import LiveFigures
from jorge_data.server.ghl_sync.synchronization import Synchronization
from jorge_data.server.ingest.publish import Ingest
from jorge_data.server.log.assignments import AssignmentMap, ErasedContacts
from jorge_data.server.log.follow import Resumption
from jorge_data.server.log.frames import Frame, FrameCache, message
from jorge_data.server.log.retention import Removal, Retention
from jorge_data.server.log.tail import RING, Announcement, Tail
from jorge_data.server.own_components import OwnComponents
from jorge_data.server.privacy.erasing import Erasing
from jorge_data.server.privacy.field_retention import FieldRetention
from jorge_data.server.readiness import Readiness
from jorge_data.server.rollup.worker import Folded, RollupWorker
from jorge_data.server.source_settings import SourceSetting
from jorge_data.server.telemetry import Telemetry
from jorge_data.server.users.users import UserService
from jorge_data.server.webhook.delivery_receiver import DeliveryReceiver
from jorge_data.store import Bounds, Commit, SavedViews, Store

logger = logging.getLogger(__name__)

MOST_EMPTY = 256
"""Most handles of locations without an event: a reader may name any location, so there must be a bound."""

IDLE_S = 5.0


@dataclass
class LocationHandle:
    """What this process holds in memory of one location."""

    tail: Tail
    figures: LiveFigures
    frames: FrameCache
    assignments: AssignmentMap
    erased: ErasedContacts
    used_at: float

    def is_idle(self, now: float) -> bool:
        """Return whether the log is empty, has no reader, and was not used for a while."""
        return not self.tail.top and not self.tail.readers and now - self.used_at > IDLE_S

    def advance(self, announcement: Announcement) -> None:
        """Take over what was announced: first whose contacts are, then the records that are served by it."""
        if announcement.epoch != self.tail.epoch:
            self.erased.clear()
            self.assignments.clear()
        self.erased.take(announcement.records)
        if self.assignments.in_use:
            self.assignments.take(announcement.records)
        self.tail.advance(announcement)

    async def greet(self, claims: Claims, resume: Callable[[], Resumption]) -> tuple[Resumption, Frame]:
        """Return where a subscription begins, and its first frame: the log's bounds, and what its reader sees of now.

        `resume` is called when the figures are there: meanwhile the log may have been replaced. Who does not resume
        goes on from the figures. Where the history is far behind its log, that would be from long ago: then it begins
        at the top, without figures.
        """
        figures = await self.figures.current(claims.rights.agent_id)
        resumption = resume()
        is_recent = figures.as_of.epoch == self.tail.epoch and self.tail.top - figures.as_of.seq <= RING
        top = figures.as_of.seq if is_recent else self.tail.top
        frame = message(
            type="subscribed",
            location=self.tail.location,
            epoch=self.tail.epoch,
            recovered=resumption.recovered,
            top=top,
            oldest=self.tail.oldest,
            snapshot=visible_figures(claims.reader, figures.as_json()) if is_recent else None,
        )
        return resumption if resumption.recovered else Resumption(False, top), frame


@dataclass(eq=False)
class ServerContext:
    """Holds the services of the server, and the handles of its locations; event loop only, but for `committed`."""

    store: Store
    authenticator: Authenticator
    ingest: Ingest
    targets: Targets
    rollup_worker: RollupWorker
    deliveries: DeliveryReceiver
    token_service: TokenService
    user_service: UserService
    sources: tuple[SourceSetting, ...]
    telemetry: Telemetry
    readiness: Readiness
    doorway: Doorway
    own_components: OwnComponents
    views: SavedViews
    refused_callers: RefusedCallers
    opened_transcripts: OpenedTranscripts
    synchronization: Synchronization | None = None
    retention: Retention | None = None
    field_retention: FieldRetention | None = None
    erasing: Erasing | None = None
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server is asked to stop: streams end, or it would wait for them."""

    _handles: dict[str, LocationHandle] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    def committed(self, commit: Commit) -> None:
        """Take a commit over from the writer's thread; announced before it is acknowledged, in order of commits."""
        self.rollup_worker.committed(commit.bounds)
        bounds = commit.bounds
        announcement = Announcement(bounds.location, bounds.epoch, bounds.top, commit.records)
        self._loop.call_soon_threadsafe(self._announce, announcement, time.perf_counter())

    def handle(self, location: str) -> LocationHandle:
        """Return a location's handle, opened at what is committed now; raise Unavailable where none more may be."""
        if location not in self._handles and not self.store.bounds(location).top:
            self._close_idle()
        return self._open(location)

    def _open(self, location: str) -> LocationHandle:
        handle, now = self._handles.get(location), self._loop.time()
        if handle is None:
            # Read on the loop's own thread: a commit that this read does not see is announced after it.
            tail = Tail(self.store.bounds(location), self.telemetry.fan_out.observe)
            figures = LiveFigures(
                tail, self.store, self.rollup_worker, self.targets, self.user_service.people_at(location)
            )
            whose, erased = AssignmentMap(self.store, location), ErasedContacts(self._erased(location))
            handle = LocationHandle(tail, figures, FrameCache(), whose, erased, now)
            self._handles[location] = handle
        handle.used_at = now
        return handle

    def _erased(self, location: str) -> list[tuple[int, str]]:
        """Return who was erased from a log; nobody where a damaged page hides it: all else of the office is served."""
        try:
            return self.store.erased(location)
        except StoreDamaged as damaged:
            logger.warning("who was erased from %s is told to nobody who comes back: %s", location, damaged)
            return []

    def _close_idle(self) -> None:
        """Close the idle handles where there are too many empty ones; raise Unavailable where none is idle."""
        empty = [location for location, handle in self._handles.items() if not handle.tail.top]
        if len(empty) < MOST_EMPTY:
            return
        idle = [location for location in empty if self._handles[location].is_idle(self._loop.time())]
        for location in idle:
            self._handles.pop(location).figures.cancel()
        if not idle:
            raise Unavailable(f"{len(empty)} locations without an event are followed: no more can be", retry_after_s=5)

    def folded(self, change: Folded) -> None:
        """Take over from the worker's thread what changed in the history of a location."""
        self._loop.call_soon_threadsafe(self._note, change)

    def _note(self, change: Folded) -> None:
        if handle := self._handles.get(change.location):
            handle.figures.folded(change)

    def locations(self, claims: Claims) -> list[str]:
        """Return the locations that a token may read."""
        if not claims.may(Right.READ):
            return []
        if claims.location:
            return [claims.location]
        return sorted({log.location for log in self.offices()} | {DEFAULT_LOCATION})

    def offices(self) -> list[Bounds]:
        """Return the logs of all offices: all but the product's own."""
        return [log for log in self.store.logs() if log.location != OWN]

    async def drop(self, location: str) -> None:
        """Remove a location without a trace; its subscriptions end, and may begin anew."""
        async with self.deliveries.batch:
            epoch = self.store.bounds(location).epoch
            await asyncio.wrap_future(self.store.drop(location))
        self.rollup_worker.forget(location, epoch)
        self.ingest.refusals.drop(location)
        self.ingest.begun.forget(location)
        if self.retention is not None:
            await asyncio.to_thread(self.retention.archive.remove, location)
        bounds = self.store.bounds(location)  # perhaps begun anew already, and announced before us
        self._open(location).advance(Announcement(location, bounds.epoch, bounds.top))

    def forget_contacts(self, location: str, contacts: Collection[str], is_about: Callable[[str], bool]) -> None:
        """Forget what this process holds in memory of contacts that were erased; `is_about` knows them in a text."""
        self.ingest.refusals.forget(location, is_about)
        self.forget_records(location)
        if (handle := self._handles.get(location)) is not None:
            handle.figures.forget(contacts)

    def forget_records(self, location: str) -> None:
        """Forget the records in memory of a log whose events were rewritten."""
        if (handle := self._handles.get(location)) is not None:
            handle.tail.forget()
            handle.frames.clear()

    def shorten(self, removal: Removal) -> None:
        """Note a removal at the beginning of a location's log, for its readers."""
        handle = self._handles.get(removal.location)
        if handle is not None:
            handle.tail.shorten(removal.epoch, removal.oldest)

    async def close(self) -> None:
        """Stop pushing figures and folding, then close the store."""
        for handle in self._handles.values():
            handle.figures.cancel()
        self.user_service.sessions.passwords.close()
        with ThreadPoolExecutor(1, "closing") as closing:  # the threads that read may all be at a long question
            await self._loop.run_in_executor(closing, self.rollup_worker.close)
            await self._loop.run_in_executor(closing, self.store.close)

    def _announce(self, announcement: Announcement, committed_at: float) -> None:
        self.telemetry.bus_lag.observe(time.perf_counter() - committed_at)
        try:
            handle = self._open(announcement.location)
        except StoreError as error:  # nobody follows it yet, and who does later begins at what is stored
            logger.warning("a commit could not be announced: %s", error)
        else:
            handle.advance(announcement)
