"""Events from Redis: a stream that loses nothing, and a channel of the same name that promises less."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from jorge_data.server.accept import Acceptance
from jorge_data.server.intake.channel import ChannelReader
from jorge_data.server.intake.connection import open_redis, read_on
from jorge_data.server.intake.stream import StreamReader
from jorge_data.settings import Settings

__all__ = ["reading_redis"]


@asynccontextmanager
async def reading_redis(settings: Settings, acceptance: Acceptance) -> AsyncIterator[None]:
    """Read from Redis while the context lasts; without a URL there is nothing to read."""
    url, name = settings.redis_url.get_secret_value(), settings.redis_stream
    if not url:
        yield
        return
    clock = asyncio.get_running_loop().time
    # The same name after a restart: what was taken and not acknowledged is found again.
    consumer = f"{socket.gethostname()}:{settings.port}"
    readers = (
        StreamReader(name, consumer, settings.location, acceptance, clock),
        ChannelReader(name, settings.location, acceptance),
    )
    async with open_redis(url) as redis:
        tasks = [asyncio.create_task(read_on(reader, redis, acceptance.telemetry)) for reader in readers]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
