"""The route of retention: removing at once what is older than the setting says."""

from fastapi import APIRouter, Response

from jorge_data.permissions import Right
from jorge_data.server.http.dependencies import ClaimsDependency, ContextDependency
from jorge_data.server.http.responses import ORJSONResponse

router = APIRouter()


@router.post("/api/retention/run", summary="Remove what is old now")
async def run_retention(context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with what left each log; nothing where JORGE_RETENTION says keep. For admins of all locations."""
    claims.require_everywhere(Right.RETENTION)
    assert context.retention is not None
    assert context.field_retention is not None
    await context.token_service.record(claims, "retention.run", "every location")
    removals = await context.retention.run()
    await context.field_retention.run()
    return ORJSONResponse({"removed": [removal._asdict() for removal in removals]})
