"""Server-sent events: the same log on the same cursor, for clients without a websocket."""

import asyncio
import time
from collections.abc import AsyncIterator

from jorge_data.events import Cursor, Record
from jorge_data.server.follow import LogReplaced, follow
from jorge_data.server.frames import Frame
from jorge_data.server.tail import Batch, Tail, Types
from jorge_data.store import Store

HEARTBEAT_S = 25.0
RETRY_MS = 3000


def chunk(record: Record, epoch: str) -> bytes:
    """Return one event as the stream writes it; its id is the cursor that `Last-Event-ID` brings back."""
    return b"id: %b\ndata: %b\n\n" % (str(Cursor(epoch, record.seq)).encode(), record.wire)


async def stream(
    tail: Tail, store: Store, start: Cursor, types: Types, greeting: Frame, expires: float | None, ending: asyncio.Event
) -> AsyncIterator[bytes]:
    """Yield the verdict, then every later event, a comment at least every 25 s; end with the token, or the server."""
    yield b"retry: %d\nevent: subscribed\ndata: %b\n\n" % (RETRY_MS, greeting.payload)
    tail.readers.add(reader := _Streaming())
    batches = follow(tail, store, start, types)
    coming, end = asyncio.ensure_future(anext(batches)), asyncio.ensure_future(ending.wait())
    try:
        while (left := _left(expires)) > 0 and not end.done():
            await asyncio.wait({coming, end}, timeout=min(HEARTBEAT_S, left), return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                yield b": heartbeat\n\n"
                continue
            yield _chunks(coming.result(), tail.epoch)
            coming = asyncio.ensure_future(anext(batches))
    except LogReplaced:
        return
    finally:
        tail.readers.discard(reader)
        coming.cancel()
        end.cancel()
        await asyncio.gather(coming, end, return_exceptions=True)


class _Streaming:
    """A reader of a stream: it reads the log at its own pace, so a slow one costs its own transport's buffer."""

    def check_pace(self) -> None:
        """Let it be as slow as it likes."""


def _left(expires: float | None) -> float:
    return HEARTBEAT_S if expires is None else expires - time.time()


def _chunks(batch: Batch, epoch: str) -> bytes:
    return b"".join(chunk(record, epoch) for record in batch.records) or b": read\n\n"
