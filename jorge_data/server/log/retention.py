"""Retention: raw events older than the setting allows are archived or deleted; rollups stay."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from jorge_data.errors import StoreError
from jorge_data.events import Record
from jorge_data.events.timestamps import micros, midnight, moment
from jorge_data.store import Archive, Bounds, Store

logger = logging.getLogger(__name__)

CHUNK = 50_000
"""Most events in memory on their way to the archive."""

PAGE = 5_000


class Policy(NamedTuple):
    """What becomes of events from before the day, in the office's zone, that lies so many days back."""

    action: Literal["keep", "archive", "delete"]
    days: int
    zone: ZoneInfo

    def until(self, now: datetime) -> datetime:
        """Return the midnight before which events are old."""
        return moment(midnight(now.astimezone(self.zone).date() - timedelta(days=self.days), self.zone))


class Removal(NamedTuple):
    """What was removed from a location's log, and the position that it begins at now."""

    location: str
    epoch: str
    events: int
    oldest: int


class Retention:
    """Removes the old beginning of each log, archived before where the policy says so; event loop only.

    A log has no holes: only what comes before the first event that is not old is removed, and only what is folded
    into the rollups. Nothing is removed that is not on disk in the archive, unless the policy is to delete.
    """

    def __init__(
        self,
        store: Store,
        archive: Archive,
        policy: Policy,
        clock: Callable[[], datetime],
        shorten: Callable[[Removal], None],
    ) -> None:
        self.archive = archive
        self._store = store
        self._policy = policy
        self._clock = clock
        self._shorten = shorten  # called before and after: no reader may take what is being removed for a whole log
        self.failed: dict[str, str] = {}
        """Why the last run could not remove the old events of a location."""
        self.running = asyncio.Lock()
        """Held by whoever writes the archive: two at a time would write the same files."""

    async def run(self) -> list[Removal]:
        """Remove what is old now, and return what left each log; nothing where the policy says keep.

        Where one log's old events cannot be removed, `failed` says why; they stay, and the next run tries again.
        """
        if self._policy.action == "keep":
            return []
        async with self.running:
            logs = await asyncio.to_thread(self._store.logs)
            failed: dict[str, str] = {}
            removals = []
            for log in logs:
                try:
                    removals.append(await self._remove(log))
                except StoreError as error:
                    failed[log.location] = str(error)
                except OSError as error:
                    failed[log.location] = error.strerror or type(error).__name__
            self.failed = failed
        return [removal for removal in removals if removal.events]

    async def _remove(self, log: Bounds) -> Removal:
        oldest, until = log.oldest, await asyncio.to_thread(self._end_of_old, log)
        while oldest < until:
            upto = min(until, oldest + CHUNK)
            if self._policy.action == "archive":
                await asyncio.to_thread(self._archive, log, oldest, upto)
            if await asyncio.to_thread(self._folded, log) < upto - 1:
                logger.info("%s is being folded anew: what is old goes with the next run", log.location)
                break
            oldest, before = await self._delete(log, oldest, upto), oldest
            if oldest == before:
                break
        return Removal(log.location, log.epoch, oldest - log.oldest, oldest)

    def _end_of_old(self, log: Bounds) -> int:
        """Return the first position that stays: an event that is not old, or one that is not folded yet."""
        until = micros(self._policy.until(self._clock()))
        return min(self._folded(log) + 1, self._store.first_since(log.location, until))

    def _folded(self, log: Bounds) -> int:
        """Return the position up to which a log is folded into the rollups; 0 where it is not."""
        with self._store.view(log.location) as view:
            watermark = view.watermark
        return watermark.cursor.seq if watermark is not None and watermark.cursor.epoch == log.epoch else 0

    def _archive(self, log: Bounds, oldest: int, upto: int) -> None:
        records: list[Record] = []
        position = oldest - 1
        while position < upto - 1:
            page = self._store.read(log.location, position, PAGE)
            if page.unreadable is not None and page.unreadable.first < upto:
                raise StoreError(f"{page.unreadable}; what is old stays from there on")
            records += [record for record in page.records if record.seq < upto]
            if page.position == position:
                break
            position = page.position
        self.archive.write(log.location, oldest, records, self._policy.zone)
        if self._store.bounds(log.location).epoch != log.epoch:  # dropped meanwhile, without a trace
            self.archive.remove(log.location)

    async def _delete(self, log: Bounds, oldest: int, upto: int) -> int:
        self._shorten(Removal(log.location, log.epoch, upto - oldest, upto))
        is_archived = self._policy.action == "archive"
        while oldest < upto:
            before, forgotten = oldest, self._store.forget(log.location, log.epoch, upto, is_archived, folded=True)
            oldest = await asyncio.wrap_future(forgotten)
            if oldest == before:  # it has just begun to be folded anew
                break
        self._shorten(Removal(log.location, log.epoch, 0, upto))
        return oldest
