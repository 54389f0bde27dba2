"""Intervals: Wilson's, against published numbers."""

import pytest

from jorge_data.metrics.statistics.interval import wilson

NEWCOMBE = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
"""Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3."""


@pytest.mark.parametrize(("part", "n", "low", "high"), NEWCOMBE)
def test_the_interval_is_the_published_one(part: int, n: int, low: float, high: float) -> None:
    interval = wilson(part, n)
    assert interval is not None
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_of_no_cases_there_is_no_interval() -> None:
    assert wilson(0, 0) is None


def test_all_of_some_is_not_certain() -> None:
    interval = wilson(20, 20)
    assert interval is not None
    assert interval.high == 1.0
    assert interval.low == pytest.approx(1 - 0.1611, abs=5e-5)
