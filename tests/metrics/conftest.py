import pytest

from tests.metrics.office import Office


@pytest.fixture
def office() -> Office:
    return Office()
