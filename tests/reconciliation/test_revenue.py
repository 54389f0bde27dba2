"""Revenue, recounted deal by deal from the commission events alone; the simulation is held against another."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random

import pytest

from jorge_data.dashboard.revenue import data as shown_deals
from jorge_data.dashboard.revenue.deal_forecasts import DealForecasts, forecast_months, last_year
from jorge_data.dashboard.ui import time_in_stage
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.events.money import cents
from jorge_data.metrics import Targets
from jorge_data.metrics.formatting import Unit, write
from jorge_data.metrics.statistics.forecast import Forecast, backtest
from jorge_data.metrics.statistics.frame_counts import counts
from tests.reconciliation import deals
from tests.reconciliation.agreement import SKETCHED, agree, agree_all
from tests.reconciliation.dashboard import Dashboard, Days, Page
from tests.reconciliation.deals import Deal
from tests.reconciliation.deliveries import NOW, ZONE
from tests.reconciliation.exact_statistics import median, split_censored, wilson
from tests.reconciliation.reconciled import reconciles

PAGE = "revenue"
MONTHLY_TARGET = 25_000
RUNS = 10_000


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def opened_now(dashboard: Dashboard, page: Page) -> tuple[PageData, DealForecasts]:
    """Return the page's data and its forecasts as if it had been opened at NOW."""
    months = forecast_months(page.query, NOW).series(
        "deal_state", "commission", "sum", where=shown_deals.WON, step="1mo"
    )
    questions = {**page.page_data.requests, "won_by_month": months}
    page_data = PageData(questions, {**page.page_data.responses, "won_by_month": dashboard.client.series(months)})
    return page_data, DealForecasts(page_data, page.query, Targets(**dashboard.context.settings.targets), NOW)


def sums(recounted: Sequence[Deal]) -> dict[str, int | None]:
    """Return value, commission and weighted commission of the open deals, in cents."""
    open_ = deals.still_open(recounted)
    weighted = [deal.weighted for deal in open_ if deal.weighted is not None]
    return {
        "value": sum(deal.newest.value for deal in open_),
        "commission": sum(deal.commission for deal in open_),
        "weighted": sum(weighted) if weighted else None,
    }


Weighed = list[tuple[int, float, float, float]]
"""The open deals that count: commission in cents, the chances that it is ever won and in time, and its error."""


def weigh(known: Sequence[Deal], until: datetime, open_: Sequence[Deal], at: datetime, end: datetime) -> Weighed:
    known_at, now, last = (round(moment.timestamp()) * 1_000_000 for moment in (until, at, end))
    timed = ((deal, deals.share_won_in_time(known, known_at, deal, now, last)) for deal in open_)
    return [(deal.commission, float(deal.probability or 0), *timing) for deal, timing in timed if timing]


def simulate(weighed: Weighed, won: int) -> Counter[int]:
    """Return how many of RUNS runs end at each total, in cents."""
    rng, totals = Random(1), Counter[int]()
    for _ in range(RUNS):
        off = rng.gauss(0, 1)
        chances = [
            (commission, ever * min(1, max(0, share + off * error))) for commission, ever, share, error in weighed
        ]
        totals[won + sum(commission for commission, chance in chances if rng.random() < chance)] += 1
    return totals


def check_range(made: Forecast, open_: Sequence[Deal], weighed: Weighed, won: int) -> None:
    """Assert that a forecast is of these deals, and that so many runs of another simulation end where it says."""
    unweighted = sum(deal.probability is None for deal in open_)
    assert (made.won, made.deals, made.unweighted) == (won, len(weighed), unweighted)
    assert made.untimed == len(open_) - unweighted - len(weighed)
    mean = won + sum(commission * ever * in_time for commission, ever, in_time, _ in weighed)
    assert abs(made.weighted - mean) <= len(weighed)
    totals = simulate(weighed, won)
    for q, end in ((0.1, made.p10), (0.5, made.p50), (0.9, made.p90)):
        below = sum(runs for total, runs in totals.items() if total < end) / RUNS
        at_most = sum(runs for total, runs in totals.items() if total <= end) / RUNS
        # Five standard errors of the difference of two shares of so many runs.
        assert below - 0.035 <= q <= at_most + 0.035
    within = sum(runs for total, runs in totals.items() if made.p10 <= total <= made.p90) / RUNS
    assert abs(made.nominal - within) <= 0.035


@reconciles("revenue.pipeline", "revenue.commission", "revenue.weighted")
def test_open_deals_are_worth_what_they_are_to_the_cent_now_and_before(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    page_data, forecasts = opened_now(dashboard, page)
    now, before = sums(deals.read(dashboard.raw)), sums(deals.read(dashboard.raw, page.query.start))
    for name in ("value", "commission", "weighted"):
        value = shown_deals.pipeline(page_data, page.query, forecasts, name)
        assert value.now is not None
        assert cents(value.now) == now[name]
        assert (None if value.before is None else cents(value.before)) == before[name]
    open_ = deals.still_open(deals.read(dashboard.raw))
    by_stage = Counter({deal.stage: 0 for deal in open_})
    for deal in open_:
        by_stage[deal.stage] += deal.commission
    named = {shown_deals.stage_name(stage): amount for stage, amount in by_stage.items()}
    stages = shown_deals.stages(page_data, page.query, forecasts)
    assert {stage: cents(value) for stage, value in zip(stages["stage"], stages["value"], strict=True)} == named
    assert {stage: sum(each) for stage, each in shown_deals.cents_by_stage(page_data).items()} == named


@reconciles("revenue.won", "revenue.win_rate")
def test_closed_deals_count_on_the_day_of_closing_at_that_days_rate(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    recounted = deals.read(dashboard.raw)
    for prefix, span in page.sides():
        closed = deals.closed_in(recounted, span["start"], span["end"])
        won = [deal for deal in closed if deal.newest.status == "won"]
        value = page.page_data.series(f"{prefix}won").value
        assert (None if value is None else cents(value)) == (sum(deal.commission for deal in won) if won else None)
        rate = shown_deals.win_rate(page.page_data.series(f"{prefix}closed").frame)
        agree(rate, len(won) / len(closed) if closed else None)
    year = last_year(page.query)
    by_source = Counter(
        (deal.lead_source, deal.newest.status) for deal in deals.closed_in(recounted, year.start, year.end)
    )
    assert counts(page.page_data.series("sources").frame, "lead_source", "status") == by_source
    months = page.page_data.series("months").frame
    for t, value in zip(months["t"], months["value"], strict=True):
        end = midnight((t.date() + timedelta(days=31)).replace(day=1))
        won = deals.closed_in(recounted, t.to_pydatetime(), min(end, page.query.end), "won")
        assert cents(value) == sum(deal.commission for deal in won)


@reconciles("revenue.progress", "revenue.forecast", "revenue.forecast_weighted")
def test_the_forecast_is_what_is_won_and_what_chance_makes_of_the_open_deals(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    page_data, forecasts = opened_now(dashboard, page)
    recounted = deals.read(dashboard.raw)
    today = midnight(NOW.astimezone(ZONE).date())
    hour = NOW.replace(minute=0, second=0, microsecond=0)
    ends = (date(2024, 11, 1), date(2024, 11, 30)), (date(2024, 10, 1), date(2024, 12, 31))
    for horizon, (first, last) in zip(forecasts.horizons, ends, strict=True):
        end = midnight(last + timedelta(days=1))
        won = deals.closed_in(recounted, midnight(first), end, "won")
        assert horizon.forecast is not None
        assert horizon.forecast.last == last
        open_ = deals.still_open(recounted)
        weighed = weigh(deals.read(dashboard.raw, today), today, open_, hour, end)
        check_range(horizon.forecast, open_, weighed, sum(deal.commission for deal in won))
    month = deals.closed_in(recounted, midnight(date(2024, 11, 1)), midnight(date(2024, 12, 1)), "won")
    progress = shown_deals.progress(page_data, page.query, forecasts).now
    agree(progress, sum(deal.commission for deal in month) / (100 * MONTHLY_TARGET))


@reconciles("revenue.coverage")
def test_every_past_month_is_forecast_from_what_was_known_on_its_first_morning(dashboard: Dashboard) -> None:
    page = dashboard.page(PAGE, (date(2024, 11, 1), date(2024, 11, 30)))
    _, forecasts = opened_now(dashboard, page)
    expected, recounted = [], deals.read(dashboard.raw)
    ranges = {made.last.replace(day=1): (made, actual) for made, actual in forecasts.past_forecasts}
    for first in past_months(date(2024, 11, 30)):
        start, end = midnight(first), midnight((first + timedelta(days=31)).replace(day=1))
        known = deals.read(dashboard.raw, start)
        open_ = deals.still_open(known)
        weighed = weigh(known, start, open_, start, end)
        assert (first in ranges) == bool(weighed)
        if weighed:
            made, actual = ranges[first]
            check_range(made, open_, weighed, 0)
            assert actual == sum(deal.commission for deal in deals.closed_in(recounted, start, end, "won"))
            expected.append(made.p10 <= actual <= made.p90)
    assert expected
    past = backtest(forecasts.past_forecasts)
    assert (past.periods, past.covered) == (len(expected), sum(expected))
    agree(past.coverage, sum(expected) / len(expected))
    assert past.interval == pytest.approx(wilson(sum(expected), len(expected)))


def past_months(today: date) -> list[date]:
    """Return the first days of the 24 months before this one."""
    months = []
    first = today.replace(day=1)
    for _ in range(24):
        first = (first - timedelta(days=1)).replace(day=1)
        months.append(first)
    return sorted(months)


@reconciles("revenue.velocity")
def test_the_median_stay_counts_deals_that_are_still_there(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    year = last_year(page.query)
    shown = {stay.stage: stay.median for stay in time_in_stage.time_in_stage(page.page_data, "stage")}
    by_stage: dict[str, list[tuple[float, bool]]] = {}
    for stage, entered, left in (visit for deal in deals.read(dashboard.raw) for visit in deals.stage_visits(deal)):
        if year.start.timestamp() * 1e6 <= entered < year.end.timestamp() * 1e6:
            until = NOW.timestamp() * 1e6 if left is None else left
            by_stage.setdefault(stage, []).append(((until - entered) / 1e6, left is not None))
    agree_all(shown, {stage: median(*split_censored(taken)) for stage, taken in by_stage.items()}, SKETCHED)


@reconciles("revenue.stage_age")
def test_an_open_deal_is_as_old_as_its_stay(dashboard: Dashboard) -> None:
    query = dashboard.page(PAGE, (date(2024, 11, 1), date(2024, 11, 30))).query
    table = dashboard.client.table(replace(shown_deals.deals(query, "open"), limit=1000))
    frame = shown_deals.with_stage_age(NOW, table.frame)
    ages = {deal: age for deal, age in zip(frame["deal_id"], frame["stage_age"], strict=True) if age == age}
    now_us = round(NOW.timestamp() * 1e6)
    expected = {
        deal.newest.deal: (now_us - entered) / 86_400e6
        for deal in deals.still_open(deals.read(dashboard.raw))
        for _, entered, left in deals.stage_visits(deal)
        if left is None
    }
    agree_all(ages, expected, 1e-9)
    assert table.total == len(deals.still_open(deals.read(dashboard.raw)))


def test_the_tiles_read_as_recounted(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    now, recounted = sums(deals.read(dashboard.raw)), deals.read(dashboard.raw)
    closed = deals.closed_in(recounted, page.query.start, page.query.end)
    won = [deal for deal in closed if deal.newest.status == "won"]
    assert page.tiles == page.tiles | {
        "Pipeline": dollars(now["value"]),
        "Commission in the pipeline": dollars(now["commission"]),
        "Weighted": dollars(now["weighted"]),
        "Commission won": dollars(sum(deal.commission for deal in won)),
        "Win rate": write(len(won) / len(closed), Unit.SHARE),
    }


def dollars(amount: int | None) -> str:
    return write(None if amount is None else amount / 100, Unit.DOLLARS)
