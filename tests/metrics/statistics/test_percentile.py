"""Percentiles of bins."""

from jorge_data.metrics.statistics.percentile import merged, percentile, total


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
