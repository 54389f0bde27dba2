"""The route of the dashboard's figures."""

from fastapi import APIRouter, Response

from jorge_data.errors import Invalid
from jorge_data.events.encoding import show
from jorge_data.permissions import Right, visible_figures
from jorge_data.server.http.dependencies import ClaimsDependency, ContextDependency
from jorge_data.server.http.responses import ORJSONResponse

router = APIRouter()


@router.get("/api/dashboard/metrics", summary="The dashboard's figures now")
async def figures(
    context: ContextDependency, claims: ClaimsDependency, location: str | None = None, names: str | None = None
) -> Response:
    """Answer with the figures as of the newest event; what cannot be computed is null.

    `names=true`: with the names of the contacts that the last events are about.
    """
    name = claims.require_at(Right.READ, location)
    handle = context.handle(name)
    if names not in (None, "true", "false"):
        raise Invalid(f"names is {show(names)}: allowed are true and false")
    current = await handle.figures.current(claims.rights.agent_id)
    await context.opened_transcripts.record_all(claims, name, "figures")
    return ORJSONResponse(visible_figures(claims.reader, current.as_json(names == "true")))
