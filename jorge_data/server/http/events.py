"""The HTTP questions and the publish, on the same port as the socket."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from jorge_data import __version__
from jorge_data.errors import Invalid, TooLarge
from jorge_data.events import Cursor
from jorge_data.events.encoding import show
from jorge_data.events.schema import json_schema
from jorge_data.events.validation import MAX_EVENTS, MAX_PUBLISH_BYTES
from jorge_data.permissions import Right, visible_figures
from jorge_data.server.auth.claims import Claims
from jorge_data.server.context import ServerContext
from jorge_data.server.http.polling import join, poll
from jorge_data.server.http.responses import ORJSONAnswer
from jorge_data.server.http.server_sent_events import stream
from jorge_data.server.ingest import results
from jorge_data.server.ingest.publish import publish_events
from jorge_data.server.log.follow import judge
from jorge_data.server.log.frames import message
from jorge_data.server.requests import read_after, read_limit, split_types


class DirectRoute(APIRoute):
    """A route that takes the request as it is: the framework's dependency solving costs more than a commit."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return endpoint


router = APIRouter()
publishing = APIRouter(route_class=DirectRoute)
JSON = "application/json"
SERVICE = "jorge-events"


def context_of(request: Request) -> ServerContext:
    context: ServerContext = request.app.state.context
    return context


# Asynchronous, because FastAPI runs what is not in a thread, and each answer would wait for two.
async def _context(request: Request) -> ServerContext:
    return context_of(request)


async def _claims(request: Request) -> Claims:
    return context_of(request).authenticator.claims(request)


ContextDependency = Annotated[ServerContext, Depends(_context)]
ClaimsDependency = Annotated[Claims, Depends(_claims)]


def _contract() -> dict[str, Any]:
    """Return the request body of a publish for OpenAPI: one event of the contract, or a list of them."""
    schema = json_schema()
    content = {"schema": {"oneOf": [schema, {"type": "array", "items": schema, "minItems": 1, "maxItems": MAX_EVENTS}]}}
    kinds = (JSON, "application/cloudevents+json", "application/cloudevents-batch+json")
    return {"requestBody": {"required": True, "content": dict.fromkeys(kinds, content)}}


REFUSALS: dict[int | str, dict[str, Any]] = {
    207: {"description": "Some events were kept, some refused: each answer says which."},
    401: {"description": "No token, or one that is not valid."},
    403: {"description": "The token may not publish, or not there."},
    413: {"description": "More than 500 events or 1 MiB."},
    422: {"description": "No event was kept: each field that is wrong, what stood there, what is allowed."},
    429: {"description": "Too many events a second: `Retry-After` says when."},
    503: {"description": "Nothing was acknowledged: try again with the same ids."},
}


@publishing.post("/events", summary="Publish one event or up to 500", openapi_extra=_contract(), responses=REFUSALS)
async def publish(request: Request) -> Response:
    """Keep events: 200 with where each stands, 207 where some were refused, 422 where all were."""
    context = context_of(request)
    claims = context.authenticator.claims(request)
    claims.require_publish()
    outcome = await publish_events(await read_body(request), claims, context.ingest)
    return ORJSONAnswer(results.body(outcome), results.status(outcome))


async def read_body(request: Request) -> bytes:
    """Return the body; raise TooLarge as soon as it is known to be."""
    declared = request.headers.get("content-length", "0")
    size, parts = 0, []
    if declared.isdigit() and int(declared) > MAX_PUBLISH_BYTES:
        raise TooLarge(f"the body has {declared} bytes: allowed are {MAX_PUBLISH_BYTES}")
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > MAX_PUBLISH_BYTES:
            raise TooLarge(f"the body has more than {MAX_PUBLISH_BYTES} bytes")
    return b"".join(parts)


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
    place = context.place(claims.require_read(location))
    seen = claims.types(split_types(types))
    page = await poll(place.tail, context.store, read_after(after), read_limit(limit, 500), seen, claims.fields)
    return Response(page, media_type=JSON)


@router.get("/events/stream", summary="Server-sent events")
async def events_stream(
    request: Request,
    context: ContextDependency,
    claims: ClaimsDependency,
    location: str | None = None,
    after: str | None = None,
    types: str | None = None,
) -> Response:
    """Stream every later event; `Last-Event-ID: <epoch>:<seq>` resumes."""
    name, seen = claims.require_read(location), claims.types(split_types(types))
    live_state = await context.live_state_of(name)
    tail = context.place(name).tail
    wanted = read_after(request.headers.get("last-event-id") or after)
    verdict = judge(wanted if isinstance(wanted, Cursor) else None, tail)
    start = tail.oldest - 1 if wanted == "oldest" else verdict.start if verdict.recovered else live_state.position
    greeting = message(
        type="subscribed",
        location=tail.location,
        epoch=tail.epoch,
        recovered=verdict.recovered or wanted == "oldest",
        top=live_state.position,
        oldest=tail.oldest,
        snapshot=visible_figures(claims.reader, live_state.snapshot()),
    )
    position = Cursor(tail.epoch, start)
    chunks = stream(
        tail, context.store, position, seen, greeting, claims, context.token_service.revocations, context.ending
    )
    return StreamingResponse(chunks, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


@router.get("/api/dashboard/metrics", summary="The dashboard's figures now")
async def metrics(context: ContextDependency, claims: ClaimsDependency, location: str | None = None) -> Response:
    """Answer with the figures as of the newest event; what cannot be computed is null."""
    live_state = await context.live_state_of(claims.require_read(location))
    return ORJSONAnswer(visible_figures(claims.reader, live_state.snapshot()))


@router.get("/api/state", summary="The live state, to go on from")
async def state(context: ContextDependency, claims: ClaimsDependency, location: str | None = None) -> Response:
    """Answer with the reduction of the log and its position: a dashboard loads it, then follows from there."""
    name = claims.require_read(location)
    live_state = await context.live_state_of(name)
    epoch = context.place(name).tail.epoch
    told = orjson.Fragment(live_state.encode(claims.may(Right.SEE_CONTACTS)))
    return ORJSONAnswer({"location": name, "epoch": epoch, "seq": live_state.position, "state": told})


@router.get("/api/contacts/{contact:path}/timeline", summary="All that happened with one contact")
async def timeline(
    context: ContextDependency,
    claims: ClaimsDependency,
    contact: str,
    location: str | None = None,
    before: str | None = None,
    limit: str | None = None,
) -> Response:
    """Answer with a contact's events, newest first; `before` is a cursor, for the page that follows."""
    name = claims.require_at(Right.TIMELINE, location)
    seq = _before(before, context.place(name).tail.epoch)
    records = await asyncio.to_thread(context.store.timeline, name, contact, seq, read_limit(limit, 200))
    return Response(b'{"events":[%b]}' % join(records), media_type=JSON)


def _before(text: str | None, epoch: str) -> int | None:
    """Return the position of a page's cursor; raise Invalid where it is one of another log."""
    if not text:
        return None
    cursor = Cursor.parse(text)
    if cursor.epoch != epoch:
        raise Invalid(f"before is {show(text)}: allowed is a cursor of this log, as in {epoch}:1")
    return cursor.seq


@router.get("/api/locations", summary="The logs that the token may read")
async def locations(context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with each location's epoch, oldest and newest position."""
    claims.require(Right.READ)
    return ORJSONAnswer({"locations": [log._asdict() for log in context.logs(claims)]})


@router.delete("/api/locations/{location}", summary="Remove a location without a trace")
async def remove(context: ContextDependency, claims: ClaimsDependency, location: str) -> Response:
    """Remove every event of a location; what comes next there begins a new epoch."""
    location = claims.require_at(Right.REMOVE_OFFICE, location)
    await context.token_service.record(claims, "location.remove", location)
    await context.drop(location)
    return Response(status_code=204)


@router.get("/", include_in_schema=False)
async def root() -> Response:
    """Lead whoever opens the address in a browser to what can be asked here."""
    return RedirectResponse("/docs")


@router.get("/health", summary="Is the server well?")
async def health(context: ContextDependency) -> Response:
    """Answer that this is the event server, and whether its store can be read."""
    await asyncio.to_thread(context.store.logs)
    return ORJSONAnswer({"service": SERVICE, "version": __version__, "status": "ok"})


@router.get("/metrics", summary="Counts for Prometheus")
async def telemetry(context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with what the server counts; anybody on this machine, else an admin or manager."""
    claims.require(Right.METRICS)
    return Response(generate_latest(context.telemetry.registry), media_type=CONTENT_TYPE_LATEST)
