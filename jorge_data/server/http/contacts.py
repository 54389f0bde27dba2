"""The routes of one person's data: its card, all that is known of a contact in one file, and its erasure."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import IO, Any

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from jorge_data.errors import Invalid, NotFound
from jorge_data.events import Event, decode
from jorge_data.events.timestamps import micros
from jorge_data.metrics.colleagues import Colleague, Colleagues, ids_told
from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.wall.contact_card import contact_card, people_of
from jorge_data.permissions import Right
from jorge_data.server.auth.audited_acts import contact_in_audit
from jorge_data.server.http.dependencies import ClaimsDependency, ContextDependency
from jorge_data.server.http.responses import NDJSONResponse, ORJSONResponse
from jorge_data.server.log.assignments import visible_records
from jorge_data.server.privacy.erasing import ErasureProgress
from jorge_data.server.query.service import run_query
from jorge_data.store import LogView, Store

router = APIRouter()

MOST_READ = 500
"""Newest events of a contact in which is looked for what it told us."""

PROGRESS_EVERY_S = 0.5
MOST_ID = 128
PIECE = 256 << 10
"""Bytes of an export that are read at once while it is served."""

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
    await context.token_service.record(
        claims, "contact.erase", contact_in_audit(name, contact, context.store.digest), name
    )
    progress = await context.erasing.erase(name, contact, claims.subject)
    return NDJSONResponse(_lines(progress))


async def _lines(progress: ErasureProgress) -> AsyncIterator[dict[str, Any]]:
    while not (progress.done or progress.failure):
        yield progress.as_json()
        await asyncio.sleep(PROGRESS_EVERY_S)
    yield progress.as_json()


@router.get(
    "/api/contacts/{contact:path}/card", summary="How a contact is reached, and what is open with it", responses=UNKNOWN
)
async def card(
    context: ContextDependency, claims: ClaimsDependency, contact: str, location: str | None = None
) -> Response:
    """Answer with a contact's card; of another agent's contact, as of one of whom nothing is known."""
    name, agent = claims.require_at(Right.TIMELINE, location), claims.rights.agent_id
    _check(contact)
    people = await asyncio.to_thread(context.user_service.people_at(name).all)
    read = partial(_read_contact, contact=contact, agent=agent, people=people)
    found = await run_query(context.rollup_worker, context.store, name, read)
    if found is None:
        raise NotFound("nothing is known here of the contact that the address names")
    await context.opened_transcripts.record(claims, name, contact)
    known, colleagues = found
    events = await asyncio.to_thread(_events, context.store, name, contact, agent)
    shown = contact_card(known, events, context.targets, micros(datetime.now(UTC)), colleagues)
    return ORJSONResponse(shown, headers={"Cache-Control": "no-store"})


def _events(store: Store, location: str, contact: str, agent: str | None) -> list[Event]:
    records = store.timeline(location, contact, None, MOST_READ)
    return [decode(record.wire) for record in visible_records(store, location, records, agent)]


def _read_contact(
    view: LogView, contact: str, agent: str | None, people: Sequence[Colleague]
) -> tuple[Contact, Colleagues] | None:
    """Return a contact as it is now, and who is named on its card.

    None where nothing is known of it, or it is another agent's.
    """
    if agent is not None and view.agents_of([contact]).get(contact, agent) != agent:
        return None
    state = view.entities.states("contact", [contact]).get(contact)
    found = Contact.load(contact, state) if state else None
    if found is None or found.is_deleted or not found.at:
        return None
    return found, Colleagues(people, view.entities.names("agent", ids_told(people_of(found), people)))


@router.get("/api/contacts/{contact:path}/export", summary="All that is known of a contact", responses=UNKNOWN)
async def export(
    context: ContextDependency, claims: ClaimsDependency, contact: str, location: str | None = None
) -> Response:
    """Answer with events, deliveries, copies, deals and acts about one contact, in one JSON object.

    One is made at a time: 429 while another is.
    """
    name = claims.require_at(Right.EXPORT_CONTACT, location)
    _check(contact)
    assert context.erasing is not None
    file = await context.erasing.export(name, contact, datetime.now(UTC))
    await context.token_service.record(
        claims, "contact.export", contact_in_audit(name, contact, context.store.digest), name
    )
    headers = {"Cache-Control": "no-store"}
    return StreamingResponse(_pieces(file), media_type="application/json", headers=headers)


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece


def _check(contact: str) -> None:
    if not 0 < len(contact) <= MOST_ID:
        raise Invalid(f"the contact's id has {len(contact)} characters: allowed are 1–{MOST_ID}")
