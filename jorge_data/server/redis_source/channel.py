"""The channel: at most once, because Redis drops a message without a subscriber; the stream is what loses none."""

import logging
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from jorge_data.errors import EventRefused
from jorge_data.server.ingest.publish import Ingest
from jorge_data.server.redis_source.parse import read_message
from jorge_data.server.redis_source.publish import publish_received

logger = logging.getLogger(__name__)

SILENCE_S = 15.0
"""After so long without a message a PING must be answered: a half-open connection stays silent for ever."""

MOST = 200
"""Messages that are published together; what comes meanwhile waits in Redis, which cuts us off where it is too much."""


class ChannelReader:
    """Subscribes to one channel, and publishes its messages."""

    name = "channel"

    def __init__(self, channel: str, location: str, ingest: Ingest) -> None:
        self._channel, self._location, self._ingest = channel, location, ingest

    async def read(self, redis: Redis) -> None:
        """Read until the connection breaks, or does not answer."""
        async with redis.pubsub() as subscription:
            await subscription.subscribe(self._channel)
            while True:
                message = await _next_message(subscription)
                self._ingest.telemetry.redis_up.labels(self.name).set(1)
                if message is not None:
                    await self._publish([message, *await _buffered_messages(subscription)])

    async def _publish(self, messages: list[bytes]) -> None:
        self._ingest.telemetry.from_redis(self.name, len(messages))
        items = [item for message in messages for item in read_message(message, self._location)]
        refused = [result for result in await publish_received(items, self._ingest) if isinstance(result, EventRefused)]
        if refused:
            logger.warning("%d of %d events on the channel refused: %s", len(refused), len(items), refused[0])


async def _next_message(subscription: PubSub) -> bytes | None:
    """Return a message, or None after a while without one on a live connection; raise TimeoutError on a dead one."""
    message = await subscription.get_message(timeout=SILENCE_S)
    if message is None:
        await subscription.ping()
        message = await subscription.get_message(timeout=SILENCE_S)
        if message is None:
            raise TimeoutError(f"Redis did not answer for {SILENCE_S:g} s")
    return _body(message)


async def _buffered_messages(subscription: PubSub) -> list[bytes]:
    """Return the messages that have arrived already."""
    bodies: list[bytes] = []
    while len(bodies) < MOST and (message := await subscription.get_message(timeout=0)):
        if (body := _body(message)) is not None:
            bodies.append(body)
    return bodies


def _body(message: dict[str, Any]) -> bytes | None:
    return message["data"] if message["type"] == "message" else None
