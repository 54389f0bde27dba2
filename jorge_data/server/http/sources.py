"""Sources: the ways in beside a publish, which of them are on, and what has come by each."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from fastapi import APIRouter, Response

from jorge_data.server.http.events import ClaimsDependency, ContextDependency
from jorge_data.server.http.responses import ORJSONAnswer
from jorge_data.server.source_settings import SourceSetting
from jorge_data.server.telemetry import Telemetry
from jorge_data.store import DeliveryCounts

sources = APIRouter()

REDIS = "redis"
REDIS_WAYS = ("stream", "channel")


class SourceStatus(NamedTuple):
    """A way in, how much has come by it, and when the newest came."""

    name: str
    on: bool
    setting: str
    path: str | None
    received: int
    last_received: datetime | None


@sources.get("/api/sources", summary="What comes in from other systems")
async def list_sources(context: ContextDependency, claims: ClaimsDependency, location: str | None = None) -> Response:
    """Answer with each way in, whether it is on, the setting that switches it, and what has come by it.

    Deliveries are counted of the location, or of all that the token may read, while they are kept; what came from
    Redis since the start.
    """
    named = claims.require_read(location)
    wanted = named if location or claims.location else None
    tallies = await asyncio.to_thread(context.deliveries.inbox.tallies, wanted)
    found = [_source(way, tallies, context.telemetry) for way in context.enabled_sources]
    return ORJSONAnswer({"sources": [each._asdict() for each in found]})


def _source(way: SourceSetting, tallies: Iterable[DeliveryCounts], telemetry: Telemetry) -> SourceStatus:
    if way.name == REDIS:
        received, last = _from_redis(telemetry)
    else:
        own = [tally for tally in tallies if tally.vendor == way.name]
        received = sum(tally.deliveries for tally in own)
        last = max((tally.newest for tally in own), default=None)
    return SourceStatus(*way, received, last)


def _from_redis(telemetry: Telemetry) -> tuple[int, datetime | None]:
    received = sum(_samples(telemetry, "jorge_redis_received_total"))
    last = max(_samples(telemetry, "jorge_redis_received_timestamp_seconds"), default=0.0)
    return int(received), datetime.fromtimestamp(last, UTC) if last else None


def _samples(telemetry: Telemetry, name: str) -> Iterator[float]:
    for way in REDIS_WAYS:
        value = telemetry.registry.get_sample_value(name, {"way": way})
        if value is not None:
            yield value
