"""The routes of administration: tokens."""

import re

from fastapi import APIRouter, Request, Response

from jorge_data.errors import Invalid
from jorge_data.events.encoding import show
from jorge_data.permissions import Right
from jorge_data.server.auth.token_service import TokenRequest
from jorge_data.server.http.dependencies import (
    NOT_CACHED,
    ClaimsDependency,
    ContextDependency,
    described,
    read_model,
)
from jorge_data.server.http.responses import ORJSONResponse
from jorge_data.server.requests import read_limit

router = APIRouter()

JTI = re.compile(r"[!-~]{1,128}")


@router.post("/api/tokens", summary="Make a token", status_code=201, openapi_extra=described(TokenRequest))
async def make_token(request: Request, context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with a new token, this once: it is stored nowhere, and cannot be had again."""
    asked = await read_model(request, TokenRequest)
    claims.require(Right.TOKENS)
    await context.user_service.require_free(asked.subject, asked.role, claims)
    token, credential = await context.token_service.make(asked, claims)
    return ORJSONResponse({"token": token, **credential.as_json()}, 201, NOT_CACHED)


@router.get("/api/tokens", summary="The tokens that were made or revoked here")
async def list_tokens(context: ContextDependency, claims: ClaimsDependency, limit: str | None = None) -> Response:
    """Answer with the record of each, newest first: never with a token."""
    newest = await context.token_service.newest(claims, read_limit(limit, 100))
    return ORJSONResponse({"tokens": [each.as_json() for each in newest]}, headers=NOT_CACHED)


@router.delete("/api/tokens/{jti:path}", summary="Revoke a token", status_code=204)
async def revoke_token(context: ContextDependency, claims: ClaimsDependency, jti: str) -> Response:
    """Refuse a token from now on, and end every connection that was opened with it; its id is its `jti`."""
    if not JTI.fullmatch(jti):
        raise Invalid(f"jti is {show(jti)}: allowed are 1–128 printable characters of ASCII")
    await context.token_service.revoke(jti, claims)
    return Response(status_code=204)
