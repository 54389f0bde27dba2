"""The dashboard's own HTTP routes: its figures, and its health."""

from typing import Any

import orjson
import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jorge_data import __version__
from jorge_data.dashboard.allowed_hosts import is_allowed_host
from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.push.connection_status import shown_state
from jorge_data.errors import Forbidden, Invalid, RequestRefused
from jorge_data.events.validation import ALLOWED_LOCATION, LOCATION
from jorge_data.permissions import visible_figures


async def metrics(request: Request) -> Response:
    """Respond to `/api/dashboard/metrics?location=` with the wall's figures, for a location that is open already."""
    try:
        _require_own_name(request.headers.get("host"))
        figures = _figures(AppContext.current(), request.query_params.get("location"))
    except RequestRefused as refusal:
        return JSONResponse(refusal.as_json(), refusal.status)
    return Response(orjson.dumps(figures), media_type="application/json")


def _require_own_name(host: str | None) -> None:
    if not is_allowed_host(host, st.get_option("server.address"), st.get_option("server.allowedHosts") or []):
        raise Forbidden(f"the host {(host or '')[:80]!r} is not allowed here; see server.allowedHosts")


def _figures(context: AppContext, location: str | None) -> dict[str, Any]:
    if location is not None and not LOCATION.fullmatch(location):
        raise Invalid(f"location {location[:80]!r}: {ALLOWED_LOCATION}")
    state = context.locations.get_open(context.locations.resolve(location))
    return visible_figures(context.settings.role, state.dashboard())


async def health(request: Request) -> Response:
    """Respond to `/health`: 200 while this process serves, with the state of its feed."""
    locations = AppContext.current().locations
    status = locations.feed(locations.home).status
    return JSONResponse(
        {"service": "jorge-dashboard", "version": __version__, "feed": shown_state(status), "detail": status.detail}
    )
