import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jorge_data.metrics.statistics.percentile import percentile
from jorge_data.metrics.statistics.quantile_sketch import RELATIVE_ERROR, bucket, middle, on_its_side, top

values = st.lists(st.floats(min_value=0.001, max_value=1e9), min_size=1, max_size=200)


def quantile(of: list[float], q: float) -> float:
    index = percentile(Counter(map(bucket, of)).items(), q)
    assert index is not None
    return middle(index)


@given(values, st.sampled_from([0.0, 0.5, 0.95, 0.99, 1.0]))
def test_a_quantile_is_within_one_percent_of_the_exact_one(of: list[float], q: float) -> None:
    exact = sorted(of)[max(1, math.ceil(q * len(of))) - 1]
    assert quantile(of, q) == pytest.approx(exact, rel=RELATIVE_ERROR * 1.0001)


@given(st.floats(min_value=1, max_value=1e6), st.floats(min_value=0.97, max_value=1.03))
def test_near_a_target_a_quantile_is_on_the_side_of_the_exact_one(exact: float, of_exact: float) -> None:
    target = exact * of_exact
    shown = on_its_side(middle(bucket(exact)), 0.95, target, share_within=0.95 if exact <= target else 0.94)
    assert (shown <= target) == (exact <= target)
    assert shown == pytest.approx(exact, rel=RELATIVE_ERROR * 1.0001)


def test_zero_is_kept_as_zero_and_sorts_first() -> None:
    assert quantile([0.0, 0.0, 40.0], 0.5) == 0.0


@given(st.floats(min_value=0.001, max_value=1e9))
def test_a_bucket_holds_what_is_above_the_top_of_the_one_before_up_to_its_own(value: float) -> None:
    assert top(bucket(value) - 1) * (1 - 1e-9) < value <= top(bucket(value)) * (1 + 1e-9)
