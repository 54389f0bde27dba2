"""The routes about the server itself: is it well, and what does it count?"""

import asyncio

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from jorge_data import __version__
from jorge_data.permissions import Right
from jorge_data.server.http.dependencies import ClaimsDependency, ContextDependency
from jorge_data.server.http.responses import ORJSONResponse
from jorge_data.server.telemetry import telemetry_summary

router = APIRouter()

SERVICE = "jorge-events"


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


@router.get("/health", summary="Is the server well?")
async def health(context: ContextDependency) -> Response:
    """Answer that this is the event server, and whether its store can be read."""
    await asyncio.to_thread(context.store.logs)
    return ORJSONResponse({"service": SERVICE, "version": __version__, "status": "ok"})


@router.get("/metrics", summary="Counts for Prometheus")
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
