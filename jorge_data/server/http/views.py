"""The routes of saved views: names for links into the dashboard, each of one person, his own or shared."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi import Path as PathParameter
from pydantic import BaseModel, ConfigDict, Field

from jorge_data.errors import Forbidden, Invalid
from jorge_data.events.encoding import show
from jorge_data.events.numbers import read_whole
from jorge_data.permissions import Right, may_see_page
from jorge_data.server.auth.claims import Claims
from jorge_data.server.auth.token_service import action_of
from jorge_data.server.http.dependencies import (
    NOT_CACHED,
    ClaimsDependency,
    ContextDependency,
    PagePath,
    described,
    read_model,
)
from jorge_data.server.http.responses import ORJSONResponse
from jorge_data.store import SavedView

router = APIRouter()

MOST = 200
"""Views of one owner."""

LARGEST_LINK = 4096
"""Bytes of a link's parameters as JSON."""

OF_NOBODY = frozenset({"location", "range", "from", "to", "compare", "refresh", "paused", "sound"})
"""Parameters that name no contact: a view that has others is not for who may not see contacts."""

Number = Annotated[str, PathParameter(json_schema_extra={"pattern": "^[0-9]{1,18}$"})]
Value = Annotated[str, Field(max_length=1024)]


class ViewToSave(BaseModel):
    """A view: its name, the page by its path, the parameters of its link, and whether others see it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f\s]([^\x00-\x1f\x7f]{0,78}[^\x00-\x1f\x7f\s])?$")]
    page: PagePath
    parameters: Annotated[dict[str, Value | list[Value]], Field(max_length=50)]
    shared: bool = False


@router.get("/api/views", summary="The saved views")
async def list_views(context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with one's own views and the shared ones of one's office, of pages that one may open, by name."""
    claims.require(Right.READ)
    views = await asyncio.to_thread(context.views.visible, claims.subject, claims.location)
    rows = [_row(view, claims) for view in views if _is_visible(view, claims)]
    return ORJSONResponse({"views": rows}, headers=NOT_CACHED)


@router.put("/api/views", summary="Save a view", openapi_extra=described(ViewToSave))
async def save_view(request: Request, context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Save a view under one's own name, in place of one's view of this name; answer with it."""
    claims.require(Right.VIEWS)
    given = await read_model(request, ViewToSave)
    if not may_see_page(claims.role, given.page):
        raise Forbidden(f"the role {claims.role} may not open the page {given.page!r}")
    if (size := len(orjson.dumps(given.parameters))) > LARGEST_LINK:
        raise Invalid(f"parameters have {size} bytes as JSON: allowed are {LARGEST_LINK}")
    now, who = datetime.now(UTC), (claims.subject, given.name, given.page, given.parameters)
    view = SavedView(*who, given.shared, claims.location, now)
    # Not by its name, which is anybody's words: the log is for ever.
    act = action_of(claims, "view.share", given.page, claims.location) if given.shared else None
    number = await asyncio.wrap_future(context.views.save(view, MOST, act))
    if number is None:
        raise Invalid(f"you have {MOST} views already: remove one first")
    return ORJSONResponse({"view": _row(view._replace(id=number), claims)}, headers=NOT_CACHED)


@router.delete("/api/views/{id}", summary="Remove a saved view", status_code=204)
async def remove_view(context: ContextDependency, claims: ClaimsDependency, id: Number) -> Response:
    """Remove one's own view, or as an admin anybody's shared one; it may be gone already."""
    claims.require(Right.VIEWS)
    number = read_whole(id)
    if number is None:
        raise Invalid(f"id is {show(id)}: allowed is the number of a view")
    view = await asyncio.to_thread(context.views.get, number)
    if view is None or not _is_visible(view, claims):
        return Response(status_code=204)  # what one cannot see is not there
    if not _may_remove(view, claims):
        raise Forbidden(f"the view is {view.owner or 'nobody'}'s: its owner and admins remove it")
    act = (
        action_of(claims, "view.remove", view.page, view.location, before={"owner": view.owner})
        if view.shared
        else None
    )
    await asyncio.wrap_future(context.views.remove(number, act))
    return Response(status_code=204)


def _is_visible(view: SavedView, claims: Claims) -> bool:
    if view.owner != claims.subject:
        if not view.shared or claims.location not in (None, view.location or claims.location):
            return False
        sees_all = claims.may(Right.SEE_CONTACTS) and claims.rights.agent_id is None
        if not sees_all and not OF_NOBODY.issuperset(_base(name) for name in view.parameters):
            return False
    return may_see_page(claims.reader, view.page) or claims.reader == "anonymous"


def _base(name: str) -> str:
    """Return a parameter's name without the page that it is for: `range_ml` is `range`."""
    return name.partition("_")[0]


def _may_remove(view: SavedView, claims: Claims) -> bool:
    if view.owner == claims.subject:
        return True
    return claims.role == "admin" and claims.location in (None, view.location)


def _row(view: SavedView, claims: Claims) -> dict[str, Any]:
    return {**view._asdict(), "own": view.owner == claims.subject, "removable": _may_remove(view, claims)}
