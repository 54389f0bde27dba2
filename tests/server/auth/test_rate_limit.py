"""Rates: two seconds' worth at once, then what a second brings; each key for itself."""

import pytest

from jorge_data.errors import TooMany
from jorge_data.server.auth.rate_limit import MAX_KEYS, Bucket, Buckets
from tests.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_bucket_gives_two_seconds_worth_then_says_how_long_to_wait(clock: Clock) -> None:
    bucket = Bucket(10, clock)
    bucket.take(20, "events")
    with pytest.raises(TooMany, match=r"more than 10 events a second: try again in 0\.5 s") as refused:
        bucket.take(5, "events")
    assert refused.value.retry_after_s == pytest.approx(0.5)
    clock.now += 0.5
    bucket.take(5, "events")


def test_a_bucket_never_holds_more_than_two_seconds_worth(clock: Clock) -> None:
    bucket = Bucket(10, clock)
    clock.now += 3600
    bucket.take(20, "events")
    with pytest.raises(TooMany):
        bucket.take(1, "events")


def test_more_than_a_bucket_holds_is_let_through_when_full_and_paid_back(clock: Clock) -> None:
    bucket = Bucket(10, clock)
    bucket.take(50, "events")
    clock.now += 3
    with pytest.raises(TooMany):
        bucket.take(1, "events")
    clock.now += 0.1
    bucket.take(1, "events")


def test_each_key_has_its_own_bucket(clock: Clock) -> None:
    buckets = Buckets(10, "events", clock)
    buckets.take("ann", 20)
    buckets.take("bob", 20)
    with pytest.raises(TooMany):
        buckets.take("ann", 1)


def test_the_least_used_keys_are_forgotten(clock: Clock) -> None:
    buckets = Buckets(10, "events", clock)
    buckets.take("ann", 20)
    for number in range(MAX_KEYS):
        buckets.take(str(number), 1)
    buckets.take("ann", 20)  # a full bucket again: as good as unknown
