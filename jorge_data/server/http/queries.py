"""The routes of queries over the history, and of the rollups that they read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from jorge_data.errors import Unavailable
from jorge_data.permissions import Right, may_see_field
from jorge_data.server.auth.claims import DEFAULT_LOCATION, Claims
from jorge_data.server.auth.opened_transcripts import WORDS
from jorge_data.server.context import ServerContext
from jorge_data.server.http.dependencies import JSON, ClaimsDependency, ContextDependency
from jorge_data.server.http.responses import NDJSONResponse, ORJSONResponse
from jorge_data.server.query.entity_lists import answer_list
from jorge_data.server.query.query_schema import KINDS_OF_QUERIES, LISTS
from jorge_data.server.query.series_request import AGGREGATIONS, SeriesQuery, read_series
from jorge_data.server.query.service import answer_series, run_query
from jorge_data.server.query.table import answer_table
from jorge_data.server.query.table_request import TableQuery, read_table
from jorge_data.server.query.time_buckets import STEPS
from jorge_data.server.rollup.worker import RollupWorker

router = APIRouter()

ARROW = "application/vnd.apache.arrow.stream"
PROGRESS_EVERY_S = 1.0
OF_ONE_CONTACT = frozenset({"contact_id", "lead_id", "subject"})


@router.get("/api/series", summary="Figures over time", responses={200: {"content": {JSON: {}, ARROW: {}}}})
async def series(
    request: Request,
    context: ContextDependency,
    claims: ClaimsDependency,
    location: str | None = None,
    kind: Annotated[str, Query(description="a kind of event, or of fact of contacts, deals, labels, components")] = "",
    measure: Annotated[str, Query(description="a number or boolean of the kind, or events")] = "events",
    agg: Annotated[str, Query(description=", ".join(AGGREGATIONS))] = "count",
    by: Annotated[str, Query(description="dimensions, or fields of the event, comma-separated")] = "",
    where: Annotated[list[str] | None, Query(description="field:operator:value, repeatable")] = None,
    start: Annotated[str | None, Query(alias="from", description="RFC 3339")] = None,
    end: Annotated[str | None, Query(alias="to", description="RFC 3339, a moment after `from`")] = None,
    step: Annotated[str, Query(description=", ".join(STEPS))] = "all",
    zone: Annotated[str | None, Query(description="an IANA time zone; the office's if none")] = None,
    top: Annotated[str | None, Query(description="only so many parts of the split, the greatest")] = None,
) -> Response:
    """Answer with a value for each step and split; `from` and `to` are RFC 3339, half-open."""
    name = claims.require_at(Right.READ, location)
    if kind in KINDS_OF_QUERIES:
        claims.require_kind(kind)  # before the rest is read: of a hidden kind nothing else matters
    rules = context.rollup_worker.rules
    query = replace(read_series(request.query_params, rules.zone), agent=claims.rights.agent_id)
    claims.require_kind(query.kind, *query.names)
    answer = await run_query(context.rollup_worker, context.store, name, lambda view: answer_series(view, query, rules))
    await _record_words(context, claims, name, query)
    if ARROW in request.headers.get("accept", ""):
        from jorge_data.server.query.arrow import encode  # a library of 80 MB, loaded by the first who asks for it

        return Response(encode(answer), media_type=ARROW)
    return ORJSONResponse(answer.as_json())


@router.get("/api/table", summary="The rows that a figure was made of")
async def table(
    request: Request,
    context: ContextDependency,
    claims: ClaimsDependency,
    location: str | None = None,
    kind: Annotated[str, Query(description="as for a series; or contacts, deals")] = "",
    where: Annotated[list[str] | None, Query(description="field:operator:value, repeatable")] = None,
    start: Annotated[str | None, Query(alias="from", description="RFC 3339")] = None,
    end: Annotated[str | None, Query(alias="to", description="RFC 3339, a moment after `from`")] = None,
    columns: Annotated[str, Query(description="comma-separated; what is usual for the kind if none")] = "",
    order: Annotated[
        str, Query(description="time, -time; of lists at, value, name, of a search match, or with a minus before it")
    ] = "",
    limit: Annotated[str, Query(description="1–1000")] = "100",
    cursor: Annotated[str, Query(description="`next` of the page before")] = "",
    q: Annotated[str, Query(description="of lists: words of name, id or e-mail, or a number")] = "",
) -> Response:
    """Answer with a page of rows; `from` and `to` are RFC 3339, half-open."""
    name = claims.require_at(Right.READ, location)
    if kind in KINDS_OF_QUERIES:
        claims.require_kind(kind)  # before the rest is read: of a hidden kind nothing else matters
    rules = context.rollup_worker.rules
    query = read_table(request.query_params, lambda kind, field: may_see_field(claims.reader, kind, field))
    query = replace(query, agent=claims.rights.agent_id)
    claims.require_kind(query.kind, *query.names)
    answer = answer_list if query.kind in LISTS else answer_table
    page = await run_query(context.rollup_worker, context.store, name, lambda view: answer(view, query, rules))
    await _record_words(context, claims, name, query)
    return ORJSONResponse(page.as_json())


async def _record_words(context: ServerContext, claims: Claims, location: str, query: SeriesQuery | TableQuery) -> None:
    """Have the audit log say whose words are about to be served: one contact's, or those of whoever is in the rows."""
    if WORDS.isdisjoint(query.names):
        return
    for field, operator, values in query.where:
        if field in OF_ONE_CONTACT and operator in ("eq", "in") and len(values) == 1:
            await context.opened_transcripts.record(claims, location, values[0])
            return
    await context.opened_transcripts.record_all(claims, location, "rows")


@router.post(
    "/api/rollups/rebuild",
    summary="Fold a log anew from its oldest event",
    status_code=200,
    response_class=NDJSONResponse,
)
async def rebuild(context: ContextDependency, claims: ClaimsDependency, location: str | None = None) -> Response:
    """Rebuild one location, or all that the token may; stream a line of JSON now and then until it is done."""
    requested = [location] if location else context.locations(claims)
    names = [claims.require_at(Right.REBUILD, name) for name in requested or [DEFAULT_LOCATION]]
    for name in names:
        await context.token_service.record(claims, "rollups.rebuild", name, name)
        await asyncio.to_thread(context.rollup_worker.rebuild, name)
    return NDJSONResponse(_progress(context.rollup_worker, names))


async def _progress(rollup_worker: RollupWorker, names: list[str]) -> AsyncIterator[dict[str, Any]]:
    for name in names:
        behind = True
        while behind:
            with suppress(Unavailable):
                await rollup_worker.all_folded(name, PROGRESS_EVERY_S)
                behind = False
            yield rollup_worker.reached(name)._asdict()
