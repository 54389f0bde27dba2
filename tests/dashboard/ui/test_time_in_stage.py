"""Medians on a page: how they are written."""

from jorge_data.dashboard.ui.time_in_stage import survival_chart, words
from jorge_data.metrics.statistics.survival import kaplan_meier
from jorge_data.metrics.statistics.velocity import StageTime


def test_a_median_is_written_as_a_duration_with_its_interval() -> None:
    assert words(StageTime("offer", 5 * 86_400.0, (4 * 86_400.0, None), 9, 1)) == "5 d (4 d to …)"
    assert words(StageTime("Q1", 90.0, (60.0, 120.0), 9, 1)) == "1 m 30 s (1 m to 2 m)"


def test_where_half_have_not_left_it_says_how_many_are_there() -> None:
    assert words(StageTime("offer", None, (None, None), 1, 5)) == "half not reached · 5 there"


def test_a_curve_begins_with_all_of_them_and_is_drawn_in_a_unit_that_fits() -> None:
    frame, unit, build = survival_chart(kaplan_meier([(3600, 1), (4 * 3600, 1)]))
    assert (unit, build.keywords["median"], build.keywords["median_words"]) == ("hours", 1.0, "half after 1 h")
    assert frame[["time", "share"]].to_numpy().tolist() == [[0, 1], [1, 0.5], [4, 0]]


def test_a_curve_of_nothing_that_was_done_is_empty() -> None:
    assert survival_chart(kaplan_meier([], [(60, 3)]))[0].empty
