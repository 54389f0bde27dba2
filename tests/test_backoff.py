from itertools import pairwise
from random import Random

import pytest
from tenacity import Retrying, stop_after_attempt

from jorge_data.backoff import Attempts, Backoff
from jorge_data.errors import TooMany, Unavailable

FULL = Backoff(random=lambda: 1.0)
NONE = Backoff(random=lambda: 0.0)


def test_the_ceiling_doubles_and_is_capped() -> None:
    assert [FULL.delay_s(failures) for failures in range(1, 9)] == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_year_of_failures_is_waited_for_no_longer_than_the_cap() -> None:
    assert FULL.delay_s(1_000_000) == 30


def test_the_jitter_is_full() -> None:
    backoff = Backoff(random=Random(7).random)
    last = [backoff.delay_s(6) for _ in range(400)]
    assert min(last) < 1.5
    assert 28.5 < max(last) <= 30
    assert sum(last) / len(last) == pytest.approx(15, abs=1.5)


@pytest.mark.parametrize(("retry_after_s", "waited"), [(None, 0.0), (7.0, 7.0), (86_400.0, 60.0)])
def test_what_the_server_asks_for_is_the_least_within_reason(retry_after_s: float | None, waited: float) -> None:
    assert (NONE.delay_s(1, retry_after_s), FULL.delay_s(1, retry_after_s)) == (waited, waited + 1)


def test_tenacity_waits_by_it_and_by_the_errors_own_retry_after() -> None:
    errors: list[Exception] = [Unavailable("away"), TooMany("slower", retry_after_s=7), Unavailable("away"), OSError()]
    waited: list[float] = []

    def fail() -> None:
        raise errors[len(waited)]

    with pytest.raises(OSError):  # noqa: PT011 - the last of the list
        Retrying(wait=FULL, stop=stop_after_attempt(4), sleep=waited.append, reraise=True)(fail)
    assert waited == [1, 7 + 2, 4]


@pytest.mark.parametrize(("lived_s", "count", "delay"), [(9.9, 4, 8.0), (10.0, 1, 1.0)])
def test_only_a_healthy_life_ends_the_row(lived_s: float, count: int, delay: float) -> None:
    attempts = Attempts(FULL, healthy_s=10)
    for now in (0.0, 1.0, 3.0):
        attempts.failed(now)
    attempts.connected(100.0)
    assert attempts.failed(100.0 + lived_s) == delay
    assert attempts.count == count


def test_a_failure_to_connect_does_not_profit_from_an_earlier_life() -> None:
    attempts = Attempts(FULL, healthy_s=10)
    attempts.connected(0.0)
    waited = [attempts.failed(now) for now in (60.0, 120.0, 180.0)]
    assert all(later > sooner for sooner, later in pairwise(waited))
