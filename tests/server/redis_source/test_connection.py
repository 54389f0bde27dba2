"""The connection to Redis: silence is no failure, a wrong address is one sentence."""

import logging
from pathlib import Path

import pytest
from redis.asyncio import Redis

from jorge_data.errors import SettingsError
from jorge_data.server.redis_source.connection import ANSWER_WITHIN_S, open_redis, read_on
from jorge_data.server.redis_source.consumer_group import BLOCK_MS
from jorge_data.server.telemetry import Telemetry
from tests.redis import RedisServer
from tests.served import Served
from tests.server.redis_source.conftest import Pair
from tests.waiting import wait_until


def test_no_read_blocks_as_long_as_the_socket_waits() -> None:
    given = open_redis("redis://localhost:6379/0").connection_pool.connection_kwargs
    assert given["socket_timeout"] == ANSWER_WITHIN_S > 2 * BLOCK_MS / 1000


@pytest.mark.anyio
async def test_a_read_that_blocks_longer_than_the_library_s_own_patience_returns(pair: Pair) -> None:
    async with open_redis(pair.redis.url) as redis:
        assert not await redis.xread({"nothing-here": "$"}, block=5500)


@pytest.mark.parametrize("url", ["localhost:6379", "http://user:secret@localhost", "redis://localhost:port"])
def test_a_wrong_address_is_told_without_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match="JORGE_REDIS_URL") as refused:
        open_redis(url)
    assert "secret" not in str(refused.value)


class Ended(BaseException):
    """Ends a test's endless reading."""


class Faulty:
    """A reader that fails with one error after another."""

    name = "test"

    def __init__(self, *failures: BaseException) -> None:
        self._failures = iter(failures)

    async def read(self, redis: Redis) -> None:
        raise next(self._failures, Ended())


@pytest.mark.anyio
async def test_it_reads_on_after_every_failure(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    telemetry = Telemetry()
    async with open_redis(pair.redis.url) as redis:
        with pytest.raises(Ended), caplog.at_level(logging.WARNING):
            await read_on(Faulty(ConnectionError("lost"), KeyError("odd")), redis, telemetry)
    assert [record.getMessage() for record in caplog.records] == [
        "Redis, test: lost",
        "Redis, test: reading failed",
    ]


def test_a_server_with_a_wrong_address_does_not_start_and_says_why(tmp_path: Path) -> None:
    server = Served(tmp_path, JORGE_REDIS_URL="localhost:6379/secret")
    with pytest.raises(AssertionError, match="JORGE_REDIS_URL is 'not shown'; allowed: as in redis://localhost:6379/0"):
        server.start()
    assert "Traceback" not in server.log
    assert "secret" not in server.log
    server.session.close()


def test_a_password_is_never_logged(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as redis:
        redis.client.config_set("requirepass", "right-secret")
        url = redis.url.replace("redis://", "redis://:wrong-secret@")
        with Served(tmp_path, JORGE_REDIS_URL=url, JORGE_LOG_LEVEL="debug") as server:
            wait_until(lambda: "Redis, stream" in server.log and "Redis, channel" in server.log)
            assert "wrong-secret" not in server.log
