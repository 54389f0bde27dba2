"""A desk that has seen nothing yet."""

import pytest

from tests.vendors.gohighlevel.webhooks import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()
