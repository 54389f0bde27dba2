import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jorge_data.metrics.statistics.quantile_sketch import RELATIVE_ERROR, Histogram, bucket, top

values = st.lists(st.floats(min_value=0.001, max_value=1e9), min_size=1, max_size=200)


def sketch(of: list[float]) -> Histogram:
    histogram = Histogram()
    for value in of:
        histogram.record(value)
    return histogram


@given(values, st.sampled_from([0.0, 0.5, 0.95, 0.99, 1.0]))
def test_a_quantile_is_within_one_percent_of_the_exact_one(of: list[float], q: float) -> None:
    exact = sorted(of)[max(1, math.ceil(q * len(of))) - 1]
    assert sketch(of).quantile(q) == pytest.approx(exact, rel=RELATIVE_ERROR * 1.0001)


@given(values, values)
def test_merging_is_counting_together_and_subtracting_undoes_it(some: list[float], others: list[float]) -> None:
    merged = sketch(some)
    merged.merge(sketch(others))
    assert merged == sketch(some + others)
    merged.subtract(sketch(others))
    assert merged == sketch(some)


def test_nothing_counted_has_no_quantile() -> None:
    assert Histogram().quantile(0.95) is None


def test_zero_is_kept_as_zero_and_sorts_first() -> None:
    assert sketch([0.0, 0.0, 40.0]).quantile(0.5) == 0.0


@given(st.floats(min_value=0.001, max_value=1e9))
def test_a_bucket_holds_what_is_above_the_top_of_the_one_before_up_to_its_own(value: float) -> None:
    assert top(bucket(value) - 1) * (1 - 1e-9) < value <= top(bucket(value)) * (1 + 1e-9)
