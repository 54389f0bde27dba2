"""The end of one location's log, in memory: what followers read, and what wakes them."""

import asyncio
from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple, Protocol

from jorge_data.events import Cursor, Record
from jorge_data.store import Bounds, Hole

RING = 1000
"""Records that are held in memory; older positions are read from the store."""

CHUNK = 300
"""Most records in one batch, so that one reader's backlog never holds up the others."""

MAX_BATCH_BYTES = 256 << 10
"""Most bytes in one batch, for the same reason; one record is always allowed."""

COALESCE_S = 0.050
"""Least time between two wake-ups of the followers: what comes meanwhile is one frame for them.

A record that comes after a pause waits for nothing; of 200 a second ten share what one would cost. A dashboard paints
each at once, for its own interval is shorter: two intervals of one length would add up.
"""


class TailReader(Protocol):
    """Somebody who is served from this log, and may be too slow for it."""

    def check_pace(self) -> None:
        """Cut this reader where it is too slow; called at each wake-up."""


Types = frozenset[str] | None
"""The kinds that a follower wants; None is all of them."""


class Announcement(NamedTuple):
    """A location's log has grown to `top`; `records` are the new ones where they were written in this process.

    An empty `epoch` says that the location was removed. It is a wake-up, the store is the truth: a reader that
    meets a hole reads the store.
    """

    location: str
    epoch: str
    top: int
    records: tuple[Record, ...] = ()


class RecordBatch(NamedTuple):
    """Records after one position of the log, and the position that they lead to.

    `unreadable`: what follows on the records and cannot be read; the position is behind it.
    """

    records: tuple[Record, ...]
    after: int
    position: int
    unreadable: Hole | None = None


class Tail:
    """One location's last records and its followers' wake-up; event loop only, so it needs no lock."""

    def __init__(self, bounds: Bounds, fanned_out: Callable[[float], object] = lambda seconds: None) -> None:
        self.location = bounds.location
        self.epoch = bounds.epoch
        self.oldest = bounds.oldest
        self.top = bounds.top
        self.readers: set[TailReader] = set()
        self._fanned_out = fanned_out  # called with the seconds that each wake-up of all followers took
        self._ring: list[Record] = []
        self._bytes: list[int] = []  # bytes of the log up to and with each record of the ring
        self._grown = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._quiet_until = 0.0

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.epoch, self.top)

    def advance(self, announcement: Announcement) -> None:
        """Append the announced records where they follow on ours; else take the top alone: the store has the others."""
        if announcement.epoch != self.epoch:
            self._begin(announcement.epoch)
        elif announcement.top <= self.top:
            return
        fresh = [record for record in announcement.records if record.seq > self.top]
        follows_on = bool(fresh) and fresh[0].seq == self.top + 1 and fresh[-1].seq == announcement.top
        if not follows_on:
            self._clear()
        total = self._bytes[-1] if self._bytes else 0
        for record in fresh if follows_on else ():
            total += len(record.wire)
            self._ring.append(record)
            self._bytes.append(total)
        if len(self._ring) > 2 * RING:  # trimmed by the thousand: a list is read by index, a deque is not
            del self._ring[:-RING], self._bytes[:-RING]
        self.top = announcement.top
        if self._timer is None:
            loop = asyncio.get_running_loop()
            if loop.time() >= self._quiet_until:
                self._wake()
            else:
                self._timer = loop.call_at(self._quiet_until, self._wake)

    def forget(self) -> None:
        """Forget the records in memory: what is stored of them was rewritten."""
        self._clear()

    def shorten(self, epoch: str, oldest: int) -> None:
        """Note that everything before a position is being removed from the log."""
        if epoch == self.epoch:
            self.oldest = max(self.oldest, oldest)

    def _begin(self, epoch: str) -> None:
        self.epoch, self.top, self.oldest = epoch, 0, 1
        self._clear()

    def _clear(self) -> None:
        self._ring.clear()
        self._bytes.clear()

    def after(self, position: int, types: Types) -> RecordBatch | None:
        """Return the next records after a position, or None where the ring does not reach back that far."""
        first = self._ring[0].seq if self._ring else self.top + 1
        if position + 1 < first:
            return None
        chunk = self._chunk(position + 1 - first)
        matches = chunk if types is None else [record for record in chunk if record.type in types]
        return RecordBatch(tuple(matches), position, chunk[-1].seq if chunk else position)

    def _chunk(self, start: int) -> list[Record]:
        """Return the ring's records from an index on, as many as one batch may hold."""
        sent = self._bytes[start - 1] if start else self._bytes[0] - len(self._ring[0].wire) if self._ring else 0
        end = bisect_right(self._bytes, sent + MAX_BATCH_BYTES, start, min(start + CHUNK, len(self._ring)))
        return self._ring[start : max(end, start + 1)]

    def lag(self, position: int) -> tuple[int, int]:
        """Return by how many events and bytes a position is behind; bytes only as far as the ring reaches back."""
        behind = self.top - position
        if not self._bytes or behind <= 0:
            return behind, 0
        index = len(self._bytes) - 1 - behind
        return behind, self._bytes[-1] - (self._bytes[index] if index >= 0 else 0)

    async def grown_beyond(self, position: int, epoch: str) -> None:
        """Wait until there is something after a position, or the log is no longer the one of this epoch."""
        while self.top <= position and self.epoch == epoch:
            await self._grown.wait()

    def _wake(self) -> None:
        """Wake every follower, then none for a while, so that what comes one by one is served together."""
        self._timer = None
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()
        loop = asyncio.get_running_loop()
        loop.call_soon(self._measure, loop.time())
        for reader in tuple(self.readers):
            reader.check_pace()

    def _measure(self, began: float) -> None:
        now = asyncio.get_running_loop().time()
        self._fanned_out(now - began)
        self._quiet_until = now + COALESCE_S
