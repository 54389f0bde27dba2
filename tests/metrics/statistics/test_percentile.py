"""Percentiles of bins, and change between periods."""

from jorge_data.metrics.statistics.percentile import merged, percentile, total
from jorge_data.metrics.statistics.period_change import change


def test_a_percentile_is_the_value_of_nearest_rank() -> None:
    bins = [[30.0, 1], [10.0, 5], [20.0, 4]]
    expected = {0.0: 10.0, 0.5: 10.0, 0.51: 20.0, 0.9: 20.0, 0.91: 30.0, 1.0: 30.0}
    assert {q: percentile(bins, q) for q in expected} == expected


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile([], 0.95) is None
    assert percentile([[5.0, 0]], 0.95) is None


def test_bins_add_up() -> None:
    both = merged([[(1, 2), (3, 1)], [(3, 4)]])
    assert (both, total(both)) == ([(1, 2), (3, 5)], 7)


def test_a_change_is_absolute_and_relative() -> None:
    assert change(12, 10)[2:] == (2, 0.2)
    assert change(8, 10).direction == "down"
    assert change(-5, -10)[2:] == (5, 0.5)


def test_a_change_from_nothing_has_no_share() -> None:
    assert change(3, 0)[2:] == (3, None)


def test_a_change_from_or_to_the_unknown_is_unknown() -> None:
    assert change(3, None)[2:] == change(None, 3)[2:] == (None, None)
    assert change(3, None).direction is None
