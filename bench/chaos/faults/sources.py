"""Faults of what stands beside the server: Redis."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.chaos.faults.fault import Fault, NotHere
from bench.chaos.model import Log
from bench.chaos.stage import Stage
from tests.redis import RedisServer
from tests.served import Served
from tests.server.redis_source.conftest import STREAM
from tests.server.redis_source.test_loss import Adder
from tests.toxics import Proxy, Toxic
from tests.waiting import wait_until


class BesideRedis(Served):
    """A server that reads a Redis by way of a proxy."""

    redis: RedisServer
    proxy: Proxy


@contextmanager
def beside_redis(folder: Path) -> Iterator[Served]:
    if shutil.which("redis-server") is None:
        raise NotHere("redis-server is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    with (
        RedisServer(folder) as redis,
        Proxy(redis.port) as proxy,
        BesideRedis(folder, JORGE_REDIS_URL=f"redis://127.0.0.1:{proxy.port}/0") as served,
    ):
        served.redis, served.proxy = redis, proxy
        wait_until(lambda: bool(redis.client.exists(STREAM)))
        yield served


def redis_ends(stage: Stage) -> None:
    """Redis is killed, half open, and the server with it: what Redis has acknowledged is kept once, in order."""
    served = stage.served
    assert isinstance(served, BesideRedis)
    location = f"{stage.location}-stream"
    with Adder(served.redis, location) as adder:
        adder.wait_for_more(200)
        served.redis.kill()
        stage.flow(10)
        served.redis.start()
        adder.wait_for_more(100)
        served.proxy.set(up=Toxic(black_hole=True), down=Toxic(black_hole=True))
        adder.wait_for_more(300)
        served.proxy.heal()
        served.proxy.cut(reset=True)
        adder.wait_for_more(100)
        served.kill()
        stage.heal()
        served.start()
        adder.wait_for_more(100)
    stage.recovered()
    stage.wait(lambda: len(Log.read(served, location).events) >= len(adder.added), "all of the stream is in the log")
    log = Log.read(served, location)
    stage.facts.append(f"{len(adder.added)} entries of the stream")
    stage.check(log.ids == adder.added, f"{len(adder.added)} entries were added, the log has {len(log.ids)}")


FAULTS = (
    Fault("F17", "Redis is killed, half open, and the server killed", redis_ends, "company", beside_redis, seconds=30),
)
