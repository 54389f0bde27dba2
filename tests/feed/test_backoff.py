from itertools import islice, pairwise
from random import Random

import pytest

from jorge_data.feed import Timing
from jorge_data.feed.backoff import Attempts, delays


def test_the_ceiling_doubles_and_is_capped() -> None:
    assert list(islice(delays(lambda: 1.0), 8)) == [1, 2, 4, 8, 16, 30, 30, 30]


def test_the_jitter_is_full() -> None:
    random = Random(7).random
    last = [list(islice(delays(random), 6))[-1] for _ in range(400)]
    assert min(last) < 1.5
    assert 28.5 < max(last) <= 30
    assert sum(last) / len(last) == pytest.approx(15, abs=1.5)


@pytest.mark.parametrize(("lived_s", "count", "delay"), [(9.9, 4, 8.0), (10.0, 1, 1.0)])
def test_only_a_healthy_life_ends_the_row(lived_s: float, count: int, delay: float) -> None:
    attempts = Attempts(Timing(), lambda: 1.0)
    for now in (0.0, 1.0, 3.0):
        attempts.failed(now)
    attempts.connected(100.0)
    assert attempts.failed(100.0 + lived_s) == delay
    assert attempts.count == count


def test_a_failure_to_connect_does_not_profit_from_an_earlier_life() -> None:
    attempts = Attempts(Timing(), lambda: 1.0)
    attempts.connected(0.0)
    waited = [attempts.failed(now) for now in (60.0, 120.0, 180.0)]
    assert all(later > sooner for sooner, later in pairwise(waited))
