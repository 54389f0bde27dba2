"""Forecast: ranges by simulation, the plain sum beside, and how often they held."""

from datetime import date

import numpy as np
import pytest

from jorge_data.metrics.statistics.forecast import (
    Forecast,
    OpenDeal,
    backtest,
    first_of_quarter,
    forecast,
    last_of_month,
    last_of_quarter,
    months_before,
    simulate,
)

NOVEMBER = date(2026, 11, 30)


def made(won: int | None, *deals: OpenDeal) -> Forecast:
    result = forecast(won, deals, NOVEMBER)
    assert result is not None
    return result


def test_the_range_of_ten_even_deals_is_that_of_the_binomial_distribution() -> None:
    result = made(0, *[OpenDeal(100_00, 0.5, NOVEMBER)] * 10)
    # Of Binomial(10, ½) the deciles are 3, 5 and 7.
    assert (result.p10, result.p50, result.p90) == (300_00, 500_00, 700_00)


def test_the_mean_of_the_runs_is_the_weighted_sum() -> None:
    deals = [(6_000_00, 0.1), (12_345_67, 0.4), (9_999_99, 0.9)]
    mean = float(np.mean(simulate(deals)))
    assert mean == pytest.approx(sum(commission * likely for commission, likely in deals), rel=0.02)


def test_what_is_won_is_certain() -> None:
    result = made(5_000_00, OpenDeal(1_000_00, 1.0, None), OpenDeal(9_000_00, 0.0, None))
    assert (result.weighted, result.p10, result.p90) == (6_000_00, 6_000_00, 6_000_00)


def test_the_weighted_sum_is_rounded_deal_by_deal_in_cents() -> None:
    assert made(0, *[OpenDeal(1, 0.4, None)] * 10).weighted == 0
    assert made(0, OpenDeal(2_475_01, 0.1, None)).weighted == 247_50


def test_the_same_deals_give_the_same_range_in_any_order() -> None:
    deals = [OpenDeal(commission, 0.1 + commission % 7 / 10, None) for commission in range(1_000, 40_000, 777)]
    assert made(0, *deals) == made(0, *reversed(deals))


def test_many_deals_are_simulated_in_blocks() -> None:
    result = made(0, *[OpenDeal(100, 0.5, None)] * 1_000)
    assert result.deals == 1_000
    assert result.p10 < result.weighted == 500_00 < result.p90


def test_deals_count_that_close_by_the_horizon_or_are_late_or_name_no_day() -> None:
    dates = [date(2026, 11, 30), date(2026, 10, 1), None, date(2026, 12, 1)]
    result = made(0, *[OpenDeal(100_00, 1.0, expected) for expected in dates])
    assert (result.deals, result.undated, result.p50) == (3, 1, 300_00)


def test_deals_without_a_probability_are_left_out_and_counted() -> None:
    result = made(0, OpenDeal(100_00, None, None), OpenDeal(100_00, 1.0, NOVEMBER))
    assert (result.deals, result.unweighted, result.undated, result.p90) == (1, 1, 0, 100_00)


def test_without_any_deal_there_is_no_forecast() -> None:
    assert forecast(None, [], NOVEMBER) is None
    assert made(0).p90 == 0


def test_coverage_is_the_share_of_months_whose_result_lay_in_the_range() -> None:
    past = made(0, *[OpenDeal(100_00, 0.5, None)] * 10)
    result = backtest([(past, 300_00), (past, 700_00), (past, 299_99), (past, 500_00)])
    assert (result.periods, result.covered, result.coverage) == (4, 3, 0.75)
    assert result.interval is not None


def test_without_past_months_coverage_is_not_known() -> None:
    assert backtest([])[2:] == (None, None)


@pytest.mark.parametrize(
    ("day", "month", "quarter"),
    [
        ("2026-01-31", "2026-01-31", "2026-03-31"),
        ("2028-02-01", "2028-02-29", "2028-03-31"),
        ("2026-06-30", "2026-06-30", "2026-06-30"),
        ("2026-12-24", "2026-12-31", "2026-12-31"),
    ],
)
def test_horizons_end_with_the_calendars_month_and_quarter(day: str, month: str, quarter: str) -> None:
    at = date.fromisoformat(day)
    assert (str(last_of_month(at)), str(last_of_quarter(at))) == (month, quarter)


def test_a_quarter_begins_with_its_first_month() -> None:
    assert [first_of_quarter(date(2026, month, 30)).month for month in (1, 3, 4, 11)] == [1, 1, 4, 10]


def test_the_months_before_a_day_are_whole_ones_oldest_first() -> None:
    assert months_before(date(2026, 2, 28), 3) == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]
