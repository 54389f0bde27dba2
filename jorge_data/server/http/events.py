"""The routes that read a log: a page after a cursor, a stream of what comes, and what happened with one contact."""

import asyncio
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import JsonValue

from jorge_data.errors import Invalid
from jorge_data.events import Cursor, Record
from jorge_data.events.encoding import show
from jorge_data.permissions import Right
from jorge_data.server.auth.claims import Claims
from jorge_data.server.context import LocationHandle
from jorge_data.server.http.dependencies import JSON, ClaimsDependency, ContextDependency
from jorge_data.server.http.server_sent_events import stream
from jorge_data.server.log.assignments import Sight, visible_records
from jorge_data.server.log.follow import Resumption, announced, resume_from
from jorge_data.server.log.redaction import redact
from jorge_data.server.log.tail import Tail, Types
from jorge_data.server.requests import read_after, read_limit, split_types
from jorge_data.store import Hole, Page, Store

router = APIRouter()

EVENT_STREAM = "text/event-stream"

OF_THIS_LOG: dict[str, JsonValue] = {"pattern": "^([^\\u0000]*:[0-9]{1,18})?$"}

MOST_HOLES = 100
"""Most stretches that cannot be read which one page passes over."""

After = Cursor | Literal["oldest", "latest"]


@router.get("/events", summary="Poll on the socket's cursor")
async def events(
    context: ContextDependency,
    claims: ClaimsDependency,
    location: str | None = None,
    after: str | None = None,
    limit: str | None = None,
    types: str | None = None,
) -> Response:
    """Answer with the events after `<epoch>:<seq>`, oldest or latest."""
    handle = context.handle(claims.require_at(Right.READ, location))
    visible = claims.visible_types(split_types(types))
    page, served = await _poll(handle, context.store, read_after(after), read_limit(limit, 500), visible, claims)
    if served is not None:
        await context.opened_transcripts.record_all(claims, handle.tail.location, "polling", served, visible)
    return Response(page, media_type=JSON)


async def _poll(
    handle: LocationHandle, store: Store, after: After, limit: int, types: Types, claims: Claims
) -> tuple[bytes, Cursor | None]:
    """Return the JSON of the page after a cursor, with no events where the log does not reach back to it.

    Beside it, after which position the events in it begin: None where there are none.
    """
    tail, agent = handle.tail, claims.rights.agent_id
    resumption, epoch = _resume(after, tail), tail.epoch
    page, holes, lost = Page([], resumption.start), list[Hole](), list[str]()
    if resumption.recovered and resumption.start < tail.top:
        read, met = await asyncio.to_thread(_read, store, tail.location, resumption.start, limit, types)
        page = announced(read, tail)
        if agent is not None:
            seen = await asyncio.to_thread(visible_records, store, tail.location, page.records, agent)
            page = Page(seen, page.position)
            lost = await asyncio.to_thread(store.lost, tail.location, agent, resumption.start)
            await handle.assignments.load()
        sight = None if agent is None else Sight(handle.assignments, agent)
        lost += handle.erased.between(resumption.start, page.position, claims.reader, sight)
        holes = [hole for hole in met if hole.first <= page.position]
    if tail.epoch != epoch or resumption.start < tail.oldest - 1:  # replaced or shortened while it was read
        page, holes, lost, resumption = Page([], 0), [], [], Resumption(False, tail.top)
    passed_over = [{"from": hole.first, "to": hole.last} for hole in holes]
    served = Cursor(epoch, resumption.start) if page.records else None
    answer = b'{"events":[%b],%b%b"epoch":"%b","recovered":%b,"top":%d,"oldest":%d,"position":%d}' % (
        _join(list(redact(page.records, claims.fields))),
        b'"unreadable":%b,' % orjson.dumps(passed_over) if passed_over else b"",
        b'"forget":%b,' % orjson.dumps(lost) if lost else b"",
        tail.epoch.encode(),
        b"true" if resumption.recovered else b"false",
        tail.top,
        tail.oldest,
        page.position if resumption.recovered else tail.top,
    )
    return answer, served


def _read(store: Store, location: str, after: int, limit: int, types: Types) -> tuple[Page, list[Hole]]:
    """Return a page of up to `limit` records around what cannot be read, and what that is."""
    page, holes = store.read(location, after, limit, types), list[Hole]()
    records = page.records
    while page.unreadable is not None:
        holes.append(page.unreadable)
        if len(holes) == MOST_HOLES:
            break
        page = store.read(location, page.position, limit - len(records), types)
        records += page.records
    return Page(records, page.position), holes


def _resume(after: After, tail: Tail) -> Resumption:
    match after:
        case "latest":
            return Resumption(True, tail.top)
        case "oldest":
            return Resumption(True, tail.oldest - 1)
    return resume_from(after, tail)


def _join(records: list[Record]) -> bytes:
    return b",".join(record.wire for record in records)


@router.get(
    "/events/stream",
    summary="Server-sent events",
    response_class=Response,
    responses={200: {"content": {EVENT_STREAM: {}}}},
)
async def events_stream(
    request: Request,
    context: ContextDependency,
    claims: ClaimsDependency,
    location: str | None = None,
    after: str | None = None,
    types: str | None = None,
) -> Response:
    """Stream every later event; `Last-Event-ID: <epoch>:<seq>` resumes."""
    name, visible = claims.require_at(Right.READ, location), claims.visible_types(split_types(types))
    handle = context.handle(name)
    tail = handle.tail
    cursor = read_after(request.headers.get("last-event-id") or after)
    # `latest` begins at the state that is sent along, and so is no resumption.
    if claims.rights.agent_id is not None:
        await handle.assignments.load()
    resumption, greeting = await handle.greet(
        claims, lambda: resume_from(None, tail) if cursor == "latest" else _resume(cursor, tail)
    )
    start = Cursor(tail.epoch, resumption.start)
    await context.opened_transcripts.record_all(claims, name, "the stream", start, visible)
    chunks = stream(context, handle, start, visible, greeting, claims)
    return StreamingResponse(chunks, media_type=EVENT_STREAM, headers={"Cache-Control": "no-store"})


@router.get("/api/contacts/{contact:path}/timeline", summary="All that happened with one contact")
async def timeline(
    context: ContextDependency,
    claims: ClaimsDependency,
    contact: str,
    location: str | None = None,
    before: Annotated[str | None, Query(json_schema_extra=OF_THIS_LOG)] = None,
    limit: str | None = None,
) -> Response:
    """Answer with a contact's events, newest first; `before` is a cursor, for the page that follows."""
    name = claims.require_at(Right.TIMELINE, location)
    seq = _before(before, context.handle(name).tail.epoch)
    records = await asyncio.to_thread(
        _timeline, context.store, name, contact, seq, read_limit(limit, 200), claims.rights.agent_id
    )
    if records:
        await context.opened_transcripts.record(claims, name, contact)
    return Response(b'{"events":[%b]}' % _join(records), media_type=JSON)


def _timeline(
    store: Store, location: str, contact: str, before: int | None, limit: int, agent: str | None
) -> list[Record]:
    """Return a contact's newest events as far as an agent sees them: of another's none, as of an unknown one."""
    return visible_records(store, location, store.timeline(location, contact, before, limit), agent)


def _before(text: str | None, epoch: str) -> int | None:
    """Return the position of a page's cursor; raise Invalid where it is one of another log."""
    if not text:
        return None
    cursor = Cursor.parse(text)
    if cursor.epoch != epoch:
        raise Invalid(f"before is {show(text)}: allowed is a cursor of this log, as in {epoch}:1")
    return cursor.seq
