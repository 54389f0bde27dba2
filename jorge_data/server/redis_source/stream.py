"""The stream: at least once from Redis, once in our log; acknowledged only after our commit."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from redis.asyncio import Redis
from redis.exceptions import RedisError

from jorge_data.errors import EventRefused
from jorge_data.server.ingest.publish import Ingest
from jorge_data.server.redis_source.consumer_group import CLAIM_IDLE_MS, ConsumerGroup, EntryBatch, StreamEntry
from jorge_data.server.redis_source.parse import read_entry
from jorge_data.server.redis_source.publish import publish_received

logger = logging.getLogger(__name__)

Status = Literal["healthy", "degraded", "down"]

DEGRADED_S = 60.0
"""How long after a loss Redis is reported as degraded."""


class RedisHealth:
    """Publishes each change of Redis' health as an event, so that the System page shows it like any component's."""

    def __init__(self, location: str, ingest: Ingest, clock: Callable[[], float]) -> None:
        self._location, self._ingest, self._clock = location, ingest, clock
        self._reported: Status | None = None
        self._degraded_until = clock()
        self.response_ms = 0.0  # of the newest round trip, also while there is none

    async def report_healthy(self) -> None:
        """Report that Redis answers, once, and not until DEGRADED_S after a loss."""
        if self._reported != "healthy" and self._clock() >= self._degraded_until:
            await self._publish("healthy")

    async def report_loss(self, message: str) -> None:
        """Report that entries were lost, each time."""
        self._degraded_until = self._clock() + DEGRADED_S
        await self._publish("degraded", message)

    async def report_down(self, message: str) -> None:
        """Report that Redis does not answer, once."""
        self._degraded_until = self._clock()
        if self._reported != "down":
            await self._publish("down", message)

    async def _publish(self, status: Status, message: str | None = None) -> None:
        self._reported = status
        data = {"component": "redis", "status": status, "response_time_ms": self.response_ms, "error_message": message}
        event = {"type": "system_health_update", "source": "redis", "locationid": self._location, "data": data}
        await publish_received([event], self._ingest)


class StreamReader:
    """Reads one stream as one consumer of our group."""

    name = "stream"

    def __init__(self, stream: str, consumer: str, location: str, ingest: Ingest, clock: Callable[[], float]) -> None:
        self._stream, self._consumer, self._location = stream, consumer, location
        self._ingest, self._telemetry = ingest, ingest.telemetry
        self._clock = clock
        self._health = RedisHealth(location, ingest, clock)

    async def read(self, redis: Redis) -> None:
        """Read until the connection breaks: first the pending entries, ours and then dead consumers', then new ones."""
        try:
            await self._read(ConsumerGroup(redis, self._stream, self._consumer))
        except (RedisError, OSError) as error:
            await self._health.report_down(str(error))
            raise

    async def _read(self, group: ConsumerGroup) -> None:
        await group.join()
        while entries := await group.pending():
            await self._publish(group, entries)
        while True:
            while entries := await group.claim():
                await self._publish(group, entries)
            await self._read_new(group, until=self._clock() + CLAIM_IDLE_MS / 1000)

    async def _read_new(self, group: ConsumerGroup, until: float) -> None:
        while self._clock() < until:
            began = self._clock()
            batch = await group.read()
            self._health.response_ms = (self._clock() - began) * 1000
            self._telemetry.redis_up.labels(self.name).set(1)
            if batch.entries:
                await self._publish(group, batch.entries)
            await self._check_loss(group, batch)
            await self._health.report_healthy()
            if not batch.entries:
                await group.wait(batch.delivered)

    async def _check_loss(self, group: ConsumerGroup, batch: EntryBatch) -> None:
        self._telemetry.redis_lag.set(batch.counts.lag - len(batch.entries))
        if batch.counts.lost:
            await self._report_loss(
                batch.counts.lost, "trimmed before they were read: raise MAXLEN, or write less at once"
            )
            await group.accept_loss(batch)

    async def _publish(self, group: ConsumerGroup, entries: Sequence[StreamEntry]) -> None:
        """Publish what is valid, then acknowledge all; refused entries are added to `<stream>:refused`."""
        self._telemetry.from_redis(self.name, len(entries))
        present = [(entry, fields) for entry in entries if (fields := entry.fields) is not None]
        results = await publish_received([self._event(entry, fields) for entry, fields in present], self._ingest)
        refused = [
            _with_reason(entry, fields, result)
            for (entry, fields), result in zip(present, results, strict=True)
            if isinstance(result, EventRefused)
        ]
        await group.acknowledge([entry.id for entry in entries], refused)
        if refused:
            logger.warning(
                "%d of %d entries of %s refused: see %s:refused", len(refused), len(entries), *[group.stream] * 2
            )
        if trimmed := len(entries) - len(present):
            await self._report_loss(trimmed, "trimmed while they were pending: they may have been kept before")

    def _event(self, entry: StreamEntry, fields: Mapping[bytes, bytes]) -> object:
        # A redelivery has the same entry id, so that it is the same event.
        return read_entry(fields, f"{self._stream}:{entry.id.decode()}"[-128:], self._location)

    async def _report_loss(self, count: int, how: str) -> None:
        """Report lost entries: in the metrics, in the log, and on the System page."""
        self._telemetry.redis_lost.inc(count)
        message = f"{count} entries of {self._stream} were {how}"
        logger.error("%s", message)
        await self._health.report_loss(message)


def _with_reason(entry: StreamEntry, fields: Mapping[bytes, bytes], refused: EventRefused) -> dict[bytes, bytes]:
    return {**fields, b"refused.entry": entry.id, b"refused.because": str(refused).encode("utf-8", "replace")}
