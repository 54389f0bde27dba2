"""One location's live state on the server: reduced from its log, checkpointed, never ahead of it."""

import asyncio
import logging
import time
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from jorge_data.backoff import Attempts, Backoff
from jorge_data.events import Cursor, decode
from jorge_data.metrics import LiveState, Targets, dashboard
from jorge_data.metrics.wall.qualification import SellerStatus
from jorge_data.server.log.follow import LogReplaced, follow
from jorge_data.server.log.tail import Tail
from jorge_data.store import Checkpoint, Store

CHECKPOINT_EVENTS = 50_000
CHECKPOINT_S = 30.0
"""A start reduces what came after the last checkpoint: as a rule so many events, or what so many seconds brought."""

CHECKPOINT_PAUSE = 50
"""A checkpoint holds the event loop for tens of milliseconds, or seconds where a hundred thousand contacts are known:
the next one waits so many times as long, so that those of one location take a fiftieth of the loop's time at most."""


class LastCheckpoint(NamedTuple):
    """The last checkpoint: of which position, when (monotonic seconds), and for how long it held the loop."""

    position: int
    at: float
    held_s: float = 0.0

    def is_outdated(self, position: int, now: float) -> bool:
        """Return whether a state that is as of a position is worth another checkpoint now."""
        events, age = position - self.position, now - self.at
        is_due = events >= CHECKPOINT_EVENTS or age >= CHECKPOINT_S
        return events > 0 and is_due and age >= CHECKPOINT_PAUSE * self.held_s


logger = logging.getLogger(__name__)

NAME = "live"

BACKOFF, HEALTHY_S = Backoff(cap_s=5), 10.0
"""Pause after a state that could not be reduced; a reduction that lived for HEALTHY_S starts again at the shortest."""


class FollowedState:
    """The live state of one location: follows its log like any other reader, and is as of a position."""

    def __init__(self, tail: Tail, store: Store, targets: Targets) -> None:
        self._tail = tail
        self._store = store
        self._targets = targets
        self._state = LiveState(targets)
        self._epoch: str | None = None  # of the log that was reduced; None before anything was loaded
        self._position = 0
        self._moved = asyncio.Event()
        self._last_checkpoint = LastCheckpoint(0, time.monotonic())
        self._task = asyncio.create_task(self._run(), name=f"reduction of {tail.location}")

    @property
    def position(self) -> int:
        """The position as of which the state is; 0 where the log that was reduced has been replaced."""
        return self._position if self._epoch == self._tail.epoch else 0

    async def caught_up(self) -> None:
        """Wait until everything that is committed now is reduced."""
        top, epoch = self._tail.top, self._tail.epoch
        while self._tail.epoch == epoch and not self._task.done():
            if self._epoch == epoch and self._position >= top:
                return
            await self._moved.wait()

    def snapshot(self) -> dict[str, Any]:
        """Return the figures of the dashboard as of the position."""
        return dashboard(self._current, datetime.now(UTC))

    def seller(self, contact: str) -> SellerStatus | None:
        """Return a contact's newest qualification as of the position, if there is one."""
        return self._current.qualification.sellers.get(contact)

    def encode(self, contacts: bool) -> bytes:
        """Return the state as JSON, for a dashboard to go on from; `contacts`: with contacts and money."""
        return (self._current if contacts else self._current.without_contacts()).encode()

    @property
    def _current(self) -> LiveState:
        return self._state if self._epoch == self._tail.epoch else LiveState(self._targets)

    def cancel(self) -> None:
        """Stop following, without a checkpoint."""
        self._task.cancel()

    async def close(self) -> None:
        """Stop following, and save a last checkpoint."""
        self.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._checkpoint()

    async def _run(self) -> None:
        attempts, loop = Attempts(BACKOFF, HEALTHY_S), asyncio.get_running_loop()
        while True:
            attempts.connected(loop.time())
            try:
                await self._load()
                async for batch in follow(self._tail, self._store, Cursor(self._epoch or "", self._position)):
                    for record in batch.records:
                        self._state.apply(decode(record.wire))
                    self._move(self._epoch or self._tail.epoch, batch.position)
                    if self._last_checkpoint.is_outdated(self._position, time.monotonic()):
                        await self._checkpoint()
                    await asyncio.sleep(0)  # a long replay yields to live traffic after each batch
            except LogReplaced:
                logger.info("the log of %s was replaced: its state begins anew", self._tail.location)
            except Exception:
                logger.exception("the state of %s could not be reduced: trying again", self._tail.location)
                await asyncio.sleep(attempts.failed(loop.time()))

    def _move(self, epoch: str, position: int) -> None:
        self._epoch, self._position = epoch, position
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def _load(self) -> None:
        """Begin at the last checkpoint of this log, or at its beginning."""
        self._state = LiveState(self._targets)
        checkpoint = await asyncio.to_thread(self._store.load, self._tail.location, NAME)
        position = 0
        if checkpoint is not None and checkpoint.cursor.epoch == self._tail.epoch:
            try:
                self._state = LiveState.load(orjson.loads(checkpoint.state), self._targets)
                position = checkpoint.cursor.seq
            except (ValueError, KeyError, TypeError) as error:
                logger.info(
                    "the checkpoint of %s is of another version (%s): reducing anew", self._tail.location, error
                )
        # What retention has removed is too old to be shown live.
        position = max(position, self._tail.oldest - 1)
        self._last_checkpoint = LastCheckpoint(position, time.monotonic())
        self._move(self._tail.epoch, position)

    async def _checkpoint(self) -> None:
        if self._position == self._last_checkpoint.position:
            return
        began, cursor = time.monotonic(), Cursor(self._epoch or "", self._position)
        state = self._state.encode()
        now = time.monotonic()
        self._last_checkpoint = LastCheckpoint(self._position, now, now - began)
        try:
            await asyncio.wrap_future(self._store.save(self._tail.location, NAME, Checkpoint(cursor, state)))
        except Exception:
            logger.exception("the checkpoint of %s could not be kept: a start will take longer", self._tail.location)
