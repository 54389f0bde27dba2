"""The route of the sources beside a publish: which of them are on, what each has brought, and what was refused."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Response

from jorge_data.permissions import Right
from jorge_data.server.http.dependencies import ClaimsDependency, ContextDependency
from jorge_data.server.http.responses import ORJSONResponse
from jorge_data.server.source_settings import SourceSetting
from jorge_data.server.telemetry import Telemetry
from jorge_data.store import DeliveryCounts

router = APIRouter()

REDIS = "redis"
REDIS_READERS = ("stream", "channel")


@router.get("/api/sources", summary="What comes in from other systems")
async def list_sources(context: ContextDependency, claims: ClaimsDependency, location: str | None = None) -> Response:
    """Answer with each source, whether it is on, the setting that switches it, and what has come from it.

    Deliveries are counted of the location, or of all that the token may read, while they are kept; what came from
    Redis since the start. What was refused of deliveries since the start, and why, is of no office, and so for a token
    that is bound to none.
    """
    name = claims.require_at(Right.READ, location)
    counted = name if location or claims.location else None
    counts = await asyncio.to_thread(context.deliveries.inbox.tallies, counted)
    refused = context.deliveries.refused if claims.location is None and claims.may(Right.DELIVERIES) else None
    rows = [
        _status(source, counts, context.telemetry) | {"refused": refused.of(source.name) if refused else []}
        for source in context.sources
    ]
    return ORJSONResponse({"sources": rows})


def _status(source: SourceSetting, counts: Iterable[DeliveryCounts], telemetry: Telemetry) -> dict[str, Any]:
    if source.name == REDIS:
        received, last = _from_redis(telemetry)
    else:
        own = [count for count in counts if count.vendor == source.name]
        received = sum(count.deliveries for count in own)
        last = max((count.newest for count in own), default=None)
    return {**source._asdict(), "received": received, "last_received": last}


def _from_redis(telemetry: Telemetry) -> tuple[int, datetime | None]:
    received = sum(_samples(telemetry, "jorge_redis_received_total"))
    last = max(_samples(telemetry, "jorge_redis_received_timestamp_seconds"), default=0.0)
    return int(received), datetime.fromtimestamp(last, UTC) if last else None


def _samples(telemetry: Telemetry, name: str) -> Iterator[float]:
    for reader in REDIS_READERS:
        value = telemetry.registry.get_sample_value(name, {"way": reader})
        if value is not None:
            yield value
