"""Events from Redis: a stream that loses nothing, and a channel of the same name that promises less."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from jorge_data.server.ingest.publish import Ingest
from jorge_data.server.redis_source.channel import ChannelReader
from jorge_data.server.redis_source.connection import kind_of_key, open_redis, read_on
from jorge_data.server.redis_source.stream import StreamReader
from jorge_data.settings import Settings

__all__ = ["kind_of_key", "reading_redis", "redis_of"]


def redis_of(settings: Settings) -> Redis | None:
    """Return a client of the Redis in the settings, not connected yet, or None; raise SettingsError."""
    url = settings.redis_url.get_secret_value()
    return open_redis(url) if url else None


@asynccontextmanager
async def reading_redis(client: Redis | None, settings: Settings, ingest: Ingest) -> AsyncIterator[None]:
    """Read from Redis while the context lasts, where one is set."""
    if client is None:
        yield
        return
    name = settings.redis_stream
    clock = asyncio.get_running_loop().time
    # The same name after a restart: what was delivered and not acknowledged is delivered again.
    consumer = f"{socket.gethostname()}:{settings.port}"
    readers = (
        StreamReader(name, consumer, settings.location, ingest, clock),
        ChannelReader(name, settings.location, ingest),
    )
    async with client as redis:
        tasks = [asyncio.create_task(read_on(reader, redis, ingest.telemetry)) for reader in readers]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
