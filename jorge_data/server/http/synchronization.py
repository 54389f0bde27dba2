"""The route of the synchronization: begin one, and follow how far it is."""

from collections.abc import AsyncIterator

from fastapi import APIRouter, Response

from jorge_data.errors import Forbidden, Invalid
from jorge_data.events.encoding import show
from jorge_data.permissions import Right
from jorge_data.server.ghl_sync.synchronization import Synchronization
from jorge_data.server.http.dependencies import ClaimsDependency, ContextDependency
from jorge_data.server.http.responses import NDJSONResponse
from jorge_data.vendors.gohighlevel import SOURCE

router = APIRouter()


@router.post(
    "/api/sync/ghl", summary="Synchronize with GoHighLevel now", status_code=200, response_class=NDJSONResponse
)
async def synchronize(context: ContextDependency, claims: ClaimsDependency, location: str | None = None) -> Response:
    """Begin, or join what is under way; stream a line of JSON for each page, the last of them with `ended`.

    `location` can be that of the synchronization alone.
    """
    claims.require(Right.SYNCHRONIZE)
    if context.synchronization is None:
        raise Forbidden("the synchronization is off: set JORGE_GHL_TOKEN and JORGE_GHL_LOCATION")
    claims.require_publish_as(SOURCE, context.synchronization.location)
    if location not in (None, context.synchronization.location):
        raise Invalid(f"location is {show(location)}: allowed is {context.synchronization.location}")
    await context.token_service.record(claims, "crm.synchronize", SOURCE, context.synchronization.location)
    context.synchronization.start()
    return NDJSONResponse(_reports(context.synchronization))


async def _reports(synchronization: Synchronization) -> AsyncIterator[dict[str, object]]:
    async for report in synchronization.follow():
        yield report.as_json()
