"""One server where nothing may be read without a token, for the people of all these tests."""

import re
from collections.abc import Iterator

import pytest

from tests.served import Served
from tests.server.users.people import People


@pytest.fixture(scope="session")
def office_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("people"), JORGE_ANONYMOUS="off") as served:
        yield served


@pytest.fixture
def people(office_server: Served) -> People:
    return People(office_server)


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name of its own for every test."""
    return re.sub(r"[^a-z0-9]+", ".", request.node.name.lower())[-100:]
