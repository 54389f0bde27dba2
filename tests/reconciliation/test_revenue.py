"""Revenue, recounted deal by deal from the commission events alone; the simulation is held against exact chances."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

from jorge_data.dashboard.revenue import data as shown_deals
from jorge_data.dashboard.revenue.deal_forecasts import DealForecasts, last_year, this_quarter
from jorge_data.dashboard.ui import time_in_stage
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.events.money import cents
from jorge_data.metrics import Targets
from jorge_data.metrics.formatting import Unit, write
from jorge_data.metrics.statistics.forecast import Forecast, backtest, simulate
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
    quarter = this_quarter(page.query, NOW).series("deal_state", "commission", "sum", where=shown_deals.WON, step="1mo")
    questions = {**page.page_data.requests, "quarter": quarter}
    page_data = PageData(questions, {**page.page_data.responses, "quarter": dashboard.client.series(quarter)})
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


def chances(open_: Sequence[Deal]) -> dict[int, float]:
    """Return how likely each total of the won deals is, in cents: exactly, deal by deal."""
    totals: dict[int, Fraction] = {0: Fraction(1)}
    for deal in open_:
        likely = Fraction(deal.probability or 0)
        following: dict[int, Fraction] = {}
        for total, chance in totals.items():
            for added, share in ((0, 1 - likely), (deal.commission, likely)):
                following[total + added] = following.get(total + added, Fraction(0)) + chance * share
        totals = following
    return {total: float(chance) for total, chance in totals.items()}


def check_range(made: Forecast, open_: Sequence[Deal], won: int, last: date) -> None:
    """Assert that a forecast is of these deals, and that so many runs may end where it says."""
    counted = [deal for deal in open_ if deal.expected_close is None or deal.expected_close <= last]
    weighed = [deal for deal in counted if deal.probability is not None]
    assert (made.won, made.deals, made.unweighted) == (won, len(weighed), len(counted) - len(weighed))
    assert made.weighted == won + sum(deal.weighted or 0 for deal in weighed)
    totals = chances(weighed)
    for q, end in ((0.1, made.p10), (0.5, made.p50), (0.9, made.p90)):
        below = sum(chance for total, chance in totals.items() if won + total < end)
        at_most = sum(chance for total, chance in totals.items() if won + total <= end)
        # Five standard errors of a share over so many runs.
        assert below - 0.025 <= q <= at_most + 0.025


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
    stages = shown_deals.stages(page_data, page.query)
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
    ends = (date(2024, 10, 1), date(2024, 11, 1)), (date(2024, 12, 31), date(2024, 11, 30))
    for horizon, first, last in zip(forecasts.horizons, reversed(ends[0]), reversed(ends[1]), strict=True):
        won = deals.closed_in(recounted, midnight(first), midnight(last + timedelta(days=1)), "won")
        assert horizon.forecast is not None
        check_range(horizon.forecast, deals.still_open(recounted), sum(deal.commission for deal in won), last)
    month = deals.closed_in(recounted, midnight(date(2024, 11, 1)), midnight(date(2024, 12, 1)), "won")
    progress = shown_deals.progress(page_data, page.query, forecasts).now
    agree(progress, sum(deal.commission for deal in month) / (100 * MONTHLY_TARGET))


def test_the_simulations_mean_is_the_exact_one_within_its_standard_error(dashboard: Dashboard) -> None:
    weighed = [deal for deal in deals.still_open(deals.read(dashboard.raw)) if deal.probability is not None]
    totals = simulate([(deal.commission, float(deal.probability or 0)) for deal in weighed], runs=RUNS)
    mean = sum(deal.commission * (deal.probability or 0) for deal in weighed)
    variance = sum((p := deal.probability or Decimal(0)) * (1 - p) * deal.commission**2 for deal in weighed)
    assert abs(float(totals.mean()) - float(mean)) <= 4 * (float(variance) / RUNS) ** 0.5


@reconciles("revenue.coverage")
def test_every_past_month_is_forecast_from_what_was_known_on_its_first_morning(dashboard: Dashboard) -> None:
    page = dashboard.page(PAGE, (date(2024, 11, 1), date(2024, 11, 30)))
    _, forecasts = opened_now(dashboard, page)
    expected = []
    for made, actual in forecasts.past_forecasts:
        first = made.last.replace(day=1)
        start, end = midnight(first), midnight(made.last + timedelta(days=1))
        check_range(made, deals.still_open(deals.read(dashboard.raw, start)), 0, made.last)
        won = sum(deal.commission for deal in deals.closed_in(deals.read(dashboard.raw, end), start, end, "won"))
        assert actual == won
        expected.append(made.p10 <= won <= made.p90)
    firsts = [made.last.replace(day=1) for made, _ in forecasts.past_forecasts]
    assert firsts == [first for first in past_months(date(2024, 11, 30)) if deals.read(dashboard.raw, midnight(first))]
    past = backtest(forecasts.past_forecasts)
    assert (past.periods, past.covered) == (len(expected), sum(expected))
    agree(past.coverage, sum(expected) / len(expected))
    assert past.interval == wilson(sum(expected), len(expected)) or past.interval is not None


def past_months(today: date) -> list[date]:
    """Return the first days of the twelve months before this one."""
    months = []
    first = today.replace(day=1)
    for _ in range(12):
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
        "Commission": dollars(now["commission"]),
        "Weighted": dollars(now["weighted"]),
        "Commission won": dollars(sum(deal.commission for deal in won)),
        "Win rate": write(len(won) / len(closed), Unit.SHARE),
    }


def dollars(amount: int | None) -> str:
    return write(None if amount is None else amount / 100, Unit.DOLLARS)
