"""The route of the dashboard's figures."""

from fastapi import APIRouter, Response

from jorge_data.permissions import Right, visible_figures
from jorge_data.server.http.dependencies import ClaimsDependency, ContextDependency
from jorge_data.server.http.responses import ORJSONResponse

router = APIRouter()


@router.get("/api/dashboard/metrics", summary="The dashboard's figures now")
async def figures(context: ContextDependency, claims: ClaimsDependency, location: str | None = None) -> Response:
    """Answer with the figures as of the newest event; what cannot be computed is null."""
    handle = context.handle(claims.require_at(Right.READ, location))
    current = await handle.figures.current()
    return ORJSONResponse(visible_figures(claims.reader, current.as_json()))
