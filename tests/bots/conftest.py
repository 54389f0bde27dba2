from collections.abc import Iterator

import pytest

from tests.bots.intake import Intake, listening


@pytest.fixture
def intake() -> Iterator[Intake]:
    with listening() as served:
        yield served
