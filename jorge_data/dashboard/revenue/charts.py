"""The charts of revenue: what each draws, its headline and its words."""

from functools import partial

import streamlit as st

from jorge_data import charts
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.revenue import data
from jorge_data.dashboard.revenue.deal_forecasts import DealForecasts
from jorge_data.dashboard.ui import time_in_stage
from jorge_data.dashboard.ui.chart_card import chart_card
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.events.money import cents
from jorge_data.metrics.formatting import Unit, joined, money, write
from jorge_data.metrics.statistics import chart_headlines
from jorge_data.metrics.statistics.forecast import METHOD, NOMINAL, Forecast, backtest

NO_DEAL = "No deal was ever heard of. Connect a pipeline on the Connect page."


def stages(page_data: PageData, query: PageQuery, year: PageQuery, forecasts: DealForecasts) -> None:
    """Draw the commission of the open deals by stage."""
    frame = data.stages(page_data, query)
    finding = chart_headlines.leads_in_sum(
        "the commission in pipeline", data.cents_by_stage(page_data), "Pipeline by stage"
    )
    what = "commission on open deals by stage, US dollars, and in brackets weighted by its probability; now"
    build = partial(charts.ranking, label="stage")
    nothing = "No deal is open. What was closed stands in the list below."
    chart_card(frame, build, key="stages", finding=finding, what=what, nothing=nothing)


def months(page_data: PageData, query: PageQuery, year: PageQuery, forecasts: DealForecasts) -> None:
    """Draw commission won by month against the target, and this month's forecast."""
    frame, target = data.months(page_data, forecasts), forecasts.targets.monthly_target
    finding = chart_headlines.against_target(forecasts.horizons[0].forecast, cents(target), "Commission won by month")
    what = f"commission won, thousand US dollars, by month, {year.label}; this month with its forecast P10–P50–P90"
    build = partial(charts.spread, x="month", target=target, target_words=f"target {target / 1000:g}")
    chart_card(frame, build, key="months", finding=finding, what=what, nothing=NO_DEAL)


def forecast(page_data: PageData, query: PageQuery, year: PageQuery, forecasts: DealForecasts) -> None:
    """Draw the forecasts to the end of month and quarter, and say how they are made."""
    frame, quarter = data.horizons(query, forecasts), forecasts.horizons[-1]
    finding = chart_headlines.against_target(quarter.forecast, quarter.target, "Forecast")
    what = "commission won so far, thousand US dollars, and the forecast P10–P50–P90 to the end of month and quarter"
    build = partial(charts.spread, x="horizon")
    chart_card(frame, build, key="forecast", finding=finding, what=what, nothing=NO_DEAL)
    for each in forecasts.horizons:
        if each.forecast:
            st.text(f"End of {each.name}: {_forecast_words(each.forecast)}; target {money(each.target)}")
    st.text(METHOD)
    if not forecasts.open_deals.complete:
        counted = f"the forecasts count the {forecasts.open_count:,} of the greatest value."
        st.text(f"There are more open deals than are read: {counted}")


def past_forecasts(page_data: PageData, query: PageQuery, year: PageQuery, forecasts: DealForecasts) -> None:
    """Draw what past months brought against what would have been forecast, and the coverage."""
    frame, past = data.past_forecasts(query, forecasts), backtest(forecasts.past_forecasts)
    finding = chart_headlines.well_covered(past, "How past forecasts did")
    what = "bars: what each month brought, thousand US dollars; range: P10–P50–P90 on the month's first morning"
    build = partial(charts.spread, x="month")
    nothing = "No past month began with a known deal: there is nothing to rehearse yet."
    chart_card(frame, build, key="rehearsal", finding=finding, what=what, nothing=nothing)
    if past.coverage is not None and past.interval is not None:
        low, high = (write(bound, Unit.SHARE) for bound in past.interval)
        st.text(
            f"Coverage {write(past.coverage, Unit.SHARE)} (95 % interval {low} to {high}); "
            f"{write(NOMINAL, Unit.SHARE)} would be right. Deals that a month brings itself are in no forecast."
        )
    if not forecasts.past_reports.complete:
        st.text("There are more reports than are read: the oldest months are rehearsed without the first of them.")


def velocity(page_data: PageData, query: PageQuery, year: PageQuery, forecasts: DealForecasts) -> None:
    """Draw the median time at each stage."""
    listed = time_in_stage.time_in_stage(page_data, "stage")
    named = [stay._replace(stage=data.stage_name(stay.stage)) for stay in listed]
    finding = chart_headlines.slowest(named, "How long deals stay at each stage")
    what = f"median stay with its 95 % interval (Kaplan–Meier, open stays by their age), entered in the {year.label}"
    build = partial(charts.ranking, label="stage")
    frame, nothing = data.stage_times(listed, year), "No deal entered a stage in these months."
    chart_card(frame, build, key="velocity", finding=finding, what=what, nothing=nothing)


def sources(page_data: PageData, query: PageQuery, year: PageQuery, forecasts: DealForecasts) -> None:
    """Draw the deals won and lost by lead source."""
    frame = data.sources(page_data.frame("sources"))
    parts = data.won_parts(page_data.frame("sources"))
    finding = chart_headlines.stands_out("of deals won", parts, "Won and lost by lead source")
    what = f"deals closed by lead source, {year.label}, n = {page_data.series('sources').n:,}"
    build = partial(charts.bars, x="source", split="status", order=data.STATUSES)
    chart_card(frame, build, key="sources", finding=finding, what=what, nothing="No deal was closed in these months.")


def range_words(made: Forecast) -> str:
    """Write a forecast's range and the plain weighted sum."""
    return joined(f"P10 {money(made.p10)} to P90 {money(made.p90)}", f"weighted sum {money(made.weighted)}")


def _forecast_words(made: Forecast) -> str:
    """Write a forecast: its range, the plain sum beside it, and what it counts."""
    left_out = f"left out without a probability: {made.unweighted:,}" if made.unweighted else ""
    undated = f", of them undated: {made.undated:,}" if made.undated else ""
    counted = f"open deals counted: {made.deals:,}{undated}"
    return joined(f"P50 {money(made.p50)}, {range_words(made)}", counted, left_out)


CHARTS = (months, forecast, stages, past_forecasts, velocity, sources)
"""In the order in which the page shows them."""
