"""Our consumer group on the stream: entries taken, let go of once committed, and what `MAXLEN` trimmed before that."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from jorge_data.server.redis_source.parse import Fields


class StreamStanding(NamedTuple):
    """Where a consumer group stands in its stream, by counts that Redis keeps since version 7."""

    added: int
    length: int
    read: int | None

    @property
    def lost(self) -> int:
        """Entries that are gone and were never delivered; 0 where Redis does not know what was."""
        return 0 if self.read is None else max(0, self.added - self.length - self.read)

    @property
    def lag(self) -> int:
        """Entries that are there and were not yet delivered."""
        return self.length if self.read is None else max(0, min(self.length, self.added - self.read))


def stream_standing(stream: Mapping[str, Any], group: Mapping[str, Any]) -> StreamStanding:
    """Read `XINFO STREAM` and a group of `XINFO GROUPS`."""
    return StreamStanding(stream.get("entries-added", stream["length"]), stream["length"], group.get("entries-read"))


GROUP = "jorge"
COUNT = 200
BLOCK_MS = 2000
"""Longest wait of one read; well under the socket's timeout, so that silence is never taken for a broken line."""

CLAIM_IDLE_MS = 60_000
"""A consumer that has held an entry for so long is taken for dead."""

REFUSED_KEPT = 10_000


class StreamEntry(NamedTuple):
    """An entry of the stream; `fields` is None where it was trimmed while it was pending."""

    id: bytes
    fields: Fields | None


class EntryBatch(NamedTuple):
    """What one read took, and where the group stood in its stream just before."""

    entries: list[StreamEntry]
    standing: StreamStanding
    delivered: bytes


class ConsumerGroup:
    """Each entry is delivered to one consumer of the group, and stays pending with it until it is acknowledged."""

    def __init__(self, redis: Redis, stream: str, consumer: str) -> None:
        self._redis = redis
        self.stream = stream
        self._consumer = consumer

    async def join(self) -> None:
        """Make the group where it is not there yet, at the oldest entry that is."""
        try:
            await self._redis.xgroup_create(self.stream, GROUP, "0", mkstream=True, entries_read=await self._trimmed())
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    async def pending(self) -> list[StreamEntry]:
        """Return what this consumer took before and never acknowledged, oldest first."""
        return _entries(await self._redis.xreadgroup(GROUP, self._consumer, {self.stream: "0"}, count=COUNT))

    async def claim(self) -> list[StreamEntry]:
        """Take over what dead consumers hold; what was trimmed meanwhile Redis has already let go of."""
        answer: Any = await self._redis.xautoclaim(
            self.stream, GROUP, self._consumer, CLAIM_IDLE_MS, start_id="0-0", count=COUNT
        )
        gone = answer[2] if len(answer) > 2 else []
        return [*(StreamEntry(id, fields or None) for id, fields in answer[1]), *(StreamEntry(id, None) for id in gone)]

    async def take(self) -> EntryBatch:
        """Take the next entries, and learn in the same moment whether some were trimmed before they could be taken."""
        async with self._redis.pipeline(transaction=True) as commands:
            commands.xinfo_stream(self.stream)
            commands.xinfo_groups(self.stream)
            commands.xreadgroup(GROUP, self._consumer, {self.stream: ">"}, count=COUNT)
            stream, groups, read = await commands.execute()
        group = next((each for each in groups if each["name"] == GROUP.encode()), None)
        if group is None:
            raise ResponseError(f"NOGROUP the group {GROUP} of {self.stream} was removed")
        entries = _entries(read)
        return EntryBatch(
            entries, stream_standing(stream, group), entries[-1].id if entries else group["last-delivered-id"]
        )

    async def wait(self, delivered: bytes) -> None:
        """Return when there is an entry after a position, or after a moment."""
        await self._redis.xread({self.stream: delivered}, count=1, block=BLOCK_MS)

    async def acknowledge(self, ids: Sequence[bytes], refused: Iterable[dict[Any, Any]] = ()) -> None:
        """Let go of entries for good, in one step with keeping those that were refused in `<stream>:refused`."""
        async with self._redis.pipeline(transaction=True) as commands:
            for fields in refused:
                commands.xadd(f"{self.stream}:refused", fields, maxlen=REFUSED_KEPT, approximate=True)
            commands.xack(self.stream, GROUP, *ids)
            await commands.execute()

    async def accept_loss(self, batch: EntryBatch) -> None:
        """Tell Redis that trimmed entries are accounted for, so that a loss is told once."""
        standing = batch.standing
        read = standing.added - standing.length + len(batch.entries)
        await self._redis.xgroup_setid(self.stream, GROUP, batch.delivered, entries_read=read)

    async def _trimmed(self) -> int | None:
        """Return how many entries were trimmed before we came, no loss of ours; None where Redis cannot say."""
        if not await self._redis.exists(self.stream):
            return None
        stream: dict[str, Any] = await self._redis.xinfo_stream(self.stream)
        return stream["entries-added"] - stream["length"] if "entries-added" in stream else None


def _entries(answer: Any) -> list[StreamEntry]:
    return [StreamEntry(id, fields or None) for _, entries in answer or [] for id, fields in entries]
