"""Responses: JSON by orjson, lines of JSON as they come, and one shape for every refusal."""

import logging
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from jorge_data.errors import RequestRefused, StoreError, Unavailable
from jorge_data.events import new_id
from jorge_data.events.encoding import show
from jorge_data.server.auth.authenticator import noted_claims
from jorge_data.server.context import ServerContext

logger = logging.getLogger(__name__)

CODES = {404: "not_found", 405: "method_not_allowed", 426: "upgrade_required"}


class ORJSONResponse(Response):
    """JSON, with moments as the contract writes them."""

    media_type = "application/json"

    def __init__(self, content: Any, status_code: int = 200, headers: dict[str, str] | None = None) -> None:
        super().__init__(orjson.dumps(content, option=orjson.OPT_UTC_Z), status_code, headers)


class NDJSONResponse(StreamingResponse):
    """Lines of JSON, each written as soon as there is one."""

    media_type = "application/x-ndjson"

    def __init__(self, lines: AsyncIterable[Any]) -> None:
        super().__init__(_encoded(lines), headers={"Cache-Control": "no-store"})


async def _encoded(lines: AsyncIterable[Any]) -> AsyncIterator[bytes]:
    async for line in lines:
        yield orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def refuse_alike(app: FastAPI) -> None:
    """Give every refusal of an app the one JSON shape, and never a traceback."""
    for kind, answer in _REFUSALS.items():
        app.add_exception_handler(kind, answer)
    app.add_exception_handler(Exception, _unexpected)


async def answer_directly(
    endpoint: Callable[[Request], Awaitable[Response]], scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer a request by an endpoint, past the framework's layers, with the refusals that `refuse_alike` gives."""
    request = Request(scope, receive, send)
    try:
        response = await endpoint(request)
    except tuple(_REFUSALS) as refused:
        answer = next(each for kind, each in _REFUSALS.items() if isinstance(refused, kind))
        response = await answer(request, refused)
    except Exception as error:
        await (await _unexpected(request, error))(scope, receive, send)
        raise
    await response(scope, receive, send)


async def _refused(request: Request, error: Exception) -> Response:
    if isinstance(error, RequestRefused):
        refused = error
    else:
        refused = Unavailable(str(error), retry_after_s=2)
        logger.warning("%s %s could not be answered: %s", request.method, _route_of(request), error)
    context: ServerContext = request.app.state.context
    context.telemetry.requests_refused.labels(refused.code).inc()
    context.refused_callers.refuse(noted_claims(request), f"{request.method} {_route_of(request)}", refused)
    return ORJSONResponse(refused.as_json(), refused.status, refused.headers)


async def refuse_handshake(websocket: WebSocket, refused: RequestRefused) -> None:
    """Answer a websocket's handshake with a refusal of the one shape, before it is accepted."""
    websocket.app.state.context.telemetry.requests_refused.labels(refused.code).inc()
    await websocket.send_denial_response(ORJSONResponse(refused.as_json(), refused.status, refused.headers))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = CODES.get(error.status_code, "refused")
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_methods_at(request.app.routes, request.scope)))
    detail = f"{request.method} {request.url.path}: {error.detail}"
    return ORJSONResponse({"error": {"code": code, "detail": detail}}, error.status_code, headers)


def _methods_at(routes: Iterable[BaseRoute], scope: Scope) -> set[str]:
    """Return the methods of every route of a path; the framework names those of the first alone."""
    methods = set[str]()
    for route in routes:
        if included := getattr(route, "original_router", None):
            methods |= _methods_at(included.routes, scope)
        elif scope["type"] == "http" and route.matches(scope)[0] != Match.NONE:
            methods |= set(getattr(route, "methods", None) or ())
    return methods


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [
        {"pointer": "/" + "/".join(map(str, f["loc"])), "value": show(f.get("input")), "detail": f["msg"]}
        for f in error.errors()
    ]
    return ORJSONResponse({"error": {"code": "invalid", "detail": "the request is not valid", "faults": faults}}, 422)


async def _disconnected(request: Request, error: Exception) -> Response:
    """Count a client that left before its whole request had come; nobody reads this response, and nothing is wrong."""
    request.app.state.context.telemetry.requests_refused.labels("left").inc()
    return Response(status_code=400)


async def _unexpected(request: Request, error: Exception) -> Response:
    incident = new_id()
    logger.error("incident %s: %s %s", incident, request.method, _route_of(request), exc_info=error)
    detail = f"something went wrong here; the log names it by {incident}"
    return ORJSONResponse({"error": {"code": "internal", "detail": detail}}, 500)


_REFUSALS: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    RequestRefused: _refused,
    StoreError: _refused,
    HTTPException: _http,
    RequestValidationError: _validation,
    ClientDisconnect: _disconnected,
}
"""What answers an error that is no fault of ours; none of these is a kind of another."""


def _route_of(request: Request) -> str:
    """Return the path of a request's route, without what stands in it: a contact's id may be its number."""
    return str(getattr(request.scope.get("route"), "path", "a path that has no route"))
