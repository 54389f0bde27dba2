"""The routes of the live state: the dashboard's figures now, and the state that a dashboard goes on from."""

import orjson
from fastapi import APIRouter, Response

from jorge_data.permissions import Right, visible_figures
from jorge_data.server.http.dependencies import ClaimsDependency, ContextDependency
from jorge_data.server.http.responses import ORJSONResponse

router = APIRouter()


@router.get("/api/dashboard/metrics", summary="The dashboard's figures now")
async def figures(context: ContextDependency, claims: ClaimsDependency, location: str | None = None) -> Response:
    """Answer with the figures as of the newest event; what cannot be computed is null."""
    handle = await context.caught_up(claims.require_at(Right.READ, location))
    return ORJSONResponse(visible_figures(claims.reader, handle.live_state.snapshot()))


@router.get("/api/state", summary="The live state, to go on from")
async def live_state(context: ContextDependency, claims: ClaimsDependency, location: str | None = None) -> Response:
    """Answer with the reduction of the log and its position: a dashboard loads it, then follows from there."""
    name = claims.require_at(Right.READ, location)
    handle = await context.caught_up(name)
    state = orjson.Fragment(handle.live_state.encode(claims.may(Right.SEE_CONTACTS)))
    body = {"location": name, "epoch": handle.tail.epoch, "seq": handle.live_state.position, "state": state}
    return ORJSONResponse(body)
