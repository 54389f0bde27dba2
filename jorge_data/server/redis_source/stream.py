"""The stream: at least once from Redis, once in our log; acknowledged only after our commit."""

import logging
from collections.abc import Callable, Mapping, Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from jorge_data.errors import EventRefused
from jorge_data.server.ingest.publish import Ingest
from jorge_data.server.redis_source.consumer_group import CLAIM_IDLE_MS, ConsumerGroup, EntryBatch, StreamEntry
from jorge_data.server.redis_source.health import RedisHealth
from jorge_data.server.redis_source.parse import read_entry
from jorge_data.server.redis_source.publish import publish_received

logger = logging.getLogger(__name__)


class StreamReader:
    """Reads one stream as one consumer of our group."""

    way = "stream"

    def __init__(self, stream: str, consumer: str, location: str, ingest: Ingest, clock: Callable[[], float]) -> None:
        self._stream, self._consumer, self._location = stream, consumer, location
        self._ingest, self._telemetry = ingest, ingest.telemetry
        self._clock = clock
        self._health = RedisHealth(location, ingest, clock)

    async def read(self, redis: Redis) -> None:
        """Read until the connection breaks: what was left pending, by us and then by the dead, before what is new."""
        try:
            await self._read(ConsumerGroup(redis, self._stream, self._consumer))
        except (RedisError, OSError) as error:
            await self._health.down(str(error))
            raise

    async def _read(self, group: ConsumerGroup) -> None:
        await group.join()
        while entries := await group.pending():
            await self._keep(group, entries)
        while True:
            while entries := await group.claim():
                await self._keep(group, entries)
            await self._read_new(group, until=self._clock() + CLAIM_IDLE_MS / 1000)

    async def _read_new(self, group: ConsumerGroup, until: float) -> None:
        while self._clock() < until:
            began = self._clock()
            batch = await group.take()
            self._health.response_ms = (self._clock() - began) * 1000
            self._telemetry.redis_up.labels(self.way).set(1)
            if batch.entries:
                await self._keep(group, batch.entries)
            await self._look_back(group, batch)
            await self._health.well()
            if not batch.entries:
                await group.wait(batch.delivered)

    async def _look_back(self, group: ConsumerGroup, batch: EntryBatch) -> None:
        self._telemetry.redis_lag.set(batch.standing.lag - len(batch.entries))
        if batch.standing.lost:
            await self._lost(batch.standing.lost, "trimmed before they were read: raise MAXLEN, or write less at once")
            await group.accept_loss(batch)

    async def _keep(self, group: ConsumerGroup, entries: Sequence[StreamEntry]) -> None:
        """Commit what is good, then acknowledge all; what is refused is kept where it can be seen."""
        self._telemetry.from_redis(self.way, len(entries))
        there = [(entry, fields) for entry in entries if (fields := entry.fields) is not None]
        results = await publish_received([self._event(entry, fields) for entry, fields in there], self._ingest)
        refused = [
            _with_reason(entry, fields, result)
            for (entry, fields), result in zip(there, results, strict=True)
            if isinstance(result, EventRefused)
        ]
        await group.acknowledge([entry.id for entry in entries], refused)
        if refused:
            logger.warning(
                "%d of %d entries of %s refused: see %s:refused", len(refused), len(entries), *[group.stream] * 2
            )
        if gone := len(entries) - len(there):
            await self._lost(gone, "trimmed while they were pending: they may have been kept before")

    def _event(self, entry: StreamEntry, fields: Mapping[bytes, bytes]) -> object:
        # A redelivery has the same entry id, so that it is the same event.
        return read_entry(fields, f"{self._stream}:{entry.id.decode()}"[-128:], self._location)

    async def _lost(self, count: int, how: str) -> None:
        """Raise the alarm: in the count, in the log, and on the screen."""
        self._telemetry.redis_lost.inc(count)
        words = f"{count} entries of {self._stream} were {how}"
        logger.error("%s", words)
        await self._health.lost(words)


def _with_reason(entry: StreamEntry, fields: Mapping[bytes, bytes], refused: EventRefused) -> dict[bytes, bytes]:
    return {**fields, b"refused.entry": entry.id, b"refused.because": str(refused).encode("utf-8", "replace")}
