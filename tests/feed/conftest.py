import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jorge_data.feed import Endpoint, Feed, Timing, TokenSource
from tests.feed.fake_server import LOCATION, FakeServer
from tests.feed.recorder import Recorder

QUICK = Timing(backoff_base_s=0.02, backoff_cap_s=0.05, healthy_s=10, silence_s=0.3, probe_s=0.2, fatal_s=0.2)

Follow = Callable[..., Feed]


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as server:
        yield server


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def follow(server: FakeServer, recorder: Recorder) -> Iterator[Follow]:
    """Start a feed on the server; what an endpoint or a timing has may be given by name."""
    with contextlib.ExitStack() as feeds:

        def start(
            port: int | None = None,
            timing: Timing = QUICK,
            history: int = 1000,
            tokens: TokenSource | None = None,
            **given: Any,
        ) -> Feed:
            api = f"http://127.0.0.1:{server.port}"
            given = {"timeout_s": 1.0, "poll_interval_s": 0.05, **given}
            endpoint = Endpoint(f"ws://127.0.0.1:{port or server.port}", api, **given)
            feed = Feed(endpoint, LOCATION, recorder, timing=timing, history=history, tokens=tokens)
            feeds.callback(feed.stop, 3)
            feed.start()
            return feed

        yield start
