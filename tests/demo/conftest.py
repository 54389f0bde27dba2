from itertools import takewhile

import pytest

from jorge_data.demo import day
from jorge_data.demo.story import HOUR, Timed
from tests.bots.conftest import intake

__all__ = ["intake"]


def until(hours: float, seed: int) -> list[Timed]:
    return list(takewhile(lambda timed: timed[0] < hours * HOUR, day(seed)))


@pytest.fixture(scope="session")
def ten_hours() -> list[Timed]:
    return until(10, 7)
