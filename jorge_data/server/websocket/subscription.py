"""A subscription: one connection's position in one location's log, and what it is sent from there."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from jorge_data.events import Cursor
from jorge_data.permissions import Caller, Fields
from jorge_data.server.auth.claims import Claims
from jorge_data.server.auth.opened_transcripts import Way
from jorge_data.server.context import ServerContext
from jorge_data.server.figures.live_figures import LiveFigures
from jorge_data.server.log.assignments import AssignmentMap, ErasedContacts, Sight
from jorge_data.server.log.follow import LogReplaced, follow, resume_from
from jorge_data.server.log.frames import Encoding, Frame, FrameCache, forget, unreadable
from jorge_data.server.log.tail import RING, RecordBatch, Tail, Types
from jorge_data.server.requests import SubscriptionRequest
from jorge_data.server.websocket.client_writer import ClientWriter
from jorge_data.store import Store

logger = logging.getLogger(__name__)

MAX_LAG_BYTES = 1 << 20
SLOW, INTERRUPTED = 4008, 4010


@dataclass(eq=False)
class Subscription:
    """Serves one reader from a position on; a reader that stops holds up nobody and is cut at a bound."""

    tail: Tail
    store: Store
    frames: FrameCache
    writer: ClientWriter
    types: Types
    fields: Fields | None  # that the reader may see, of kinds that it sees in part
    encoding: Encoding
    epoch: str  # of the log in which the position is one
    position: int  # read up to here
    prev: int  # the last position served, or where the subscription began
    replayed: Callable[[int], None]
    figures: LiveFigures | None  # where the reader asked for them
    reader: Caller
    sight: Sight | None  # of a reader who sees an agent's contacts, and nobody's; None where he sees everybody's
    assignments: AssignmentMap
    erased: ErasedContacts
    _tasks: list[asyncio.Task[None]] = field(default_factory=list, init=False)

    def start(self) -> None:
        """Begin to serve what comes after the position."""
        self._moved = asyncio.Event()
        self._told = 0  # the version of the figures that the reader has
        self._tasks = [asyncio.create_task(self._run(self._follow), name=f"subscription to {self.tail.location}")]
        if self.figures is not None:
            self.figures.join(self._agent)
            telling = self._run(partial(self._tell, self.figures))
            self._tasks.append(asyncio.create_task(telling, name=f"figures to {self.tail.location}"))
        self._top_at_start = self.tail.top
        self._live = self.position >= self.tail.top
        self._followed = self.types
        self.tail.readers.add(self)

    def narrow(self, types: Types, claims: Claims) -> None:
        """Serve from now on no more than these kinds and fields: the reader has another token, which may see less.

        A token that may see more widens this no further than what was subscribed to: to follow more, subscribe again.
        Its figures are told anew, with the next that change, as the new token sees them.
        """
        followed = self._followed
        self.types = followed if types is None else types if followed is None else types & followed
        agent = claims.rights.agent_id
        if (claims.reader, agent) == (self.reader, self._agent):
            return  # a new token of the same rights
        if self.figures is not None:
            self.figures.join(agent)
            self.figures.leave(self._agent)
        self.sight = None if agent is None else Sight(self.assignments, agent)
        self.fields, self.reader, self._told = claims.fields, claims.reader, 0

    async def stop(self) -> None:
        """Serve no more; return when the last frame is written or given up."""
        self.tail.readers.discard(self)
        if self.figures is not None and self._tasks:
            self.figures.leave(self._agent)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def check_pace(self) -> None:
        """Cut a live reader that has stopped: 1,000 events or 1 MiB behind while it does not read what was written.

        One that still catches up may be behind by any distance: it costs no more than its transport's buffer, and a
        ping that it does not answer ends it.
        """
        events, size = self.tail.lag(self.position)
        if self._live and (events > RING or size > MAX_LAG_BYTES) and self.writer.blocked:
            self.writer.cut(SLOW, "too slow: come back and resume")

    async def _run(self, serving: Callable[[], Awaitable[None]]) -> None:
        try:
            await serving()
        except LogReplaced:
            self.writer.cut(INTERRUPTED, "the log was replaced: subscribe anew")
        except Exception:  # or the reader would wait for ever, and its heartbeats would say that all is well
            logger.exception("the log of %s could not be served", self.tail.location)
            self.writer.cut(INTERRUPTED, "the log could not be read: come back and resume")

    async def _follow(self) -> None:
        async for batch in follow(self.tail, self.store, Cursor(self.epoch, self.position), self._followed):
            await self._serve(batch)

    async def _serve(self, batch: RecordBatch) -> None:
        seen_by = None
        while (sight := self.sight) is not None:
            for contact in await sight.lost(self.position):
                await self.writer.send(forget(contact))
            seen, seen_by = await sight.visible(batch), sight.seen_by
            if sight is self.sight:  # else the reader has another token meanwhile
                batch = seen
                break
        for contact in self.erased.between(self.position, batch.position, self.reader, self.sight):
            await self.writer.send(forget(contact))
        prev, self.position, self.epoch = self.prev, batch.position, self.tail.epoch  # a first event names its log
        self._live = self._live or self.position >= self.tail.top
        if self.types is not None and self.types != self._followed:
            batch = batch._replace(records=tuple(record for record in batch.records if record.type in self.types))
        if batch.records:
            self.prev = batch.records[-1].seq
            self.replayed(sum(record.seq <= self._top_at_start for record in batch.records))
            frame = self.frames.get(self.tail.epoch, batch, prev, self.types, self.encoding, self.fields, seen_by)
            await self.writer.send(frame)
        if batch.unreadable is not None:
            await self.writer.send(unreadable(batch.unreadable))
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    @property
    def _agent(self) -> str | None:
        return None if self.sight is None else self.sight.agent

    async def _tell(self, figures: LiveFigures) -> None:
        """Send the figures that changed, once all that they count is served; a slow reader gets the newest alone."""
        seen = 0
        while True:
            await figures.after(seen)
            while self._is_behind(figures.as_of):
                await self._moved.wait()
            seen = figures.version
            if figures.as_of.epoch == self.epoch:  # else of a log before this one, or of one that has replaced it
                frame, self._told = figures.frame(self._told, self.reader, self._agent), seen
                await self.writer.send(frame)

    def _is_behind(self, as_of: Cursor) -> bool:
        return self.epoch in ("", as_of.epoch) and self.position < as_of.seq


async def subscribe(
    context: ServerContext, writer: ClientWriter, location: str, request: SubscriptionRequest, claims: Claims
) -> tuple[Subscription, Frame]:
    """Return a subscription to types that the claims may see, not yet started, and the frame that announces it.

    A person's is in the audit log.
    """
    handle = context.handle(location)
    agent = claims.rights.agent_id
    if agent is not None:
        await handle.assignments.load()
    resumption, subscribed = await handle.greet(claims, lambda: resume_from(request.after, handle.tail))
    if request.after is not None:
        context.telemetry.resumes.labels(str(resumption.recovered).lower()).inc()
    subscription = Subscription(
        tail=handle.tail,
        store=context.store,
        frames=handle.frames,
        writer=writer,
        types=request.types,
        fields=claims.fields,
        encoding=request.encoding,
        epoch=handle.tail.epoch,
        position=resumption.start,
        prev=resumption.start,
        replayed=context.telemetry.replayed.inc,
        figures=handle.figures if request.figures else None,
        reader=claims.reader,
        sight=None if agent is None else Sight(handle.assignments, agent),
        assignments=handle.assignments,
        erased=handle.erased,
    )
    way: Way = "Socket.IO" if request.encoding == "socket.io" else "the socket"
    start = Cursor(subscription.epoch, subscription.position)
    await context.opened_transcripts.record_all(claims, location, way, start, request.types)
    return subscription, subscribed
