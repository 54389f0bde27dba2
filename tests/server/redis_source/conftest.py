"""One Redis, and one event server that reads it, for all tests that kill neither."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.redis import RedisServer
from tests.served import Served, bot_status
from tests.server.conftest import anyio_backend, location
from tests.waiting import wait_until

__all__ = ["Pair", "anyio_backend", "location", "own", "pair"]

STREAM = "jorge_events"


class Pair(NamedTuple):
    """A Redis, and an event server that reads it."""

    redis: RedisServer
    served: Served

    def add(self, **attributes: Any) -> str:
        """Add an event to the stream as JSON; return the entry's id."""
        return self.redis.add(STREAM, event=json.dumps(bot_status(**attributes)))

    def events(self, location: str, count: int) -> list[dict[str, Any]]:
        """Return a location's events once there are so many."""
        wait_until(lambda: len(self._events(location)) >= count)
        return self._events(location)

    def pending(self) -> int:
        """Return how many entries were delivered and not acknowledged."""
        pending: Any = self.redis.client.xpending(STREAM, "jorge")
        return int(pending["pending"])

    def refused(self) -> list[dict[str, str]]:
        entries: Any = self.redis.client.xrange(f"{STREAM}:refused")
        return [
            {name.decode(): value.decode("utf-8", "replace") for name, value in fields.items()} for _, fields in entries
        ]

    def wait_until_read(self) -> None:
        """Return when every entry was delivered and acknowledged."""
        wait_until(lambda: not self._unread() and self.pending() == 0)

    def _unread(self) -> bool:
        groups: Any = self.redis.client.xinfo_groups(STREAM)  # whose `lag` is null where Redis is not sure
        return bool(self.redis.client.xrange(STREAM, b"(" + groups[0]["last-delivered-id"], count=1))

    def _events(self, location: str) -> list[dict[str, Any]]:
        page = self.served.get("/events", location=location, after="oldest", limit=1000)
        events: list[dict[str, Any]] = page["events"]
        return events


def _pair(folder: Path) -> Iterator[Pair]:
    with RedisServer(folder) as redis, Served(folder, JORGE_REDIS_URL=redis.url) as served:
        wait_until(lambda: bool(redis.client.exists(STREAM)))
        yield Pair(redis, served)


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    yield from _pair(tmp_path_factory.mktemp("redis"))


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Pair]:
    """A pair that the test may kill."""
    yield from _pair(tmp_path)
