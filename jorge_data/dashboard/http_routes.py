"""The dashboard's own HTTP routes: its figures, its health, and why a socket was refused."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jorge_data import __version__
from jorge_data.dashboard.allowed_hosts import refused_host, refused_socket
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.http_middleware import add_security_headers
from jorge_data.dashboard.push.connection_status import shown_state
from jorge_data.errors import Forbidden, Invalid, RequestRefused
from jorge_data.events.validation import ALLOWED_LOCATION, LOCATION
from jorge_data.permissions import visible_figures


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
    """Respond to `/health`: 200 while this process serves, with the state of its feed."""
    return JSONResponse(_health())


async def ready(request: Request) -> Response:
    """Respond to `/health/ready`: as `/health`, but 503 while the feed of the home office brings nothing."""
    health = _health()
    is_ready = health["feed"] in ("live", "polling")
    return JSONResponse(health, 200 if is_ready else 503, None if is_ready else {"Retry-After": "5"})


def _health() -> dict[str, Any]:
    locations = AppContext.current().locations
    status = locations.feed(locations.home).status
    return {"service": "jorge-dashboard", "version": __version__, "feed": shown_state(status), "detail": status.detail}


async def failed(request: Request, error: Exception) -> Response:
    """Respond where something failed that nobody thought of; the log has the rest."""
    detail = "something failed here; the log of the dashboard says what"
    response = JSONResponse({"error": {"code": "internal", "detail": detail}}, 500)
    add_security_headers(response.headers)  # no middleware stands before this answer
    return response
