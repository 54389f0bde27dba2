import pytest

from tests.dashboard.location import Street


@pytest.fixture
def street() -> Street:
    return Street()
