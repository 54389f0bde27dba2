"""The routes of the vendors' webhooks, and of the deliveries that came by them."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, NamedTuple, get_args

from fastapi import APIRouter, Query, Request, Response

from jorge_data.errors import Invalid, RequestRefused, TooMany
from jorge_data.events.encoding import show
from jorge_data.permissions import Right
from jorge_data.server.http.dependencies import (
    JSON,
    ClaimsDependency,
    ContextDependency,
    DirectRoute,
    context_of,
    read_body,
)
from jorge_data.server.http.responses import ORJSONResponse
from jorge_data.server.requests import read_limit
from jorge_data.server.webhook.delivery_receiver import RETRY_AFTER_S
from jorge_data.store import InboxDelivery, State

router = APIRouter()

STATES = r"^(({0})(,({0}))*)?$".format("|".join(get_args(State)))
"""How states are given: one, or several with commas."""

READ_WITHIN_S = 10.0
"""A body takes milliseconds; one that takes longer holds a slot that others need."""


class WebhookRoute(NamedTuple):
    """One vendor's address: what it is, and what it wants, in words."""

    vendor: str
    summary: str
    wants: str


ROUTES = {
    "/webhooks/ghl": WebhookRoute(
        "ghl",
        "GoHighLevel's webhooks, signed by the platform",
        "a POST of JSON that GoHighLevel signed (X-GHL-Signature), with type and what that type has",
    ),
    "/webhooks/ghl/workflow": WebhookRoute(
        "ghl-workflow",
        "GoHighLevel's workflow webhooks, with a shared secret",
        "a POST of JSON or a form with the secret in X-Jorge-Webhook-Secret, and contact_id beside what happened",
    ),
    "/webhooks/retell": WebhookRoute(
        "retell",
        "Retell's webhooks, signed with the API key",
        'a POST of JSON that Retell signed (X-Retell-Signature): {"event": text, "call": object}',
    ),
}
"""With and without a slash at the end, for a redirect would turn a POST into a GET."""

REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"description": "The signature or the secret is missing or wrong."},
    403: {"description": "The route is off, or does not take what is of this location: its setting says."},
    413: {"description": "More than 1 MiB."},
    429: {"description": "Not kept: `Retry-After` says when to come back."},
}


DELIVERY = {"requestBody": {"description": "What the vendor sends, as it sends it.", "content": {JSON: {}}}}


def _receive_from(vendor: str) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    async def receive(request: Request) -> Response:
        """Keep a delivery: 200 once it is on disk, whatever is in it, also for a repeat; it is translated afterwards.

        `detail` says why one will not be told that cannot be read: it is kept, and can be translated again.
        """
        receiver = (await context_of(request)).deliveries
        try:
            with receiver.slot():
                filed = await receiver.receive(vendor, request.headers, await _read_in_time(request))
        except RequestRefused as refused:
            receiver.count_refusal(vendor, refused)
            raise
        detail = {} if filed.unread is None else {"detail": f"kept, but not understood: {filed.unread}"}
        return ORJSONResponse({"duplicate": filed.repeated, **detail})

    return receive


async def _read_in_time(request: Request) -> bytes:
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            return await read_body(request)
    except TimeoutError:
        raise TooMany(f"the body did not come within {READ_WITHIN_S:g} s", None, RETRY_AFTER_S) from None


def _describe(route: WebhookRoute) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    async def describe(request: Request) -> Response:
        """Say what this address is and wants: balancers, browsers and senders look here first.

        A sender that asks by the rules of CloudEvents whether it may (`WebHook-Request-Origin`) is told that it may.
        """
        headers = {"Allow": "GET, HEAD, OPTIONS, POST"}
        if origin := request.headers.get("webhook-request-origin"):
            headers |= {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"}
        return ORJSONResponse({"route": route.summary, "wants": route.wants}, headers=headers)

    return describe


for path, route in ROUTES.items():
    for address in (path, f"{path}/"):
        router.add_api_route(
            address,
            _receive_from(route.vendor),
            methods=["POST"],
            summary=route.summary,
            responses=REFUSALS,
            openapi_extra=DELIVERY,
            name=route.vendor,
            include_in_schema=address == path,
            route_class_override=DirectRoute,
        )
        for method in ("GET", "HEAD", "OPTIONS"):
            router.add_api_route(
                address,
                _describe(route),
                methods=[method],
                summary=f"What this address wants: {route.summary}",
                include_in_schema=address == path and method == "GET",
                route_class_override=DirectRoute,
            )


@router.get("/api/deliveries", summary="What vendors sent, and what became of it")
async def list_deliveries(
    context: ContextDependency,
    claims: ClaimsDependency,
    location: str | None = None,
    state: Annotated[str | None, Query(json_schema_extra={"pattern": STATES})] = None,
    limit: str | None = None,
) -> Response:
    """Answer with a location's newest deliveries, in one state or several (with commas), and how many there are.

    Whoever may see contacts also gets why one is not told, and of it 16 KiB of the body.
    """
    name, inbox = claims.require_at(Right.DELIVERIES, location), context.deliveries.inbox
    newest = await asyncio.to_thread(inbox.newest, name, _states(state), read_limit(limit, 100))
    counts = await asyncio.to_thread(inbox.tallies, name)
    may_see_bodies = claims.may(Right.DELIVERY_BODIES)
    rows = [_row(filed) | (_failure(filed) if may_see_bodies else {}) for filed in newest]
    if may_see_bodies and newest:
        await context.opened_transcripts.record_all(claims, name, "deliveries")
    return ORJSONResponse({"deliveries": rows, "counts": [count._asdict() for count in counts]})


@router.post("/api/deliveries/retranslate", summary="Translate again what failed or was ignored")
async def retranslate(context: ContextDependency, claims: ClaimsDependency, location: str | None = None) -> Response:
    """Have what failed or was ignored, of a location or of all that the token may read, translated again."""
    name = claims.require_at(Right.RETRANSLATE, location)
    reopened = name if location or claims.location else None
    await context.token_service.record(claims, "deliveries.retranslate", reopened or "every location", reopened)
    return ORJSONResponse({"reopened": await context.deliveries.reopen(reopened)})


def _states(text: str | None) -> list[State]:
    states: tuple[State, ...] = get_args(State)
    given = [word.strip() for word in text.split(",")] if text else []
    if not set(given) <= set(states):
        raise Invalid(f"state is {show(text)}: allowed are {', '.join(states)}, several with commas")
    return [state for state in states if state in given]


def _row(filed: InboxDelivery) -> dict[str, Any]:
    delivery = filed.delivery
    return {
        "id": filed.id,
        "vendor": delivery.vendor,
        "key": delivery.key,
        "type": delivery.type,
        "received_at": delivery.received_at,
        "state": filed.state,
        "events": filed.events,
    }


def _failure(filed: InboxDelivery) -> dict[str, Any]:
    """Return why a delivery is not told, and its body: both may name a contact."""
    body = {"body": filed.delivery.body.decode()} if filed.state in ("failed", "ignored") else {}
    return {"error": filed.error, **body}
