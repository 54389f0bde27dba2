"""The charts of revenue: what each draws, finds and says; `told` holds the page's answers by name."""

from functools import partial

import pandas as pd
import streamlit as st

from jorge_data import charts
from jorge_data.live import deals, stays
from jorge_data.live.chart import chart
from jorge_data.live.outlook import Outlook
from jorge_data.live.query import Query
from jorge_data.live.told import Told
from jorge_data.metrics.analysis import title
from jorge_data.metrics.analysis.forecast import METHOD, NOMINAL, Forecast, backtest
from jorge_data.metrics.units import Unit, write
from jorge_data.metrics.wording import cents, joined, money

NO_DEAL = "No deal was ever heard of. Connect a pipeline on the Connect page."


def stages(told: Told, query: Query, year: Query, outlook: Outlook) -> None:
    """Draw the commission of the open deals by stage."""
    frame = deals.stages(told, query)
    finding = title.leads("the commission in pipeline", deals.cents_by_stage(frame), "Pipeline by stage")
    what = "commission on open deals by stage, US dollars, and in brackets weighted by its probability; now"
    build = partial(charts.ranking, label="stage")
    chart(
        frame,
        build,
        key="stages",
        finding=finding,
        what=what,
        nothing="No deal is open. What was closed stands in the list below.",
    )


def months(told: Told, query: Query, year: Query, outlook: Outlook) -> None:
    """Draw commission won by month against the target, and this month's forecast."""
    frame, goal = deals.months(told, outlook), outlook.targets.monthly_target
    finding = title.outlook(outlook.horizons[0].found, cents(goal), "Commission won by month")
    what = f"commission won, thousand US dollars, by month, {year.label}; this month with its forecast P10–P50–P90"
    build = partial(charts.spread, x="month", words=_words(frame), target=goal, target_words=f"target {goal / 1000:g}")
    chart(frame, build, key="months", finding=finding, what=what, nothing=NO_DEAL)


def forecast(told: Told, query: Query, year: Query, outlook: Outlook) -> None:
    """Draw the forecasts to the end of month and quarter, and say how they are made."""
    frame, quarter = deals.horizons(query, outlook), outlook.horizons[-1]
    finding = title.outlook(quarter.found, quarter.target, "Forecast")
    what = "commission won so far, thousand US dollars, and the forecast P10–P50–P90 to the end of month and quarter"
    build = partial(charts.spread, x="horizon", words=_words(frame))
    chart(frame, build, key="forecast", finding=finding, what=what, nothing=NO_DEAL)
    for each in outlook.horizons:
        if each.found:
            st.text(f"End of {each.name}: {said(each.found)}; target {money(each.target)}")
    st.text(METHOD)
    if not outlook.open.complete:
        st.text(
            f"There are more open deals than are read: the forecasts count the {outlook.deals:,} of the greatest value."
        )


def rehearsal(told: Told, query: Query, year: Query, outlook: Outlook) -> None:
    """Draw what past months brought against what would have been forecast, and the coverage."""
    frame, past = deals.rehearsals(query, outlook), backtest(outlook.rehearsals)
    finding = title.covered(past, "How past forecasts did")
    what = "bars: what each month brought, thousand US dollars; range: P10–P50–P90 on the month's first morning"
    build = partial(charts.spread, x="month", words=_words(frame))
    nothing = "No past month began with a known deal: there is nothing to rehearse yet."
    chart(frame, build, key="rehearsal", finding=finding, what=what, nothing=nothing)
    if past.coverage is not None and past.interval is not None:
        low, high = (write(bound, Unit.SHARE) for bound in past.interval)
        st.text(
            f"Coverage {write(past.coverage, Unit.SHARE)} (95 % interval {low} to {high}); "
            f"{write(NOMINAL, Unit.SHARE)} would be right. Deals that a month brings itself are in no forecast."
        )
    if not outlook.heard.complete:
        st.text("There are more reports than are read: the oldest months are rehearsed without the first of them.")


def velocity(told: Told, query: Query, year: Query, outlook: Outlook) -> None:
    """Draw the median stay at each stage."""
    listed = stays.stays(told, "stage")
    named = [stay._replace(stage=deals.spoken(stay.stage)) for stay in listed]
    finding = title.slowest(named, "How long deals stay at each stage")
    what = f"median stay with its 95 % interval (Kaplan–Meier, open stays by their age), entered in the {year.label}"
    build = partial(charts.ranking, label="stage")
    frame = deals.velocity_marks(listed, year)
    chart(frame, build, key="velocity", finding=finding, what=what, nothing="No deal entered a stage in these months.")


def sources(told: Told, query: Query, year: Query, outlook: Outlook) -> None:
    """Draw the deals won and lost by lead source."""
    frame = deals.sources(told.frame("sources"))
    finding = title.stands_out("wins most", deals.won_parts(told.frame("sources")), "Won and lost by lead source")
    what = f"deals closed by lead source, {year.label}, n = {told.series('sources').n:,}"
    build = partial(charts.bars, x="source", split="status", order=deals.STATUSES)
    chart(frame, build, key="sources", finding=finding, what=what, nothing="No deal was closed in these months.")


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
