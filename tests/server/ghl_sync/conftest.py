"""An office whose GoHighLevel is ours."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.served import Served
from tests.server.ghl_sync.api import LOCATION, TOKEN, FakeGHL
from tests.server.webhook.ghl import PEM


@pytest.fixture
def ghl() -> Iterator[FakeGHL]:
    with FakeGHL() as ghl:
        yield ghl


@pytest.fixture
def office(tmp_path: Path, ghl: FakeGHL) -> Iterator[Served]:
    """A server that synchronizes when it starts, and then only when asked."""
    environment = {
        "JORGE_GHL_TOKEN": TOKEN,
        "JORGE_GHL_LOCATION": LOCATION,
        "JORGE_GHL_BASE_URL": ghl.url,
        "JORGE_GHL_SYNC_MINUTES": "1000",
        "JORGE_GHL_PUBLIC_KEY": PEM,
    }
    server = Served(tmp_path, **environment)
    yield server
    if hasattr(server, "process"):
        server.stop()
    server.session.close()
