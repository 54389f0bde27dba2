import pytest

from tests.metrics.live_location import LiveLocation


@pytest.fixture
def location() -> LiveLocation:
    return LiveLocation()
