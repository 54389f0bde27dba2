"""The dashboard's own HTTP routes: its figures, its health, and why a socket was refused."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jorge_data import __version__
from jorge_data.dashboard.allowed_hosts import refused_host, refused_socket
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.http_middleware import add_security_headers
from jorge_data.dashboard.push.connection_status import Shown, shown_state
from jorge_data.errors import Forbidden, Invalid, RequestRefused
from jorge_data.events.validation import ALLOWED_LOCATION, LOCATION
from jorge_data.permissions import visible_figures

FEED_STATES: dict[Shown, str] = {"live": "ok", "polling": "degraded", "connecting": "degraded", "offline": "failed"}
"""The state of the feed as a part of this dashboard, by what is shown of it."""


async def metrics(request: Request) -> Response:
    """Respond to `/api/dashboard/metrics?location=` with the wall's figures, for a location that is open already."""
    try:
        if reason := refused_host(request.headers):
            raise Forbidden(reason)
        figures = _figures(AppContext.current(), request.query_params.get("location"))
    except RequestRefused as refusal:
        return JSONResponse(refusal.as_json(), refusal.status)
    return Response(orjson.dumps(figures), media_type="application/json")


def _figures(context: AppContext, location: str | None) -> dict[str, Any]:
    if location is not None and not LOCATION.fullmatch(location):
        raise Invalid(f"location {location[:80]!r}: {ALLOWED_LOCATION}")
    state = context.locations.get_open(context.locations.resolve(location))
    return visible_figures(context.settings.role, state.dashboard())


async def why_no_socket(request: Request) -> Response:
    """Respond to `/api/live` without an upgrade: with why its socket is refused, which no browser is told otherwise."""
    reason = refused_socket(request.headers)
    if reason is None:
        detail = "no `Upgrade: websocket` came: the proxy before the dashboard drops it unless it is told not to"
        return JSONResponse({"error": {"code": "upgrade_required", "detail": detail}}, 426)
    refused = Forbidden(reason)
    return JSONResponse(refused.as_json(), refused.status)


async def health(request: Request) -> Response:
    """Respond to `/health`: 200 while this process serves, with the state of its feed and of the event server."""
    return JSONResponse(_health(AppContext.current()))


async def ready(request: Request) -> Response:
    """Respond to `/health/ready` as to `/health`, with 503 where there is no event server to show figures of."""
    body = _health(AppContext.current())
    return JSONResponse(body) if body["ready"] else JSONResponse(body, 503, {"Retry-After": "5"})


def _health(context: AppContext) -> dict[str, Any]:
    status, server = context.locations.feed(context.locations.home).status, context.server_health.newest
    feed = shown_state(status)
    parts = {
        "feed": {"state": FEED_STATES[feed], "why": None if feed == "live" else status.detail or feed},
        "event-server": {"state": "failed", "why": "it does not answer"}
        if server is None
        else {"state": server.get("status", "ok"), "why": context.server_health.notice},
    }
    states = {part["state"] for part in parts.values()}
    is_ready = server is not None and feed in ("live", "polling")
    return {
        "service": "jorge-dashboard",
        "version": __version__,
        "status": ("ok" if states == {"ok"} else "degraded") if is_ready else "failed",
        "ready": is_ready,
        "parts": parts,
        "feed": feed,
        "detail": status.detail,
    }


async def failed(request: Request, error: Exception) -> Response:
    """Respond where something failed that nobody thought of; the log has the rest."""
    detail = "something failed here; the log of the dashboard says what"
    response = JSONResponse({"error": {"code": "internal", "detail": detail}}, 500)
    add_security_headers(response.headers)  # no middleware stands before this answer
    return response
