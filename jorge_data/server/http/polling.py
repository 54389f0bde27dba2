"""Polling: a page of the log on the same cursor, and with the same verdict, as the socket."""

import asyncio
from typing import Literal

from jorge_data.events import Cursor, Record
from jorge_data.permissions import Fields
from jorge_data.server.log.follow import ResumeVerdict, judge
from jorge_data.server.log.redaction import redact
from jorge_data.server.log.tail import Tail, Types
from jorge_data.store import Page, Store


async def poll(
    tail: Tail,
    store: Store,
    after: Cursor | Literal["oldest", "latest"],
    limit: int,
    types: Types,
    fields: Fields | None = None,
) -> bytes:
    """Return the JSON of a page after a cursor; nothing where it cannot be honoured."""
    verdict, epoch = _judge(after, tail), tail.epoch
    page = Page([], verdict.start)
    if verdict.recovered and verdict.start < tail.top:
        page = await asyncio.to_thread(store.read, tail.location, verdict.start, limit, types)
    if tail.epoch != epoch or verdict.start < tail.oldest - 1:  # replaced or shortened while it was read
        page, verdict = Page([], 0), ResumeVerdict(False, tail.top)
    return _encode(page._replace(records=list(redact(page.records, fields))), verdict, tail)


def _judge(after: Cursor | Literal["oldest", "latest"], tail: Tail) -> ResumeVerdict:
    match after:
        case "latest":
            return ResumeVerdict(True, tail.top)
        case "oldest":
            return ResumeVerdict(True, tail.oldest - 1)
    return judge(after, tail)


def _encode(page: Page, verdict: ResumeVerdict, tail: Tail) -> bytes:
    position = page.position if verdict.recovered else tail.top
    return b'{"events":[%b],"epoch":"%b","recovered":%b,"top":%d,"oldest":%d,"position":%d}' % (
        join(page.records),
        tail.epoch.encode(),
        b"true" if verdict.recovered else b"false",
        tail.top,
        tail.oldest,
        position,
    )


def join(records: list[Record]) -> bytes:
    """Return records as the inside of a JSON list."""
    return b",".join(record.wire for record in records)
