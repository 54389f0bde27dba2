"""Drift: the population stability index, its marks, and when it says nothing."""

import pytest

from jorge_data.metrics.statistics.drift import drift


def test_the_index_is_that_of_a_sum_done_by_hand() -> None:
    result = drift({"0.80": 500, "0.90": 500}, {"0.80": 400, "0.90": 600})
    assert result is not None
    # (0.4 − 0.5) ln 0.8 + (0.6 − 0.5) ln 1.2
    assert result.psi == pytest.approx(0.040547, abs=1e-6)


@pytest.mark.parametrize(("now", "verdict"), [(500, "stable"), (650, "stable"), (700, "moderate"), (760, "major")])
def test_the_usual_marks_give_the_verdict(now: int, verdict: str) -> None:
    result = drift({"a": 500, "b": 500}, {"a": now, "b": 1000 - now})
    assert result is not None
    assert result.verdict == verdict


def test_an_empty_bin_counts_as_half_a_case() -> None:
    result = drift({"a": 99, "b": 0}, {"a": 50, "b": 50})
    by_hand = drift({"a": 198, "b": 1}, {"a": 50, "b": 50})
    assert result is not None
    assert by_hand is not None
    assert result.psi == pytest.approx(by_hand.psi)


def test_a_bin_empty_on_both_sides_is_left_out() -> None:
    assert drift({"a": 9, "b": 9, "c": 0}, {"a": 9, "b": 9}) == drift({"a": 9, "b": 9}, {"a": 9, "b": 9})


def test_no_verdict_is_given_where_chance_alone_reaches_as_much() -> None:
    bins = [f"{number / 20:.2f}" for number in range(20)]
    few = drift(dict.fromkeys(bins, 5), {name: 5 + (3 if number % 2 else -2) for number, name in enumerate(bins)})
    assert few is not None
    assert few.psi > 0.1
    assert few.by_chance > 0.05
    assert few.verdict == "too few"


def test_against_nothing_there_is_no_drift() -> None:
    assert drift({}, {"a": 1}) is drift({"a": 1}, {"a": 0}) is None
