"""Following a log: every later record, in order, once, without end."""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

from jorge_data.events import Cursor
from jorge_data.server.log.tail import CHUNK, MAX_BATCH_BYTES, RecordBatch, Tail, Types
from jorge_data.store import Page, Store


class LogReplaced(Exception):
    """The log was replaced, or records after the position were removed: following cannot go on from there."""


class Resumption(NamedTuple):
    """Whether the log holds everything after a cursor, and the position to begin at."""

    recovered: bool
    start: int


def resume_from(after: Cursor | None, tail: Tail) -> Resumption:
    """Return where to begin: at the cursor if the log provably holds all after it, else at the top; never in a hole."""
    if after is None or after.epoch != tail.epoch or not tail.oldest - 1 <= after.seq <= tail.top:
        never_written = after is not None and after == Cursor("", 0) and tail.oldest == 1
        return Resumption(True, 0) if never_written else Resumption(False, tail.top)
    return Resumption(True, after.seq)


async def follow(tail: Tail, store: Store, after: Cursor, types: Types = None) -> AsyncIterator[RecordBatch]:
    """Yield what comes after a cursor: from the store, then from the ring, then as it happens; raise LogReplaced."""
    epoch, position = after
    while True:
        await tail.grown_beyond(position, epoch)
        if epoch and tail.epoch != epoch:
            raise LogReplaced(tail.location)
        epoch = tail.epoch
        batch = tail.after(position, types) or await replay(tail, store, position, types)
        # While the store was read, or while nobody read: what would have come next is not there any more.
        if tail.epoch != epoch or position < tail.oldest - 1:
            raise LogReplaced(tail.location)
        yield batch
        position = batch.position


def announced(page: Page, tail: Tail) -> Page:
    """Return a page as far as the tail has heard of the log.

    A commit is in the store a moment before it is announced: whoever had a cursor of it, and came back with it in that
    moment, would be told that the log does not reach so far.
    """
    hole = page.unreadable
    if page.position <= tail.top or (hole is not None and hole.first <= tail.top):
        return page
    return Page([record for record in page.records if record.seq <= tail.top], tail.top)


async def replay(tail: Tail, store: Store, position: int, types: Types) -> RecordBatch:
    """Return the next batch from the store, which is read on another thread."""
    page = announced(await asyncio.to_thread(store.read, tail.location, position, CHUNK, types), tail)
    size = 0
    for index, record in enumerate(page.records):
        size += len(record.wire)
        if size > MAX_BATCH_BYTES and index:
            return RecordBatch(tuple(page.records[:index]), position, page.records[index - 1].seq)
    return RecordBatch(tuple(page.records), position, page.position, page.unreadable)
