"""The routes about the server itself: is it well, and what does it count?"""

import asyncio
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from jorge_data import __version__
from jorge_data.errors import RequestRefused
from jorge_data.permissions import Right
from jorge_data.server.context import ServerContext
from jorge_data.server.http.dependencies import JSON, ClaimsDependency, ContextDependency
from jorge_data.server.http.responses import ORJSONResponse
from jorge_data.server.telemetry import telemetry_summary

router = APIRouter()

SERVICE = "jorge-events"

NOT_READY: dict[int | str, dict[str, Any]] = {
    503: {"description": "No event can be published now: `parts` say why.", "content": {JSON: {}}}
}


@router.get("/", include_in_schema=False)
async def root(request: Request) -> Response:
    """Redirect a browser to the description of every route, but not a handshake that lost its upgrade."""
    if "sec-websocket-key" in request.headers:
        return await no_upgrade()
    return RedirectResponse("docs")  # relative: a proxy may have put us beneath a path


@router.get("/ws", include_in_schema=False)
async def no_upgrade() -> Response:
    """Refuse what comes to the socket without asking for one."""
    detail = (
        "a websocket is here, and no `Upgrade: websocket` came: a proxy on the way drops it unless it is told not to"
    )
    raise HTTPException(426, detail, {"Upgrade": "websocket", "Connection": "Upgrade"})


RETRY_AFTER_S = 5
"""When to ask again a server that cannot take events: its store is tried every 2 s."""


@router.get("/health", summary="Is the server alive, and how is each of its parts?")
async def health(request: Request, context: ContextDependency) -> Response:
    """Answer 200 as long as the process serves; `status` and `parts` say how it is.

    Details, which name offices and files, are for who may see the event server's own figures.
    """
    return ORJSONResponse(_health(request, context))


@router.get("/health/ready", summary="Can events be published, and if not, why?", responses=NOT_READY)
async def ready(request: Request, context: ContextDependency) -> Response:
    """Answer as `/health` does, with 503 where no event can be taken."""
    if context.readiness.is_ready:
        return ORJSONResponse(_health(request, context))
    return ORJSONResponse(_health(request, context), 503, {"Retry-After": str(RETRY_AFTER_S)})


def _health(request: Request, context: ServerContext) -> dict[str, Any]:
    """Return how the server is, from memory alone: it answers whatever the store does."""
    readiness, in_detail = context.readiness, _may_see_details(request, context)
    return {
        "service": SERVICE,
        "version": __version__,
        "status": readiness.status,
        "ready": readiness.is_ready,
        "time": datetime.now(UTC),  # `Date` is a proxy's clock, where one stands between
        "parts": {part.name: part.as_json(in_detail) for part in readiness.parts()},
    }


def _may_see_details(request: Request, context: ServerContext) -> bool:
    try:
        context.authenticator.authenticate(request).require_everywhere(Right.SYSTEM)
    except RequestRefused:
        return False
    return True


@router.get(
    "/metrics",
    summary="Counts for Prometheus",
    response_class=Response,
    responses={200: {"content": {CONTENT_TYPE_LATEST: {"schema": {"type": "string"}}}}},
)
async def metrics(context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with what the server counts, of all locations; anybody on this machine, else an admin or manager."""
    claims.require_everywhere(Right.METRICS)
    return Response(generate_latest(context.telemetry.registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/api/system", summary="How the server itself is")
async def system(context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with counters since the start and gauges of now, of all locations, to who may see all of them.

    Of a duration there is p50 and p95, null where none was timed.
    """
    claims.require_everywhere(Right.SYSTEM)
    registry = context.telemetry.registry
    figures = await asyncio.to_thread(telemetry_summary, registry)  # the store's size is read from the disk
    return ORJSONResponse({"since": context.ingest.refusals.since, **figures})
