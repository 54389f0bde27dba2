"""The routes of one person's data: all that is known of a contact in one file, and its erasure."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Response

from jorge_data.errors import Invalid
from jorge_data.permissions import Right
from jorge_data.server.auth.audited_acts import contact_in_audit
from jorge_data.server.http.dependencies import ClaimsDependency, ContextDependency
from jorge_data.server.http.responses import NDJSONResponse, ORJSONResponse
from jorge_data.server.privacy.erasing import ErasureProgress

router = APIRouter()

PROGRESS_EVERY_S = 0.5
MOST_ID = 128
UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"description": "Nothing is known of the contact there."}}


@router.post(
    "/api/contacts/{contact:path}/erase",
    summary="Erase what is personal of a contact",
    status_code=200,
    response_class=NDJSONResponse,
    responses=UNKNOWN,
)
async def erase(
    context: ContextDependency, claims: ClaimsDependency, contact: str, location: str | None = None
) -> Response:
    """Erase a contact from everything that is stored; figures stay.

    Streams a line of JSON now and then until it is done, and goes on by itself where nobody listens.
    """
    name = claims.require_at(Right.ERASE, location)
    _check(contact)
    assert context.erasing is not None
    await context.token_service.record(claims, "contact.erase", contact_in_audit(name, contact), name)
    progress = await context.erasing.erase(name, contact, claims.subject)
    return NDJSONResponse(_lines(progress))


async def _lines(progress: ErasureProgress) -> AsyncIterator[dict[str, Any]]:
    while not (progress.done or progress.failure):
        yield progress.as_json()
        await asyncio.sleep(PROGRESS_EVERY_S)
    yield progress.as_json()


@router.get("/api/contacts/{contact:path}/export", summary="All that is known of a contact", responses=UNKNOWN)
async def export(
    context: ContextDependency, claims: ClaimsDependency, contact: str, location: str | None = None
) -> Response:
    """Answer with events, deliveries, copies, deals and acts about one contact, in one JSON object."""
    name = claims.require_at(Right.EXPORT_CONTACT, location)
    _check(contact)
    assert context.erasing is not None
    await context.token_service.record(claims, "contact.export", contact_in_audit(name, contact), name)
    known = await asyncio.to_thread(context.erasing.export, name, contact, datetime.now(UTC))
    return ORJSONResponse(known, headers={"Cache-Control": "no-store"})


def _check(contact: str) -> None:
    if not 0 < len(contact) <= MOST_ID:
        raise Invalid(f"the contact's id has {len(contact)} characters: allowed are 1–{MOST_ID}")
