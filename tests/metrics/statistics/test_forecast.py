"""Forecast: ranges by simulation, the plain sum beside, and how often they held."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from jorge_data.events.timestamps import DAY, midnight
from jorge_data.metrics.statistics.closing_times import ClosingTimes, StageEntry
from jorge_data.metrics.statistics.forecast import (
    Chance,
    Forecast,
    Horizon,
    OpenDeal,
    backtest,
    first_of_quarter,
    forecast,
    last_of_month,
    last_of_quarter,
    months_before,
    simulate,
)

AUSTIN = ZoneInfo("America/Chicago")
AT = midnight(date(2026, 11, 1), AUSTIN)
NOVEMBER = Horizon.until(date(2026, 11, 30), AT, AUSTIN)


def closing_times(*days: float) -> ClosingTimes:
    """Return closing times of deals that were all won from offer, after so many days."""
    long_ago = AT - 900 * DAY
    closes = [long_ago + round(took * DAY) for took in days]
    return ClosingTimes([StageEntry("offer", long_ago, close, close, True) for close in closes], AT)


AT_ONCE = closing_times(*[1.0] * 10)


def deal(commission: int, probability: float | None, stage: str = "offer", days_ago: float = 0) -> OpenDeal:
    return OpenDeal(commission, probability, stage, AT - round(days_ago * DAY))


def made(won: int | None, *deals: OpenDeal, closing: ClosingTimes = AT_ONCE) -> Forecast:
    result = forecast(won, deals, closing, NOVEMBER)
    assert result is not None
    return result


def test_the_range_of_ten_even_deals_is_that_of_the_binomial_distribution() -> None:
    result = made(0, *[deal(100_00, 0.5)] * 10)
    # Of Binomial(10, ½) the deciles are 3, 5 and 7, and 89 % lie within.
    assert (result.p10, result.p50, result.p90) == (300_00, 500_00, 700_00)
    assert result.nominal == pytest.approx(0.89, abs=0.01)


def test_a_deal_counts_by_its_chance_to_be_won_in_time_and_not_ever() -> None:
    soon, late = closing_times(*[3.0] * 10), closing_times(*[90.0] * 10)
    half = closing_times(*[3.0] * 5, *[90.0] * 5)
    assert [made(0, deal(1_000_00, 0.8), closing=each).weighted for each in (soon, half, late)] == [800_00, 400_00, 0]
    assert made(0, deal(1_000_00, 0.8), closing=late).p90 == 0


def test_a_deal_is_as_old_as_its_stay_at_the_stage() -> None:
    assert made(0, deal(1_000_00, 1.0, days_ago=70), closing=closing_times(*[90.0] * 10)).weighted == 1_000_00


def test_the_mean_of_the_runs_is_the_weighted_sum() -> None:
    chances = [Chance(6_000_00, 0.1, 0.5, 0.1), Chance(12_345_67, 0.4, 0.3, 0.1), Chance(9_999_99, 0.9, 0.7, 0.1)]
    mean = float(np.mean(simulate(chances)))
    assert mean == pytest.approx(sum(each.commission * each.ever * each.in_time for each in chances), rel=0.02)


def test_what_is_uncertain_about_closing_times_widens_the_range_of_many_deals() -> None:
    def spread(error: float) -> float:
        return float(np.std(simulate([Chance(100, 1.0, 0.5, error)] * 400)))

    assert spread(0.0) == pytest.approx(100 * 10, rel=0.03)
    # 400 deals that are all off by 5 points at once: √(10² + 20²), but for deals that share one draw.
    assert spread(0.05) == pytest.approx(100 * 500**0.5, rel=0.05)


def test_what_is_won_is_certain() -> None:
    result = made(5_000_00, deal(1_000_00, 1.0), deal(9_000_00, 0.0))
    assert (result.weighted, result.p10, result.p90) == (6_000_00, 6_000_00, 6_000_00)
    # That the eleventh deal takes longer than all ten that were won so far is reckoned with.
    assert 0.95 < result.nominal < 1


def test_the_weighted_sum_is_rounded_deal_by_deal_in_cents() -> None:
    assert made(0, *[deal(1, 0.4)] * 10).weighted == 0
    assert made(0, deal(2_475_01, 0.1)).weighted == 247_50


def test_the_same_deals_give_the_same_range_in_any_order() -> None:
    deals = [deal(commission, 0.1 + commission % 7 / 10) for commission in range(1_000, 40_000, 777)]
    assert made(0, *deals) == made(0, *reversed(deals))


def test_many_deals_are_simulated_in_blocks() -> None:
    result = made(0, *[deal(100, 0.5)] * 1_000)
    assert result.deals == 1_000
    assert result.p10 < result.weighted == 500_00 < result.p90


def test_deals_without_a_probability_are_left_out_and_counted() -> None:
    result = made(0, deal(100_00, None), deal(100_00, 1.0))
    assert (result.deals, result.unweighted, result.untimed, result.p90) == (1, 1, 0, 100_00)


def test_deals_of_a_stage_from_which_too_few_were_won_are_left_out_and_counted() -> None:
    nowhere = OpenDeal(100_00, 1.0, "", None)
    result = made(0, deal(100_00, 1.0), deal(100_00, 1.0, "showing"), nowhere)
    assert (result.deals, result.unweighted, result.untimed, result.p90) == (1, 0, 2, 100_00)


def test_without_any_deal_there_is_no_forecast_and_with_none_open_it_is_what_is_won() -> None:
    assert forecast(None, [], AT_ONCE, NOVEMBER) is None
    assert made(0).p90 == 0
    assert made(7_00).p10 == 7_00


def test_where_every_open_deal_is_left_out_there_is_no_forecast() -> None:
    assert forecast(5_000_00, [deal(100_00, 1.0, "showing")], AT_ONCE, NOVEMBER) is None
    assert forecast(5_000_00, [deal(100_00, None)], AT_ONCE, NOVEMBER) is None


def test_coverage_is_the_share_of_months_whose_result_lay_in_the_range() -> None:
    past = made(0, *[deal(100_00, 0.5)] * 10)
    result = backtest([(past, 300_00), (past, 700_00), (past, 299_99), (past, 500_00)])
    assert (result.periods, result.covered, result.coverage) == (4, 3, 0.75)
    assert result.interval is not None
    assert result.expected == past.nominal


def promise(nominal: float) -> Forecast:
    return Forecast(date(2026, 11, 30), 0, 0, 100, 200, 300, nominal, 9, 0, 0)


def held(covered: int, nominal: Sequence[float]) -> str:
    return backtest([(promise(each), 200 if n < covered else 400) for n, each in enumerate(nominal)]).verdict


def test_past_ranges_are_judged_only_where_wrong_ones_would_have_been_found_out() -> None:
    assert held(19, [0.8] * 24) == "held"
    assert held(10, [0.8] * 12) == "too few months"
    # Of one deal all results lie within P10 to P90, of three 97 %: no such range can be found wrong.
    assert held(24, [1.0] * 24) == "too few deals"
    assert held(24, [0.97] * 24) == "too few deals"


def test_ranges_that_hold_less_than_honest_ones_are_too_narrow_however_few_they_are() -> None:
    assert held(15, [0.8] * 24) == "too narrow"
    assert held(5, [0.8] * 12) == "too narrow"
    assert held(15, [0.97] * 24) == "too narrow"
    # A miss that a range did not even reckon with is none too many for 80 %.
    assert held(23, [1.0] * 24) == "too few deals"


def test_honest_ranges_are_called_too_narrow_in_one_case_of_twenty_at_most() -> None:
    rng = np.random.default_rng(7)
    nominal = [0.8, 0.85, 0.9, 1.0] * 6
    covered = (rng.random((2_000, len(nominal))) < nominal).sum(axis=1)
    verdicts = {n: held(n, nominal) for n in set(covered.tolist())}
    assert np.mean([verdicts[n] == "too narrow" for n in covered.tolist()]) <= 0.05 + 3 * (0.05 * 0.95 / 2_000) ** 0.5


def test_without_past_months_coverage_is_not_known() -> None:
    assert backtest([])[2:] == (None, None, None, "too few months")


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
