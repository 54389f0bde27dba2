"""Publishing what came from Redis: however many events came together, each has its result, in order."""

import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jorge_data.errors import EventRefused
from jorge_data.events.validation import MAX_EVENTS
from jorge_data.server.auth.rate_limit import Buckets
from jorge_data.server.ingest.begun_locations import BegunLocations
from jorge_data.server.ingest.publish import Ingest
from jorge_data.server.ingest.refusals import Refusals
from jorge_data.server.redis_source.publish import publish_received
from jorge_data.server.telemetry import Telemetry
from jorge_data.store import SQLiteStore
from tests.served import bot_status


@pytest.mark.anyio
async def test_more_than_one_publish_holds_is_kept_whole_and_in_order(tmp_path: Path) -> None:
    sent = [bot_status(number, locationid="ab"[number % 2]) for number in range(2 * MAX_EVENTS + 100)]
    sent[7]["data"] = {}
    with closing(SQLiteStore(tmp_path / "events.db")) as store:
        rates = Buckets(50_000, "events", time.monotonic)
        begun = BegunLocations(9, lambda _: False)
        ingest = Ingest(store, rates, Telemetry(), 0.06, Refusals(datetime.now(UTC)), begun)
        results = await publish_received(sent, ingest)
        assert [result.id for result in results] == [event["id"] for event in sent]
        assert [n for n, result in enumerate(results) if isinstance(result, EventRefused)] == [7]
        assert [log.top for log in store.logs()] == [MAX_EVENTS + 50, MAX_EVENTS + 49]
