import pytest

from tests.live.street import Street


@pytest.fixture
def street() -> Street:
    return Street()
