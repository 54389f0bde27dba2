"""The routes of users, for admins of every location: who may come in, in which role where."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from jorge_data.server.context import ServerContext
from jorge_data.server.http.dependencies import NOT_CACHED, ClaimsDependency, ContextDependency, described, read_model
from jorge_data.server.http.responses import ORJSONResponse
from jorge_data.server.users.users import GrantRequest, Invited, UserRequest
from jorge_data.store import StoredUser

router = APIRouter()

TAKEN: dict[int | str, dict[str, Any]] = {409: {"description": "There is a user of that name."}}
UNKNOWN_OR_NEEDED: dict[int | str, dict[str, Any]] = {
    404: {"description": "There is no user of that name."},
    409: {"description": "The user is as he would be made, or nobody else could change users."},
}


class GrantsRequest(BaseModel):
    """All that is granted to a user from now on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    grants: Annotated[list[GrantRequest], Field(max_length=1000)]


@router.get("/api/users", summary="Who may come in")
async def list_users(context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with every user by name: what is granted to him, and how many sessions he has open."""
    users = await context.user_service.all(claims)
    return ORJSONResponse({"users": [_shown(context, user) for user in users]}, headers=NOT_CACHED)


@router.get("/api/colleagues", summary="To whom a manager may assign")
async def list_colleagues(
    context: ContextDependency, claims: ClaimsDependency, location: str | None = None
) -> Response:
    """Answer with who acts at a location, by name, and as which agent of the CRM."""
    acting = await context.user_service.acting_at(location, claims)
    colleagues = [
        {"name": user.name, "display_name": user.display_name, "agent_id": grant.agent_id} for user, grant in acting
    ]
    return ORJSONResponse({"colleagues": colleagues}, headers=NOT_CACHED)


@router.post("/api/users", summary="Add a user", status_code=201, openapi_extra=described(UserRequest), responses=TAKEN)
async def add_user(request: Request, context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with the user, and with what the link holds by which he chooses a password, this once."""
    return _invited(context, await context.user_service.add(await read_model(request, UserRequest), claims), 201)


@router.put(
    "/api/users/{name:path}/grants",
    summary="What a user may",
    openapi_extra=described(GrantsRequest),
    responses=UNKNOWN_OR_NEEDED,
)
async def set_grants(request: Request, context: ContextDependency, claims: ClaimsDependency, name: str) -> Response:
    """Replace all that is granted to a user; his sessions end."""
    grants = (await read_model(request, GrantsRequest)).grants
    user = await context.user_service.set_grants(name, grants, claims)
    return ORJSONResponse(_shown(context, user), headers=NOT_CACHED)


@router.post("/api/users/{name:path}/disable", summary="Let a user in no more", responses=UNKNOWN_OR_NEEDED)
async def disable_user(context: ContextDependency, claims: ClaimsDependency, name: str) -> Response:
    """End a user's sessions, and let him begin no other."""
    user = await context.user_service.set_disabled(name, True, claims)
    return ORJSONResponse(_shown(context, user), headers=NOT_CACHED)


@router.post("/api/users/{name:path}/enable", summary="Let a user in again", responses=UNKNOWN_OR_NEEDED)
async def enable_user(context: ContextDependency, claims: ClaimsDependency, name: str) -> Response:
    """Let a user who was disabled log in again, by the password that he had."""
    user = await context.user_service.set_disabled(name, False, claims)
    return ORJSONResponse(_shown(context, user), headers=NOT_CACHED)


@router.post("/api/users/{name:path}/reset", summary="Have a user come in anew", responses=UNKNOWN_OR_NEEDED)
async def reset_user(context: ContextDependency, claims: ClaimsDependency, name: str) -> Response:
    """Forget a user's password, or his account of a login provider, and end his sessions.

    The answer has what the link holds by which he chooses another password.
    """
    return _invited(context, await context.user_service.reset(name, claims))


def _invited(context: ServerContext, invited: Invited, status: int = 200) -> Response:
    link = {"invitation": invited.invitation, "invitation_ends_at": invited.ends_at}
    return ORJSONResponse({**_shown(context, invited.user), **link}, status, NOT_CACHED)


def _shown(context: ServerContext, user: StoredUser) -> dict[str, Any]:
    return {
        "name": user.name,
        "display_name": user.display_name,
        "login": user.login,
        "has_password": user.password is not None,
        "issuer": user.issuer,
        "subject": user.subject,
        "added_at": user.added_at,
        "disabled_at": user.disabled_at,
        "grants": [grant._asdict() for grant in user.grants],
        "sessions": len(context.user_service.sessions.open_of(user.id)),
    }
