"""The routes by which a dashboard lets people in: log in, the tokens of a session, log out, passwords, links."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from jorge_data.errors import Invalid
from jorge_data.events.validation import LOCATION
from jorge_data.permissions import Right
from jorge_data.server.auth.claims import Claims
from jorge_data.server.context import ServerContext
from jorge_data.server.http.dependencies import NOT_CACHED, ClaimsDependency, ContextDependency, described, read_model
from jorge_data.server.http.responses import ORJSONResponse
from jorge_data.server.users.sessions import OpenSession, SessionService
from jorge_data.store import ProviderAccount, StoredUser

router = APIRouter()

HELD_BACK: dict[int | str, dict[str, Any]] = {429: {"description": "Too many attempts: `Retry-After` says how long."}}
NOT_FIRST: dict[int | str, dict[str, Any]] = {409: {"description": "There is a user: an admin adds others."}}

Secret = Annotated[str, Field(min_length=1, max_length=256)]
Name = Annotated[str, Field(min_length=1, max_length=256)]
Address = Annotated[str, Field(max_length=64)] | None


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class LoginRequest(_Request):
    """Who would come in: by name and password, or by the name that a provider vouches for; `address`: his browser's.

    Of oidc also `issuer` and `subject`, by which the provider knows him whatever his name is.
    """

    name: Name
    password: Secret | None = None
    provider: Literal["oidc", "proxy"] | None = None
    issuer: Annotated[str, Field(min_length=1, max_length=1024)] | None = None
    subject: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    ends_at: AwareDatetime | None = None
    address: Address = None


class SessionRequest(_Request):
    """A session, as the browser holds it."""

    session: Secret


class SessionUse(_Request):
    """A session that a dashboard has open, and whether it was used since it last said so."""

    id: Secret
    used: bool = False


class UseRequest(_Request):
    """The sessions that a dashboard has open."""

    sessions: Annotated[list[SessionUse], Field(max_length=10_000)]


class SessionTokenRequest(SessionRequest):
    """A token of a session's user for a location; null: for all of them."""

    location: Annotated[str, Field(pattern=f"^{LOCATION.pattern}$")] | None = None


class LogoutRequest(SessionRequest):
    """A session that ends; everywhere: every session of its user."""

    everywhere: bool = False


class PasswordRequest(SessionRequest):
    """A password in place of another."""

    old: Secret
    new: Secret


class NewLinkRequest(_Request):
    """A link for the first user of all: nothing is said of it."""


class InvitationRequest(_Request):
    """A password chosen by a link; the first user chooses his name as well."""

    invitation: Secret
    name: Name | None = None
    password: Secret
    address: Address = None


@router.post(
    "/api/sessions", summary="Log in", status_code=201, openapi_extra=described(LoginRequest), responses=HELD_BACK
)
async def begin_session(request: Request, context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with a session and whose it is; who may not come in is not told why."""
    sessions = _sessions(context, claims)
    asked = await read_model(request, LoginRequest, secret=True)
    if (asked.password is None) == (asked.provider is None):
        raise Invalid("password and provider: required is one of the two")
    if len({asked.provider == "oidc", asked.issuer is not None, asked.subject is not None}) > 1:
        raise Invalid("issuer and subject: required are both where provider is oidc, else neither")
    if asked.provider is not None:
        account = ProviderAccount(asked.issuer, asked.subject) if asked.issuer and asked.subject else None
        return _entered(
            await sessions.begin_with_provider(asked.provider, asked.name, asked.address, asked.ends_at, account), 201
        )
    assert asked.password is not None
    return _entered(await sessions.begin_with_password(asked.name, asked.password, asked.address), 201)


@router.post("/api/sessions/current", summary="A session as it is now", openapi_extra=described(SessionRequest))
async def current_session(request: Request, context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with whose it is and what is granted to him now; 401 where it has ended."""
    sessions = _sessions(context, claims)
    return _entered(await sessions.current((await read_model(request, SessionRequest, secret=True)).session))


@router.post("/api/sessions/used", summary="Which sessions have ended", openapi_extra=described(UseRequest))
async def use_sessions(request: Request, context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with those of the sessions that have ended; those that were used last longer."""
    sessions = _sessions(context, claims)
    seen = (await read_model(request, UseRequest, secret=True)).sessions
    return ORJSONResponse({"ended": sessions.note_used((each.id, each.used) for each in seen)}, headers=NOT_CACHED)


@router.post("/api/sessions/token", summary="A person's token", openapi_extra=described(SessionTokenRequest))
async def session_token(request: Request, context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with a token for five minutes, in the role that the user has at the location; 403 where he has none."""
    sessions = _sessions(context, claims)
    asked = await read_model(request, SessionTokenRequest, secret=True)
    made = await sessions.token(asked.session, asked.location)
    # What many look at is asked with the token of one of them, so that this is where each of them is seen.
    person = context.authenticator.verify(made.token, request)
    await context.opened_transcripts.record_all(person, asked.location, "the dashboard")
    return ORJSONResponse(made._asdict(), headers=NOT_CACHED)


@router.post("/api/sessions/end", summary="Log out", status_code=204, openapi_extra=described(LogoutRequest))
async def end_session(request: Request, context: ContextDependency, claims: ClaimsDependency) -> Response:
    """End a session, or every one of its user; its tokens are refused from now on."""
    sessions = _sessions(context, claims)
    asked = await read_model(request, LogoutRequest, secret=True)
    await sessions.end(asked.session, asked.everywhere)
    return Response(status_code=204)


@router.post(
    "/api/sessions/password",
    summary="Change a password",
    status_code=204,
    openapi_extra=described(PasswordRequest),
    responses=HELD_BACK,
)
async def change_password(request: Request, context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Replace the password of a session's user, and end his other sessions."""
    sessions = _sessions(context, claims)
    asked = await read_model(request, PasswordRequest, secret=True)
    await sessions.change_password(asked.session, asked.old, asked.new)
    return Response(status_code=204)


@router.post(
    "/api/invitations/first",
    summary="A link for the first user",
    openapi_extra=described(NewLinkRequest),
    responses=NOT_FIRST,
)
async def invite_first(request: Request, context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with what the link holds, which ends the one before; 409 where there is a user."""
    _sessions(context, claims)
    await read_model(request, NewLinkRequest)
    invited = await context.user_service.invite_first()
    return ORJSONResponse({"invitation": invited.invitation, "ends_at": invited.ends_at}, headers=NOT_CACHED)


@router.post(
    "/api/invitations/use",
    summary="Choose a password by a link",
    status_code=201,
    openapi_extra=described(InvitationRequest),
    responses=HELD_BACK,
)
async def use_invitation(request: Request, context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with a session; a link is for one use, within a day."""
    _sessions(context, claims)
    asked = await read_model(request, InvitationRequest, secret=True)
    used = await context.user_service.use_invitation(asked.invitation, asked.name, asked.password, asked.address)
    return _entered(used, 201)


def _sessions(context: ServerContext, claims: Claims) -> SessionService:
    claims.require_everywhere(Right.SESSIONS)
    return context.user_service.sessions


def _entered(entry: OpenSession, status: int = 200) -> Response:
    return ORJSONResponse(
        {"session": entry.session, **shown_user(entry.user), "ends_at": entry.ends_at}, status, NOT_CACHED
    )


def shown_user(user: StoredUser) -> dict[str, Any]:
    """Return who a user is and what is granted to him, as JSON has it."""
    return {
        "user": user.name,
        "display_name": user.display_name,
        "login": user.login,
        "grants": [grant._asdict() for grant in user.grants],
    }
