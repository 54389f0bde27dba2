"""The routes of operations: what was refused and why, and how the server itself is."""

import asyncio

from fastapi import APIRouter, Response

from jorge_data.permissions import Right
from jorge_data.server.http.events import ClaimsDependency, ContextDependency
from jorge_data.server.http.responses import ORJSONAnswer
from jorge_data.server.requests import read_limit
from jorge_data.server.telemetry import telemetry_summary

operations = APIRouter()


@operations.get("/api/refusals", summary="What was refused, and why")
async def refusals(
    context: ContextDependency, claims: ClaimsDependency, location: str | None = None, limit: str | None = None
) -> Response:
    """Answer with a location's newest refusals, newest first, how many there were since when, and how many gave way."""
    name = claims.require_at(Right.REFUSALS, location)
    kept = context.ingest.refusals
    total, dropped = kept.counts(name)
    rows = [refusal.as_json() for refusal in kept.newest(name, read_limit(limit, 100))]
    return ORJSONAnswer({"refusals": rows, "total": total, "dropped": dropped, "since": kept.since})


@operations.get("/api/system", summary="How the server itself is")
async def system(context: ContextDependency, claims: ClaimsDependency) -> Response:
    """Answer with counters since the start and gauges of now; of a duration p50 and p95, null where none was timed."""
    claims.require(Right.SYSTEM)
    figures = await asyncio.to_thread(
        telemetry_summary, context.telemetry.registry
    )  # the store's size is asked of the disk
    return ORJSONAnswer({"since": context.ingest.refusals.since, **figures})
