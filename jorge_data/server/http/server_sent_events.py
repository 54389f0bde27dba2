"""Server-sent events: the same log on the same cursor, for clients without a websocket."""

import asyncio
from collections.abc import AsyncIterator

from jorge_data.events import Cursor, Record
from jorge_data.permissions import Fields
from jorge_data.server.auth.claims import Claims
from jorge_data.server.auth.connection_expiry import ConnectionExpiry
from jorge_data.server.context import LocationHandle, ServerContext
from jorge_data.server.log.assignments import Sight
from jorge_data.server.log.follow import LogReplaced, follow
from jorge_data.server.log.frames import Frame, forget, unreadable
from jorge_data.server.log.redaction import redact
from jorge_data.server.log.tail import RecordBatch, Types

HEARTBEAT_S = 25.0
RETRY_MS = 3000


def chunk(record: Record, epoch: str) -> bytes:
    """Return one event as the stream writes it; its id is the cursor that `Last-Event-ID` brings back."""
    return b"id: %b\ndata: %b\n\n" % (str(Cursor(epoch, record.seq)).encode(), record.wire)


async def stream(
    context: ServerContext, handle: LocationHandle, start: Cursor, types: Types, greeting: Frame, claims: Claims
) -> AsyncIterator[bytes]:
    """Yield the greeting, then every later event, a comment at least every 25 s; end with the token, or the server."""
    tail, agent = handle.tail, claims.rights.agent_id
    sight = None if agent is None else Sight(handle.assignments, agent)
    yield b"retry: %d\nevent: subscribed\ndata: %b\n\n" % (RETRY_MS, greeting.payload)
    expired = asyncio.Event()
    expiry = ConnectionExpiry(context.token_service.revocations, lambda code, reason: expired.set())
    expiry.follow(claims)
    tail.readers.add(reader := _StreamReader())
    batches = follow(tail, context.store, start, types)
    next_batch = asyncio.ensure_future(anext(batches))
    ends = [asyncio.ensure_future(end.wait()) for end in (context.ending, expired)]
    try:
        while not (expired.is_set() or context.ending.is_set()):
            await asyncio.wait({next_batch, *ends}, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
            if not next_batch.done():
                yield b": heartbeat\n\n"
                continue
            batch = next_batch.result()
            gone = [] if sight is None else await sight.lost(batch.after)
            gone += handle.erased.between(batch.after, batch.position, claims.reader, sight)
            for contact in gone:
                yield b"event: forget\ndata: %b\n\n" % forget(contact).payload
            if sight is not None:
                batch = await sight.visible(batch)
            yield _chunks(batch, tail.epoch, claims.fields)
            next_batch = asyncio.ensure_future(anext(batches))
    except LogReplaced:
        return
    finally:
        expiry.cancel()
        tail.readers.discard(reader)
        for task in (next_batch, *ends):
            task.cancel()
        await asyncio.gather(next_batch, *ends, return_exceptions=True)


class _StreamReader:
    """A reader of a stream: it reads the log at its own pace, so a slow one costs its own transport's buffer."""

    def check_pace(self) -> None:
        """Let it be as slow as it likes."""


def _chunks(batch: RecordBatch, epoch: str, fields: Fields | None) -> bytes:
    chunks = b"".join(chunk(record, epoch) for record in redact(batch.records, fields))
    if batch.unreadable is not None:
        # Not "error": that one is the browser's own, of a connection that broke.
        told = unreadable(batch.unreadable).payload
        return b"%bid: %b\nevent: unreadable\ndata: %b\n\n" % (
            chunks,
            str(Cursor(epoch, batch.position)).encode(),
            told,
        )
    if batch.records and batch.records[-1].seq == batch.position:
        return chunks
    # What was left out is passed over: else a resumption would begin before it, where the log may begin later by then.
    return b"%bid: %b\n: read\n\n" % (chunks, str(Cursor(epoch, batch.position)).encode())
