"""The routes of locations: which logs there are, and the removal of one."""

from fastapi import APIRouter, Response

from jorge_data.permissions import Right
from jorge_data.server.http.dependencies import ClaimsDependency, ContextDependency
from jorge_data.server.http.responses import ORJSONResponse

router = APIRouter()


@router.get("/api/locations", summary="The logs that the token may read")
async def list_locations(context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with each location's epoch, oldest and newest position."""
    claims.require(Right.READ)
    offices = [log._asdict() for log in context.offices() if claims.location in (None, log.location)]
    return ORJSONResponse({"locations": offices})


@router.delete("/api/locations/{location}", summary="Remove a location without a trace", status_code=204)
async def remove_location(context: ContextDependency, claims: ClaimsDependency, location: str) -> Response:
    """Remove every event of a location; what comes next there begins a new epoch."""
    location = claims.require_at(Right.REMOVE_OFFICE, location)
    was = {"events": context.store.bounds(location).top}
    await context.token_service.record(claims, "location.remove", location, location, before=was)
    await context.drop(location)
    return Response(status_code=204)
