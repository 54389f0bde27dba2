"""Redis and the server end as in a power cut, under load: nothing is lost, nothing is kept twice."""

import json
import threading
from typing import Any, Self

import redis

from tests.chaos.load import Worker
from tests.redis import RedisServer
from tests.served import bot_status
from tests.server.redis_source.conftest import STREAM, Pair


class Adder(Worker):
    """Adds one event after another to the stream, each until Redis has acknowledged it."""

    def __init__(self, server: RedisServer, location: str) -> None:
        super().__init__("adder")
        self.added: list[str] = []
        self._location = location
        self._client = redis.Redis(port=server.port, socket_timeout=5)

    def _run(self) -> None:
        while not self._stop.wait(0.001):
            event = bot_status(locationid=self._location)
            while not self._add(event):
                self._stop.wait(0.02)
            self.added.append(event["id"])
            self._notify()

    def _add(self, event: dict[str, Any]) -> bool:
        try:
            return bool(self._client.xadd(STREAM, {"event": json.dumps(event)}))
        except redis.RedisError:
            return False

    def wait_for_more(self, count: int) -> None:
        goal = len(self.added) + count
        self.wait_until(lambda: len(self.added) >= goal)

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        self._client.close()


class Load:
    """An adder, and the proof that what it added is in the log."""

    def __init__(self, pair: Pair, location: str) -> None:
        self._pair, self._location = pair, location
        self.adder = Adder(pair.redis, location)

    def __enter__(self) -> Self:
        self.adder.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.adder.__exit__(*error)
        if error[0] is None:
            self._pair.wait_until_read()
            assert self._kept() == self.adder.added

    def _kept(self) -> list[str]:
        ids: list[str] = []
        cursor = "oldest"
        while events := self._page(cursor):
            ids += [event["id"] for event in events]
            cursor = f"{events[-1]['epoch']}:{events[-1]['seq']}"
        return ids

    def _page(self, after: str) -> list[dict[str, Any]]:
        page = self._pair.served.get("/events", location=self._location, after=after, limit=1000)
        events: list[dict[str, Any]] = page["events"]
        return events


def test_the_server_is_killed_again_and_again(own: Pair, location: str) -> None:
    with Load(own, location) as load:
        for _ in range(3):
            load.adder.wait_for_more(100)
            own.served.kill()
            load.adder.wait_for_more(100)
            own.served.start()


def test_redis_is_killed_again_and_again(own: Pair, location: str) -> None:
    with Load(own, location) as load:
        for _ in range(3):
            load.adder.wait_for_more(100)
            own.redis.kill()
            own.redis.start()
        load.adder.wait_for_more(100)


def test_both_are_killed_at_once(own: Pair, location: str) -> None:
    with Load(own, location) as load:
        load.adder.wait_for_more(100)
        killers = [threading.Thread(target=server.kill) for server in (own.served, own.redis)]
        for killer in killers:
            killer.start()
        for killer in killers:
            killer.join()
        own.redis.start()
        own.served.start()
        load.adder.wait_for_more(100)


def test_without_redis_all_else_goes_on(own: Pair, location: str) -> None:
    own.redis.kill()
    assert own.served.post(bot_status(1, locationid=location)).ok
    assert len(own.events(location, 1)) == 1
    own.redis.start()
    own.add(number=2, locationid=location)
    assert len(own.events(location, 2)) == 2
