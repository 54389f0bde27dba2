"""A desk that has seen nothing yet."""

import pytest

from tests.crm.ghl.webhooks import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()
