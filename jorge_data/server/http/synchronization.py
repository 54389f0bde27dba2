"""Asking for a synchronization, and seeing how far it is."""

from collections.abc import AsyncIterator

import orjson
from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from jorge_data.errors import Forbidden
from jorge_data.permissions import Right
from jorge_data.server.ghl_sync.synchronization import Synchronization
from jorge_data.server.http.events import ClaimsDependency, ContextDependency
from jorge_data.vendors.gohighlevel import SOURCE

synchronizations = APIRouter()

NDJSON = "application/x-ndjson"


@synchronizations.post("/api/sync/ghl", summary="Synchronize with GoHighLevel now")
async def synchronize(context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Begin, or join what is under way; stream a line of JSON for each page, the last of them with `ended`."""
    claims.require(Right.SYNCHRONIZE)
    if context.synchronization is None:
        raise Forbidden("the synchronization is off: set JORGE_GHL_TOKEN and JORGE_GHL_LOCATION")
    claims.require_publish_as(SOURCE, context.synchronization.location)
    context.synchronization.start()
    return StreamingResponse(_lines(context.synchronization), media_type=NDJSON, headers={"Cache-Control": "no-store"})


async def _lines(synchronization: Synchronization) -> AsyncIterator[bytes]:
    async for report in synchronization.follow():
        yield orjson.dumps(report.as_json(), option=orjson.OPT_APPEND_NEWLINE)
