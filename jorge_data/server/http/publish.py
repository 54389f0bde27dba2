"""The routes of publishing: events in, and which of them were refused and why."""

from typing import Any

from fastapi import APIRouter, Request, Response

from jorge_data.errors import EventRefused, Invalid
from jorge_data.events.encoding import show
from jorge_data.events.schema import json_schema
from jorge_data.events.validation import MAX_EVENTS
from jorge_data.permissions import Right
from jorge_data.server.auth.claims import DEFAULT_LOCATION
from jorge_data.server.http.dependencies import (
    BEARER,
    JSON,
    ClaimsDependency,
    ContextDependency,
    DirectRoute,
    context_of,
    read_body,
)
from jorge_data.server.http.responses import ORJSONResponse
from jorge_data.server.ingest.content import content_of
from jorge_data.server.ingest.publish import as_json, publish_events
from jorge_data.server.requests import read_limit

router = APIRouter()


def _request_body() -> dict[str, Any]:
    """Return the request body of a publish for OpenAPI: one event of the contract, or a list of them."""
    schema = json_schema()
    content = {"schema": {"oneOf": [schema, {"type": "array", "items": schema, "minItems": 1, "maxItems": MAX_EVENTS}]}}
    kinds = (JSON, "application/cloudevents+json", "application/cloudevents-batch+json")
    described = (
        "With `ce-*` headers, CloudEvents' binary mode, the body is the event's data. It may be compressed by gzip."
    )
    body = {"required": True, "description": described, "content": dict.fromkeys(kinds, content)}
    together = {
        "name": "together",
        "in": "query",
        "schema": {"type": "boolean", "default": False},
        "description": "Whether the events, of one location, stand together or not at all.",
    }
    loaded = {
        "name": "loaded",
        "in": "query",
        "schema": {"type": "number", "minimum": 0, "maximum": 1},
        "description": "Of who brings in a past: how much of it is told with these events. Pages of `location` say so.",
    }
    location = {"name": "location", "in": "query", "schema": {"type": "string"}, "description": "Of `loaded` alone."}
    parameters = [together, loaded, location]
    return {"requestBody": body, "parameters": parameters, "security": [{BEARER.scheme_name: []}]}


REFUSALS: dict[int | str, dict[str, Any]] = {
    207: {"description": "Some events were kept, some refused: each answer says which.", "content": {JSON: {}}},
    401: {"description": "No token, or one that is not valid."},
    403: {"description": "The token may not publish, or not there."},
    413: {"description": "More than 500 events or 1 MiB."},
    415: {"description": "A Content-Encoding other than gzip, or a format of CloudEvents other than JSON."},
    422: {"description": "No event was kept: each field that is wrong, what stood there, what is allowed."},
    429: {"description": "Too many events a second: `Retry-After` says when."},
    503: {"description": "Nothing was acknowledged: try again with the same ids."},
}


async def publish(request: Request) -> Response:
    """Keep events: 200 with where each stands, 207 where some were refused, 422 where all were."""
    context = await context_of(request)
    claims = context.authenticator.authenticate(request, anonymous_reading=False)
    claims.require(Right.PUBLISH)  # before the body is read
    content = content_of(request.scope["headers"], await read_body(request))
    loaded = _loaded(request)
    filled = None if loaded is None else claims.require_at(Right.PUBLISH, request.query_params.get("location"))
    results = await publish_events(content, claims, context.ingest, _is_together(request))
    if loaded is not None and filled is not None:
        context.handle(filled).figures.note_loaded(loaded)
    context.refused_callers.refuse_events(claims, "POST /events", results)
    body: dict[str, Any] = {"results": [as_json(result) for result in results]}
    refused = [(index, result) for index, result in enumerate(results) if isinstance(result, EventRefused)]
    if len(refused) < len(results):
        return ORJSONResponse(body, 207 if refused else 200)
    # Where all were refused, the body has the one shape of every refusal as well.
    faults = [
        fault.as_json(f"/{index}" if len(results) > 1 else "") for index, result in refused for fault in result.faults
    ]
    body["error"] = {"code": "invalid_event", "detail": "no event was accepted", "faults": faults}
    return ORJSONResponse(body, 422)


def _is_together(request: Request) -> bool:
    """Return what the query says of `together`; raise Invalid where that is neither true nor false."""
    if not request.scope["query_string"]:
        return False
    match request.query_params.get("together", "false"):
        case "true":
            return True
        case "false":
            return False
        case other:
            raise Invalid(f"together is {show(other)}: allowed are true and false")


def _loaded(request: Request) -> float | None:
    """Return what the query says of `loaded`; raise Invalid where that is no share."""
    if not request.scope["query_string"] or (written := request.query_params.get("loaded")) is None:
        return None
    try:
        share = float(written)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise Invalid(f"loaded is {show(written)}: allowed is a number from 0 to 1")
    return share


router.add_api_route(
    "/events",
    publish,
    methods=["POST"],
    summary="Publish one event or up to 500",
    openapi_extra=_request_body(),
    responses=REFUSALS,
    route_class_override=DirectRoute,
)
(ROUTE,) = router.routes
"""The route of publishing, as it is described; `app.py` answers it past the framework's layers."""


@router.options(
    "/events",
    summary="What may be done here, as CloudEvents' senders ask before they send",
    status_code=200,
    response_class=Response,
)
async def options(request: Request, context: ContextDependency) -> Response:
    """Answer with `Allow`; to a sender that names its origin, that it may send, and how much a minute.

    This is the validation of CloudEvents' web hooks. It opens nothing: each publish needs its token.
    """
    headers = {"Allow": "GET, POST, OPTIONS"}
    if (origin := request.headers.get("webhook-request-origin")) is not None:
        headers["WebHook-Allowed-Origin"] = origin
        headers["WebHook-Allowed-Rate"] = str(int(60 * context.ingest.rates.rate))
    return Response(headers=headers)


@router.get("/api/refusals", summary="What was refused, and why")
async def list_refusals(
    context: ContextDependency, claims: ClaimsDependency, location: str | None = None, limit: str | None = None
) -> Response:
    """Answer with a location's newest refusals, newest first, how many there were since when, and how many gave way.

    What names no sound single location is among those of `default`, for a token that is bound to none.
    """
    name = claims.require_at(Right.REFUSALS, location)
    refusals = context.ingest.refusals
    unplaced = name == DEFAULT_LOCATION and claims.location is None
    total, dropped = refusals.counts(name, unplaced)
    rows = [refusal.as_json() for refusal in refusals.newest(name, read_limit(limit, 100), unplaced)]
    if rows:
        await context.opened_transcripts.record_all(claims, name, "refusals")
    return ORJSONResponse({"refusals": rows, "total": total, "dropped": dropped, "since": refusals.since})
