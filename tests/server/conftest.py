"""A location of its own for every test, so that one server serves them all."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from tests.served import Served
from tests.server.socket_io.polling_client import OpenClient, PollingClient


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run asynchronous tests on asyncio, as the server does."""
    return "asyncio"


@pytest.fixture
def location(request: pytest.FixtureRequest) -> str:
    return re.sub(r"[^A-Za-z0-9._~-]", "-", request.node.nodeid.split("/")[-1])[:128]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """Closes at the end what a test opens."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def open_client(stack: ExitStack) -> OpenClient:
    """Opens clients of Socket.IO that poll, and closes them at the end."""
    return lambda url, **headers: stack.enter_context(closing(PollingClient(url, **headers)))


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server where nothing may be read without a token, with low limits of rate."""
    folder = tmp_path_factory.mktemp("guarded")
    with Served(folder, JORGE_ANONYMOUS="off", JORGE_PUBLISH_RATE="50", JORGE_LOG_LEVEL="debug") as server:
        yield server
