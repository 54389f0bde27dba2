"""The connection to Redis: made anew whenever it breaks, for as long as the server runs."""

import asyncio
import logging
from typing import Protocol

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from jorge_data.backoff import Attempts, Backoff
from jorge_data.errors import SettingsError, SourceFailed
from jorge_data.server.telemetry import Telemetry

logger = logging.getLogger(__name__)

CONNECT_WITHIN_S = 5.0
ANSWER_WITHIN_S = 10.0
"""Longest silence of a socket, set here because redis-py's own 5 s has changed before; no read blocks so long."""

BACKOFF = Backoff(base_s=0.1, cap_s=10)
SETTLED_S = 5.0
"""A connection that lived so long was a good one: the next pause is short again."""


class RedisReader(Protocol):
    """Reads one stream or channel, until its connection breaks; `name` is its label in logs and counts."""

    @property
    def name(self) -> str: ...

    async def read(self, redis: Redis) -> None: ...


def open_redis(url: str) -> Redis:
    """Return a client that raises every failure; raise SettingsError, without the URL, which may hold a password.

    redis-py's own retries are off: a read that is repeated after a lost answer leaves what was delivered behind unread.
    """
    try:
        return Redis.from_url(
            url,
            protocol=2,
            socket_timeout=ANSWER_WITHIN_S,
            socket_connect_timeout=CONNECT_WITHIN_S,
            retry=Retry(NoBackoff(), 0),
        )
    except ValueError:
        raise SettingsError("JORGE_REDIS_URL", "not shown", "as in redis://localhost:6379/0") from None


async def kind_of_key(url: str, key: str) -> str:
    """Return what a key holds, as Redis calls it: "none", "stream"; raise SettingsError, or SourceFailed."""
    redis = open_redis(url)
    try:
        kind = await redis.type(key)
    except (RedisError, OSError) as error:
        raise SourceFailed("Redis", str(error).replace(url, "…")) from None
    finally:
        await redis.aclose()
    return kind.decode() if isinstance(kind, bytes) else kind


async def read_on(reader: RedisReader, redis: Redis, telemetry: Telemetry) -> None:
    """Read, and after every failure read again, with a pause that grows, and jitter."""
    loop = asyncio.get_running_loop()
    attempts = Attempts(BACKOFF, SETTLED_S)
    while True:
        attempts.connected(loop.time())
        try:
            await reader.read(redis)
        except (RedisError, OSError) as error:
            logger.warning("Redis, %s: %s", reader.name, error)
        except Exception:  # whatever it is, the entries are not acknowledged: they come again
            logger.exception("Redis, %s: reading failed", reader.name)
        telemetry.redis_up.labels(reader.name).set(0)
        await asyncio.sleep(attempts.failed(loop.time()))
