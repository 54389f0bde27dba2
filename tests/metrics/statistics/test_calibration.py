"""Calibration and confusion: people's labels against the decoder's predictions."""

import pytest

from jorge_data.metrics.statistics.calibration import expected_error, overconfidence, reliability
from jorge_data.metrics.statistics.confusion import confusion
from tests.metrics.statistics.frames import frame

BINNED = frame(
    "bin right value n",
    ("0.90", "yes", 7.4, 8),  # ten analyses with a mean confidence of 0.925 …
    ("0.90", "no", 1.85, 2),  # … of which eight were right
    ("0.55", "yes", 0.55 * 10, 10),
    ("0.55", "no", 0.55 * 10, 10),
)


def test_each_bin_sets_what_was_right_against_what_was_promised() -> None:
    low, high = reliability(BINNED)
    assert (low.low, low.high, low.n, low.right, low.accuracy) == (0.55, 0.6, 20, 10, 0.5)
    assert (high.low, high.high, high.n, high.accuracy) == (0.9, 0.95, 10, 0.8)
    assert (low.confidence, high.confidence) == pytest.approx((0.55, 0.925))


def test_the_expected_error_weighs_each_gap_by_its_labels() -> None:
    assert expected_error(reliability(BINNED)) == pytest.approx((20 * 0.05 + 10 * 0.125) / 30)


def test_gaps_of_both_signs_cancel_in_overconfidence_alone() -> None:
    both = frame("bin right value n", ("0.50", "yes", 5.0, 10), ("0.95", "no", 9.5, 10))
    bins = reliability(both)
    assert expected_error(bins) == pytest.approx((0.5 + 0.95) / 2)
    assert overconfidence(bins) == pytest.approx((0.95 - 0.5) / 2)


def test_without_labels_there_is_no_calibration() -> None:
    none = frame("bin right value n")
    assert (reliability(none), expected_error([]), overconfidence([])) == ([], None, None)


LABELS = frame(
    "predicted actual value",
    ("seller", "seller", 40),
    ("seller", "buyer", 10),
    ("buyer", "buyer", 45),
    ("investor", "seller", 5),
)


def test_accuracy_comes_with_n_and_wilsons_interval() -> None:
    result = confusion(LABELS)
    assert (result.n, result.right, result.accuracy) == (100, 85, 0.85)
    assert result.interval == pytest.approx((0.7672, 0.9069), abs=5e-5)


def test_the_matrix_has_a_row_for_what_was_so_and_a_column_for_what_was_said() -> None:
    matrix = confusion(LABELS).matrix
    assert matrix.loc["buyer"].to_dict() == {"buyer": 45, "investor": 0, "seller": 10}


def test_without_labels_accuracy_is_not_known() -> None:
    result = confusion(frame("predicted actual value"))
    assert (result.n, result.accuracy, result.interval) == (0, None, None)
