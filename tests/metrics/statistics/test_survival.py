"""Survival: the published figures of the 6-MP leukaemia trial come out, and so do the limits of what can be said."""

import pytest

from jorge_data.metrics.statistics.survival import kaplan_meier

RELAPSED = [(6, 3), (7, 1), (10, 1), (13, 1), (16, 1), (22, 1), (23, 1)]
IN_REMISSION = [(weeks, 1) for weeks in (6, 9, 10, 11, 17, 19, 20, 25)] + [(32, 2), (34, 1), (35, 1)]
"""Weeks in remission under 6-MP: Freireich et al., Blood 21 (1963) 699–716."""

PUBLISHED = [
    (6, 21, 3, 0.8571, 0.0764),
    (7, 17, 1, 0.8067, 0.0869),
    (10, 15, 1, 0.7529, 0.0963),
    (13, 12, 1, 0.6902, 0.1068),
    (16, 11, 1, 0.6275, 0.1141),
    (22, 7, 1, 0.5378, 0.1282),
    (23, 6, 1, 0.4482, 0.1346),
]
"""Time, at risk, relapses, survival, Greenwood's error, as Kleinbaum and Klein, Survival Analysis, ch. 2, and Stata."""

PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
"""Weeks to relapse of the other arm of the trial, of whom none was censored."""


def test_the_curve_is_the_published_one() -> None:
    curve = kaplan_meier(RELAPSED, IN_REMISSION)
    steps = [(s.time, s.at_risk, s.done, round(s.share, 4), round(s.error, 4)) for s in curve.steps]
    assert steps == PUBLISHED
    assert (curve.n, curve.done) == (21, 9)


def test_the_median_and_its_interval_are_the_published_ones() -> None:
    curve = kaplan_meier(RELAPSED, IN_REMISSION)
    assert (curve.median, curve.interval) == (23, (13, None))


def test_a_band_is_that_of_log_minus_log() -> None:
    band = kaplan_meier(RELAPSED, IN_REMISSION).steps[2].band
    assert band == pytest.approx((0.5032, 0.8894), abs=5e-5)


def test_without_open_cases_the_curve_is_that_of_the_durations() -> None:
    curve = kaplan_meier([(weeks, 1) for weeks in PLACEBO])
    first = curve.steps[0]
    # As Stata lists it: Rodríguez, The Gehan Survival Data, Princeton University.
    assert (round(first.share, 4), round(first.error, 4)) == (0.9048, 0.0641)
    assert first.band is not None
    assert first.band.low == pytest.approx(0.6700, abs=5e-5)
    assert curve.median == 8


def test_a_share_of_exactly_one_half_reaches_the_median() -> None:
    assert kaplan_meier([(day, 1) for day in range(1, 11)]).median == 5


def test_a_median_that_is_not_reached_is_none() -> None:
    assert kaplan_meier([(5, 1)], [(9, 3)]).median is None


def test_leaving_out_the_open_cases_would_flatter() -> None:
    done, waiting = [(1.0, 5), (10.0, 5)], [(10.0, 20)]
    assert kaplan_meier(done).median == 1
    assert kaplan_meier(done, waiting).median is None


def test_of_nothing_nothing_is_known() -> None:
    curve = kaplan_meier([])
    assert (curve.n, curve.median, curve.interval) == (0, None, (None, None))


def test_the_share_left_holds_from_step_to_step() -> None:
    curve = kaplan_meier([(2, 1), (4, 1)], [(9, 2)])
    assert [(step.time, step.share) for step in curve.steps] == [(2, 0.75), (4, 0.5)]


def test_where_all_is_done_no_band_is_claimed() -> None:
    last = kaplan_meier([(1, 2)]).steps[-1]
    assert (last.share, last.band) == (0.0, None)
