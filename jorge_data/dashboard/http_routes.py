"""The dashboard's own HTTP routes: its figures, its health, and what a page does while its live socket is silent."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from jorge_data import __version__
from jorge_data.dashboard import websocket
from jorge_data.dashboard.allowed_hosts import refused_host, refused_socket
from jorge_data.dashboard.context import AppContext, UserContext
from jorge_data.dashboard.http_middleware import add_security_headers
from jorge_data.dashboard.login.gate import METRICS
from jorge_data.dashboard.login.html_pages import page
from jorge_data.dashboard.login.session_access import SessionAccess
from jorge_data.dashboard.push.connection_status import Shown, shown_state
from jorge_data.dashboard.push.location_registry import MOST_FEEDS
from jorge_data.dashboard.push.tickets import Holder
from jorge_data.dashboard.search import search
from jorge_data.dashboard.websocket import MOST_BYTES, decode, publish_action, user_context
from jorge_data.errors import Forbidden, Invalid, RequestRefused, TooLarge, Unauthenticated, Unsupported
from jorge_data.events import new_id
from jorge_data.events.validation import ALLOWED_LOCATION, LOCATION
from jorge_data.part_state import PartState
from jorge_data.permissions import visible_figures

_log = logging.getLogger(__name__)

NOT_KEPT = {"Cache-Control": "no-store"}

UNUSED: Literal["unused"] = "unused"
"""The state of a feed that is not open: it is read by the token of whoever looks, and nobody does."""

PARTS = ("feed", "event-server")
"""The parts of this dashboard's health."""

FEED_STATES: dict[Shown | Literal["unused"], PartState] = {
    "live": "ok",
    "silent": "degraded",
    "polling": "degraded",
    "connecting": "degraded",
    "offline": "failed",
    UNUSED: "ok",
}
"""The state of the feed as a part of this dashboard, by what is shown of it; to poll is ok where that is a setting."""

SHOWING = frozenset[Shown | Literal["unused"]]({"live", "silent", "polling", UNUSED})
"""In these the dashboard shows how things are: a feed that is silent was live seconds ago, and may soon be again."""


def routes() -> list[BaseRoute]:
    """Return the dashboard's own routes, beside those of the login and Streamlit's."""
    return [
        WebSocketRoute("/api/live", websocket.live),
        Route("/api/live", live, methods=["GET", "POST"]),
        Route("/api/act", act, methods=["POST"]),
        Route("/api/search", find, methods=["POST"]),
        Route("/api/dashboard/metrics", metrics),
        Route(METRICS, prometheus),
        Route("/health", health),
        Route("/health/ready", ready),
    ]


async def metrics(request: Request) -> Response:
    """Respond to `/api/dashboard/metrics?location=` with the wall's figures, for a location that is open already."""
    try:
        if reason := refused_host(request.headers):
            raise Forbidden(reason)
        figures = _figures(user_context(request), request.query_params.get("location"))
    except RequestRefused as refusal:
        return JSONResponse(refusal.as_json(), refusal.status)
    return Response(orjson.dumps(figures), media_type="application/json")


def _figures(context: UserContext, location: str | None) -> dict[str, Any]:
    if location is not None and not LOCATION.fullmatch(location):
        raise Invalid(f"location {location[:80]!r}: {ALLOWED_LOCATION}")
    shown = context.locations.resolve(location)
    return visible_figures(context.grant_at(shown).role, context.locations.figures(shown))


async def live(request: Request) -> Response:
    """Respond to `/api/live` without an upgrade: with a ticket for the page whose key is sent, or why there is none.

    A browser is not told why a handshake was refused: so its page asks here.
    """
    if _is_json(request) or refused_socket(request.headers):
        return await _respond(request, _renewed)
    detail = "no `Upgrade: websocket` came: the proxy before the dashboard drops it unless it is told not to"
    return JSONResponse({"error": {"code": "upgrade_required", "detail": detail}}, 426)


async def act(request: Request) -> Response:
    """Respond to `POST /api/act` as the live socket responds to an action: for a page whose socket is silent."""
    return await _respond(request, _acted)


Answer = Callable[[dict[str, Any], Holder, UserContext], Awaitable[dict[str, Any]]]


async def _respond(request: Request, answer: Answer) -> Response:
    try:
        message = await _message(request)
        context = user_context(request)
        holder = context.app.tickets.holder_of(message.get("key"), context.user)
        if holder is None:
            raise Unauthenticated("this page is of an earlier start of the dashboard, or too old: load it again")
        return JSONResponse(await answer(message, holder, context))
    except RequestRefused as refusal:
        return JSONResponse(refusal.as_json(), refusal.status)


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type") == "application/json"


async def _message(request: Request) -> dict[str, Any]:
    """Return what a page of ours has sent: from its own origin, as JSON that no form of another site can send."""
    if reason := refused_socket(request.headers):
        raise Forbidden(reason)
    if not _is_json(request):
        raise Unsupported("the body is no application/json")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise TooLarge(f"a message is at most {MOST_BYTES} bytes")
    return decode(bytes(body))


async def _renewed(message: dict[str, Any], holder: Holder, context: UserContext) -> dict[str, Any]:
    return {"ticket": context.app.tickets.issue(holder)}


async def _acted(message: dict[str, Any], holder: Holder, context: UserContext) -> dict[str, Any]:
    return await publish_action(context, context.locations.resolve(holder.location), message)


async def find(request: Request) -> Response:
    """Respond to `POST /api/search` with what the user finds by a text; no address says whom he looks for."""
    return await _respond(request, _found)


async def _found(message: dict[str, Any], holder: Holder, context: UserContext) -> dict[str, Any]:
    location = context.locations.resolve(holder.location)
    return await asyncio.to_thread(search, context, location, message.get("q"))


async def health(request: Request) -> Response:
    """Respond to `/health`: 200 while this process serves, with the state of its feed and of the event server."""
    return JSONResponse(_told_to(request, _health(AppContext.current())))


async def ready(request: Request) -> Response:
    """Respond to `/health/ready` as to `/health`, with 503 where there is no event server to show figures of."""
    body = _health(AppContext.current())
    told = _told_to(request, body)
    return JSONResponse(told) if body["ready"] else JSONResponse(told, 503, {"Retry-After": "5"})


def _told_to(request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Return what is told of it: to who is not logged in whether it is well, and no more."""
    if AppContext.current().access.user_of(request.cookies):
        return body
    return {name: body[name] for name in ("service", "status", "ready")}


async def prometheus(request: Request) -> Response:
    """Respond to `/metrics` with what this dashboard counts; without a login the gate let in who is at this machine."""
    context = AppContext.current()
    try:
        if isinstance(context.access, SessionAccess):
            await context.metrics_readers.admit(request.headers.get("authorization", ""))
    except RequestRefused as refusal:
        return JSONResponse(refusal.as_json(), refusal.status, {**(refusal.headers or {}), **NOT_KEPT})
    parts = {name: part["state"] for name, part in _health(context)["parts"].items()}
    telemetry = context.telemetry
    telemetry.set_now(context.broadcaster.tabs, context.locations.states(), MOST_FEEDS, parts)
    return Response(generate_latest(telemetry.registry), 200, NOT_KEPT, CONTENT_TYPE_LATEST)


def _health(context: AppContext) -> dict[str, Any]:
    home, server = context.locations.home_feed(), context.server_health.newest
    status = home.status if home else None
    feed = shown_state(status) if status else UNUSED
    detail = status.detail if status else "nobody looks"
    polls_by_setting = feed == "polling" and not context.endpoint.websocket
    feed_part: dict[str, Any] = {
        "state": "ok" if polls_by_setting else FEED_STATES[feed],
        "why": None if feed == "live" else detail or feed,
    }
    server_part: dict[str, Any] = (
        {"state": "failed", "why": "it does not answer"}
        if server is None
        else {"state": server.get("status", "ok"), "why": context.server_health.notice}
    )
    parts = dict(zip(PARTS, (feed_part, server_part), strict=True))
    states = {part["state"] for part in parts.values()}
    is_ready = server is not None and feed in SHOWING
    return {
        "service": "jorge-dashboard",
        "version": __version__,
        "status": ("ok" if states == {"ok"} else "degraded") if is_ready else "failed",
        "ready": is_ready,
        "parts": parts,
        "feed": feed,
        "detail": detail,
    }


async def failed(request: Request, error: Exception) -> Response:
    """Respond where something failed that nobody thought of: by a sentence and an id, by which the log has the rest."""
    incident = new_id()
    _log.error("incident %s: %s %s", incident, request.method, request.url.path[:80], exc_info=error)
    response: Response
    if "text/html" in request.headers.get("accept", ""):
        text = ["Load the page again. If it fails again, tell whoever runs this."]
        response = page("Something failed here", text=text, note=f"The log names it by {incident}.", status=500)
    else:
        detail = f"something failed here; the log of the dashboard names it by {incident}"
        response = JSONResponse({"error": {"code": "internal", "detail": detail}}, 500)
    add_security_headers(response.headers)  # no middleware stands before this answer
    return response
