"""The charts of revenue: what each draws, finds and says; `told` holds the page's answers by name."""

from functools import partial

import pandas as pd
import streamlit as st

from jorge_data import charts
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.revenue import data
from jorge_data.dashboard.revenue.forecast import DealForecasts
from jorge_data.dashboard.ui import time_in_stage
from jorge_data.dashboard.ui.chart_card import chart_card
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.metrics.formatting import Unit, cents, joined, money, write
from jorge_data.metrics.statistics import chart_headlines
from jorge_data.metrics.statistics.forecast import METHOD, NOMINAL, Forecast, backtest

NO_DEAL = "No deal was ever heard of. Connect a pipeline on the Connect page."


def stages(page_data: PageData, query: PageQuery, year: PageQuery, outlook: DealForecasts) -> None:
    """Draw the commission of the open deals by stage."""
    frame = data.stages(page_data, query)
    finding = chart_headlines.leads("the commission in pipeline", data.cents_by_stage(frame), "Pipeline by stage")
    what = "commission on open deals by stage, US dollars, and in brackets weighted by its probability; now"
    build = partial(charts.ranking, label="stage")
    chart_card(
        frame,
        build,
        key="stages",
        finding=finding,
        what=what,
        nothing="No deal is open. What was closed stands in the list below.",
    )


def months(page_data: PageData, query: PageQuery, year: PageQuery, outlook: DealForecasts) -> None:
    """Draw commission won by month against the target, and this month's forecast."""
    frame, goal = data.months(page_data, outlook), outlook.targets.monthly_target
    finding = chart_headlines.outlook(outlook.horizons[0].found, cents(goal), "Commission won by month")
    what = f"commission won, thousand US dollars, by month, {year.label}; this month with its forecast P10–P50–P90"
    build = partial(charts.spread, x="month", words=_words(frame), target=goal, target_words=f"target {goal / 1000:g}")
    chart_card(frame, build, key="months", finding=finding, what=what, nothing=NO_DEAL)


def forecast(page_data: PageData, query: PageQuery, year: PageQuery, outlook: DealForecasts) -> None:
    """Draw the forecasts to the end of month and quarter, and say how they are made."""
    frame, quarter = data.horizons(query, outlook), outlook.horizons[-1]
    finding = chart_headlines.outlook(quarter.found, quarter.target, "Forecast")
    what = "commission won so far, thousand US dollars, and the forecast P10–P50–P90 to the end of month and quarter"
    build = partial(charts.spread, x="horizon", words=_words(frame))
    chart_card(frame, build, key="forecast", finding=finding, what=what, nothing=NO_DEAL)
    for each in outlook.horizons:
        if each.found:
            st.text(f"End of {each.name}: {said(each.found)}; target {money(each.target)}")
    st.text(METHOD)
    if not outlook.open.complete:
        st.text(
            f"There are more open deals than are read: the forecasts count the {outlook.deals:,} of the greatest value."
        )


def rehearsal(page_data: PageData, query: PageQuery, year: PageQuery, outlook: DealForecasts) -> None:
    """Draw what past months brought against what would have been forecast, and the coverage."""
    frame, past = data.rehearsals(query, outlook), backtest(outlook.rehearsals)
    finding = chart_headlines.well_covered(past, "How past forecasts did")
    what = "bars: what each month brought, thousand US dollars; range: P10–P50–P90 on the month's first morning"
    build = partial(charts.spread, x="month", words=_words(frame))
    nothing = "No past month began with a known deal: there is nothing to rehearse yet."
    chart_card(frame, build, key="rehearsal", finding=finding, what=what, nothing=nothing)
    if past.coverage is not None and past.interval is not None:
        low, high = (write(bound, Unit.SHARE) for bound in past.interval)
        st.text(
            f"Coverage {write(past.coverage, Unit.SHARE)} (95 % interval {low} to {high}); "
            f"{write(NOMINAL, Unit.SHARE)} would be right. Deals that a month brings itself are in no forecast."
        )
    if not outlook.heard.complete:
        st.text("There are more reports than are read: the oldest months are rehearsed without the first of them.")


def velocity(page_data: PageData, query: PageQuery, year: PageQuery, outlook: DealForecasts) -> None:
    """Draw the median stay at each stage."""
    listed = time_in_stage.time_in_stage(page_data, "stage")
    named = [stay._replace(stage=data.spoken(stay.stage)) for stay in listed]
    finding = chart_headlines.slowest(named, "How long deals stay at each stage")
    what = f"median stay with its 95 % interval (Kaplan–Meier, open stays by their age), entered in the {year.label}"
    build = partial(charts.ranking, label="stage")
    frame = data.velocity_marks(listed, year)
    chart_card(
        frame, build, key="velocity", finding=finding, what=what, nothing="No deal entered a stage in these months."
    )


def sources(page_data: PageData, query: PageQuery, year: PageQuery, outlook: DealForecasts) -> None:
    """Draw the deals won and lost by lead source."""
    frame = data.sources(page_data.frame("sources"))
    finding = chart_headlines.stands_out(
        "wins most", data.won_parts(page_data.frame("sources")), "Won and lost by lead source"
    )
    what = f"deals closed by lead source, {year.label}, n = {page_data.series('sources').n:,}"
    build = partial(charts.bars, x="source", split="status", order=data.STATUSES)
    chart_card(frame, build, key="sources", finding=finding, what=what, nothing="No deal was closed in these months.")


def said(found: Forecast) -> str:
    """Write a forecast: its range, the plain sum beside it, and what it counts."""
    left_out = f"left out without a probability: {found.unweighted:,}" if found.unweighted else ""
    counted = f"open deals counted: {found.deals:,}" + (
        f", of them undated: {found.undated:,}" if found.undated else ""
    )
    return joined(f"P50 {money(found.p50)}, {range_of(found)}", counted, left_out)


def range_of(found: Forecast) -> str:
    """Write a forecast's range and the plain weighted sum."""
    return joined(f"P10 {money(found.p10)} to P90 {money(found.p90)}", f"weighted sum {money(found.weighted)}")


def _words(frame: pd.DataFrame) -> list[str]:
    return list(frame["words"]) if "words" in frame else []


CHARTS = (months, forecast, stages, rehearsal, velocity, sources)
"""In the order in which the page shows them."""
