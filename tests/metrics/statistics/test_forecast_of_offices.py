"""The forecast of simulated offices, whose true process is known: right on the mean, and held as often as promised."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import numpy as np
import pytest

from jorge_data.events.timestamps import DAY, midnight
from jorge_data.metrics import Targets
from jorge_data.metrics.statistics.deal_snapshots import DealReport, deal_snapshots, open_value, past_forecasts, won
from jorge_data.metrics.statistics.forecast import Forecast, Horizon

TARGETS = Targets()
FIRST = midnight(date(2015, 1, 1), TARGETS.zone)
STAGES = {
    "prospect": (0.4, 1, 12),
    "qualified": (0.625, 1.5, 14),
    "showing": (0.615, 1, 20),
    "offer": (0.722, 2, 8),
    "under_contract": (0.9, 6, 30),
}
"""The chance to go on, so that the chance to be won is that of the stage; and a stay's gamma shape and mean in days."""


class Month(NamedTuple):
    """A month's forecast, what it brought, and what the open deals bring on the mean whenever they are won."""

    forecast: Forecast
    actual: int
    ever: int


def reports_of(rng: np.random.Generator, deals_a_month: float, months: int) -> list[DealReport]:
    """Return the reports of an office from FIRST on."""
    reports = []
    for number, begin in enumerate(rng.uniform(0, months * 30.44, rng.poisson(deals_a_month * months))):
        day, value, status = float(begin), int(rng.lognormal(13, 0.4)) * 100, "won"
        for stage, (goes_on, shape, mean) in STAGES.items():
            reports.append(DealReport(FIRST + int(day * DAY), f"d{number}", "open", value, stage, None, 0))
            day += rng.gamma(shape, mean / shape)
            if rng.random() >= goes_on:
                status = "lost"
                break
        closed = FIRST + int(day * DAY)
        reports.append(DealReport(closed, f"d{number}", status, value, "", None, closed))
    return sorted(reports)


def months_of(offices: int, deals_a_month: float) -> Iterator[Month]:
    """Yield the first month of the third year of so many offices."""
    for seed in range(offices):
        reports = reports_of(np.random.default_rng(seed), deals_a_month, 25)
        (made,) = past_forecasts(reports, [date(2017, 1, 1)], TARGETS)
        start = midnight(date(2017, 1, 1), TARGETS.zone)
        end = Horizon.until(made.last, start, TARGETS.zone).end
        actual = won(deal_snapshots(reports, end), start, end, TARGETS)
        yield Month(made, actual, open_value(deal_snapshots(reports, start), TARGETS).weighted or 0)


@pytest.fixture(scope="module", params=[(200, 10.0), (60, 60.0)], ids=["9 open deals", "54 open deals"])
def months(request: pytest.FixtureRequest) -> list[Month]:
    return list(months_of(*request.param))


def test_the_mean_is_right_within_its_monte_carlo_error(months: list[Month]) -> None:
    missed = [month.forecast.weighted - month.actual for month in months]
    assert abs(np.mean(missed)) <= 3 * np.std(missed) / len(months) ** 0.5
    # The chance to be won ever is no forecast: it promised more than twice of what the month brought.
    assert sum(month.ever for month in months) > 2 * sum(month.actual for month in months)


def test_ranges_hold_as_many_results_as_they_promise_and_at_least_80_percent(months: list[Month]) -> None:
    coverage = np.mean([month.forecast.p10 <= month.actual <= month.forecast.p90 for month in months])
    promised = np.mean([month.forecast.nominal for month in months])
    assert promised >= 0.8
    assert abs(coverage - promised) <= 3 * (promised * (1 - promised) / len(months)) ** 0.5
