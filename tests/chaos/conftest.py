"""Servers and locations for the chaos tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.served import Served
from tests.server.conftest import anyio_backend, location

__all__ = ["anyio_backend", "location", "own"]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Served]:
    """A server that the test may kill."""
    with Served(tmp_path) as server:
        yield server
