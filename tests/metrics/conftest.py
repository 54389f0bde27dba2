import pytest

from tests.metrics.wall.live_office import Office


@pytest.fixture
def office() -> Office:
    return Office()
