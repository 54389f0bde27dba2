"""The routes of operations: what was refused and why, and how the server itself is."""

import asyncio

from fastapi import APIRouter, Response

from jorge_data.errors import Forbidden
from jorge_data.server.access import WORKERS, Claims
from jorge_data.server.answers import ORJSONAnswer
from jorge_data.server.readings import readings
from jorge_data.server.requests import read_limit
from jorge_data.server.routes import AsClaims, AsNode

operations = APIRouter()


@operations.get("/api/refusals", summary="What was refused, and why")
async def refusals(node: AsNode, claims: AsClaims, location: str | None = None, limit: str | None = None) -> Response:
    """Answer with a location's newest refusals, newest first, how many there were since when, and how many gave way."""
    name = claims.require_read(location)
    _require("/api/refusals", claims, WORKERS)
    kept = node.acceptance.refusals
    total, dropped = kept.counts(name)
    rows = [refusal.as_json() for refusal in kept.newest(name, read_limit(limit, 100))]
    return ORJSONAnswer({"refusals": rows, "total": total, "dropped": dropped, "since": kept.since})


@operations.get("/api/system", summary="How the server itself is")
async def system(node: AsNode, claims: AsClaims) -> Response:
    """Answer with counters since the start and gauges of now; of a duration p50 and p95, null where none was timed."""
    if not claims.reads_as_anonymous:
        _require("/api/system", claims, ("admin", "manager"))
    figures = await asyncio.to_thread(readings, node.telemetry.registry)  # the store's size is asked of the disk
    return ORJSONAnswer({"since": node.acceptance.refusals.since, **figures})


def _require(path: str, claims: Claims, roles: tuple[str, ...]) -> None:
    if claims.role not in roles:
        raise Forbidden(f"the role {claims.role} may not read {path}: allowed are {', '.join(roles)}")
