"""Our consumer group on the stream: entries read, acknowledged once committed, and those that `MAXLEN` trimmed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from jorge_data.server.redis_source.parse import Fields


class GroupCounts(NamedTuple):
    """The counts of a stream and of a group in it, as Redis has them since version 7."""

    added: int
    length: int
    read: int | None

    @property
    def lost(self) -> int:
        """Entries that were trimmed and never delivered; 0 where Redis does not count the delivered ones."""
        return 0 if self.read is None else max(0, self.added - self.length - self.read)

    @property
    def lag(self) -> int:
        """Entries in the stream that were not yet delivered."""
        return self.length if self.read is None else max(0, min(self.length, self.added - self.read))


def group_counts(stream: Mapping[str, Any], group: Mapping[str, Any]) -> GroupCounts:
    """Read `XINFO STREAM` and a group of `XINFO GROUPS`."""
    return GroupCounts(stream.get("entries-added", stream["length"]), stream["length"], group.get("entries-read"))


GROUP = "jorge"
COUNT = 200
BLOCK_MS = 2000
"""Longest wait of one read; well under the socket's timeout, so that silence is never taken for a broken connection."""

CLAIM_IDLE_MS = 60_000
"""A consumer that has held an entry for so long is taken for dead."""

MOST_REFUSED = 10_000


class StreamEntry(NamedTuple):
    """An entry of the stream; `fields` is None where it was trimmed while it was pending."""

    id: bytes
    fields: Fields | None


class EntryBatch(NamedTuple):
    """The entries of one read, the counts just before it, and the id of the last entry delivered."""

    entries: list[StreamEntry]
    counts: GroupCounts
    delivered: bytes


class ConsumerGroup:
    """Each entry is delivered to one consumer of the group, and stays pending with it until it is acknowledged."""

    def __init__(self, redis: Redis, stream: str, consumer: str) -> None:
        self._redis = redis
        self.stream = stream
        self._consumer = consumer

    async def join(self) -> None:
        """Create the group where it does not exist, at the oldest entry."""
        try:
            await self._redis.xgroup_create(self.stream, GROUP, "0", mkstream=True, entries_read=await self._trimmed())
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    async def pending(self) -> list[StreamEntry]:
        """Return the entries that this consumer read before and never acknowledged, oldest first."""
        return _entries(await self._redis.xreadgroup(GROUP, self._consumer, {self.stream: "0"}, count=COUNT))

    async def claim(self) -> list[StreamEntry]:
        """Take over the entries of dead consumers; those trimmed meanwhile come without fields."""
        response: Any = await self._redis.xautoclaim(
            self.stream, GROUP, self._consumer, CLAIM_IDLE_MS, start_id="0-0", count=COUNT
        )
        trimmed = response[2] if len(response) > 2 else []
        entries = [StreamEntry(id, fields or None) for id, fields in response[1]]
        return entries + [StreamEntry(id, None) for id in trimmed]

    async def read(self) -> EntryBatch:
        """Read the next entries, and in the same transaction the counts that show whether some were trimmed before."""
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
            entries, group_counts(stream, group), entries[-1].id if entries else group["last-delivered-id"]
        )

    async def wait(self, delivered: bytes) -> None:
        """Wait until there is an entry after a position, but no longer than BLOCK_MS."""
        await self._redis.xread({self.stream: delivered}, count=1, block=BLOCK_MS)

    async def acknowledge(self, ids: Sequence[bytes], refused: Iterable[dict[Any, Any]] = ()) -> None:
        """Acknowledge entries, and in the same transaction add the refused ones to `<stream>:refused`."""
        async with self._redis.pipeline(transaction=True) as commands:
            for fields in refused:
                commands.xadd(f"{self.stream}:refused", fields, maxlen=MOST_REFUSED, approximate=True)
            commands.xack(self.stream, GROUP, *ids)
            await commands.execute()

    async def accept_loss(self, batch: EntryBatch) -> None:
        """Set the group's count of read entries past the trimmed ones, so that a loss is reported once."""
        counts = batch.counts
        read = counts.added - counts.length + len(batch.entries)
        await self._redis.xgroup_setid(self.stream, GROUP, batch.delivered, entries_read=read)

    async def _trimmed(self) -> int | None:
        """Return how many entries were trimmed before our group existed: no loss; None where Redis cannot say."""
        if not await self._redis.exists(self.stream):
            return None
        stream: dict[str, Any] = await self._redis.xinfo_stream(self.stream)
        return stream["entries-added"] - stream["length"] if "entries-added" in stream else None


def _entries(response: Any) -> list[StreamEntry]:
    return [StreamEntry(id, fields or None) for _, entries in response or [] for id, fields in entries]
