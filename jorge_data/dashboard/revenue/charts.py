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
from jorge_data.metrics.formatting import joined, money, number, portion
from jorge_data.metrics.statistics import chart_headlines
from jorge_data.metrics.statistics.closing_times import FEWEST_WON
from jorge_data.metrics.statistics.forecast import (
    LEVEL,
    METHOD,
    NOMINAL,
    POWER,
    WRONG,
    Forecast,
    Verdict,
    backtest,
)

UNKNOWN = (
    f"No open deal can be forecast: none has both a probability and a stage from which {FEWEST_WON} deals or more were "
    "won, so it is not known how soon they close."
)
VERDICTS: dict[Verdict, str] = {
    "held": f"Ranges that miss {WRONG} times as often would have been found out in {portion(POWER)} of all cases.",
    "too narrow": f"Ranges that hold {portion(NOMINAL)} would hold so few in {portion(LEVEL)} of all cases at most.",
    "too few months": "Of so few months an honest range of 80 % could not be told from one of 50 %.",
    "too few deals": f"Over so few deals honest ranges could not be told from ones that miss {WRONG} times as often.",
}
"""What the test says of past ranges."""

NO_DEAL = "No deal was ever heard of. Connect a pipeline on the Connect page."


def stages(page_data: PageData, query: PageQuery, year: PageQuery, forecasts: DealForecasts) -> None:
    """Draw the commission of the open deals by stage, of a period that is over as of its end."""
    frame, finding = data.stages(page_data, query, forecasts), "Pipeline by stage"
    when, nothing = "now", "No deal is open. What was closed stands in the list below."
    if data.is_over(query, forecasts):  # no sentence of the present
        when = f"as of {data.as_of(query, forecasts).label}"
        nothing = f"No deal was open {when}."
    else:
        by_stage = data.cents_by_stage(page_data)
        finding = chart_headlines.leads_in_sum("the commission in pipeline", by_stage, finding)
    what = f"commission on open deals by stage {when}; in brackets: by each deal's chance"
    build = partial(charts.ranking, label="stage")
    chart_card(frame, build, key="stages", finding=finding, what=what, nothing=nothing)


def months(page_data: PageData, query: PageQuery, year: PageQuery, forecasts: DealForecasts) -> None:
    """Draw commission won by month against the target; where this month is drawn, with its forecast."""
    frame, target = data.months(page_data, forecasts), forecasts.targets.monthly_target
    month, finding = forecasts.horizons[0], "Commission won by month"
    what = f"commission won, thousand US dollars, by month, {year.label}; "
    if not frame.empty and frame["t"].iloc[-1].date() == forecasts.today.replace(day=1):
        finding = chart_headlines.against_target(month.name, month.forecast, cents(target), finding)
        what += "this month with the range of its likely end; "
    what += f"dotted: the target, {target / 1000:g}"
    build = partial(charts.spread, x="month", target=target)
    chart_card(frame, build, key="months", finding=finding, what=what, nothing=NO_DEAL)


def forecast(page_data: PageData, query: PageQuery, year: PageQuery, forecasts: DealForecasts) -> None:
    """Draw the forecasts to the end of month and quarter, and say how they are made."""
    frame, quarter = data.horizons(query, forecasts), forecasts.horizons[-1]
    finding = chart_headlines.against_target(quarter.name, quarter.forecast, quarter.target, "Forecast")
    what = (
        "commission won so far, thousand US dollars, and where month and quarter will likely end: "
        "8 of 10 trials lie in the range"
    )
    build = partial(charts.spread, x="horizon")
    nothing = UNKNOWN if forecasts.has_deals else NO_DEAL
    chart_card(frame, build, key="forecast", finding=finding, what=what, nothing=nothing)
    for each in forecasts.horizons:
        if each.forecast:
            st.text(f"End of {each.name}: {_forecast_words(each.forecast)}; target {money(each.target)}")
    if not frame.empty:
        st.text(METHOD)
    if not forecasts.open_deals.complete:
        counted = f"the forecasts count the {number(forecasts.open_count)} of the greatest value."
        st.text(f"There are more open deals than are read: {counted}")


def past_forecasts(page_data: PageData, query: PageQuery, year: PageQuery, forecasts: DealForecasts) -> None:
    """Draw what past months brought against what would have been forecast, and the coverage."""
    frame, past = data.past_forecasts(query, forecasts), backtest(forecasts.past_forecasts)
    finding = chart_headlines.well_covered(past, "How past forecasts did")
    what = (
        "bars: what each month brought, as known today, thousand US dollars; range: 8 of 10 trials, as it would have "
        "been made on the month's first morning, of what was known then"
    )
    build = partial(charts.spread, x="month")
    nothing = f"No past month began with {FEWEST_WON} wins from the stage of an open deal: nothing to rehearse yet."
    chart_card(frame, build, key="rehearsal", finding=finding, what=what, nothing=nothing)
    if past.coverage is not None and past.interval is not None and past.expected is not None:
        low, high = (portion(bound) for bound in past.interval)
        st.text(
            f"{past.covered} of {past.periods} months came within their range: {portion(past.coverage)} (likely "
            f"{low} to {high}). These ranges promise {portion(past.expected)}: each holds "
            f"{portion(NOMINAL)} of the runs or more, the more the fewer deals there are. {VERDICTS[past.verdict]} "
            "Deals that a month brings itself are in no forecast."
        )
    if not forecasts.past_reports.complete:
        st.text("There are more reports than are read: the oldest months are rehearsed without the first of them.")


def velocity(page_data: PageData, query: PageQuery, year: PageQuery, forecasts: DealForecasts) -> None:
    """Draw the median time at each stage."""
    listed = time_in_stage.time_in_stage(page_data, "stage")
    named = [stay._replace(stage=data.stage_name(stay.stage)) for stay in listed]
    finding = chart_headlines.slowest(named, "How long deals stay at each stage")
    what = (
        f"half were through by then, in brackets the likely range; deals still there count; entered in the {year.label}"
    )
    build = partial(charts.ranking, label="stage")
    frame, nothing = data.stage_times(listed, year), "No deal entered a stage in these months."
    chart_card(frame, build, key="velocity", finding=finding, what=what, nothing=nothing)


def sources(page_data: PageData, query: PageQuery, year: PageQuery, forecasts: DealForecasts) -> None:
    """Draw the deals won and lost by lead source."""
    frame = data.sources(page_data.frame("sources"))
    parts = data.won_parts(page_data.frame("sources"))
    finding = chart_headlines.stands_out("of deals won", parts, "Won and lost by lead source")
    what = f"deals closed by lead source, {year.label}, n = {number(page_data.series('sources').n)}"
    build = partial(charts.bars, x="source", split="status", order=data.STATUSES)
    chart_card(frame, build, key="sources", finding=finding, what=what, nothing="No deal was closed in these months.")


def range_words(made: Forecast) -> str:
    """Write a forecast's range and the plain weighted sum."""
    return joined(f"8 of 10 trials end at {money(made.p10)} to {money(made.p90)}", f"on average {money(made.weighted)}")


def likely_words(made: Forecast, target: int) -> tuple[str, str]:
    """Write a forecast as a range, and how sure it is, in two sentences."""
    best = f"Best guess {money(made.p50)}, {_against(made, target)}."
    return f"{money(made.p10)} to {money(made.p90)}", f"{best} In 8 of 10 trials the end lies in this range."


def _against(made: Forecast, target: int) -> str:
    """Write what a forecast says of its target."""
    goal = money(target)
    if target <= made.won:
        return f"the target of {goal} is reached"
    if target <= made.p10:
        return f"the target of {goal} is reached in nine of ten trials"
    if target > made.p90:
        return f"the target of {goal} is out of reach in nine of ten trials"
    return f"{'more' if target <= made.p50 else 'less'} than an even chance of the target, {goal}"


def _forecast_words(made: Forecast) -> str:
    """Write a forecast: its range, the plain sum beside it, and what it counts."""
    unweighted = f"left out without a probability: {number(made.unweighted)}" if made.unweighted else ""
    untimed = f"left out, fewer than {FEWEST_WON} won from their stage: {number(made.untimed)}" if made.untimed else ""
    counted = f"open deals counted: {number(made.deals)}"
    return joined(f"best guess {money(made.p50)}, {range_words(made)}", counted, unweighted, untimed)


FIRST_CHARTS = (months, stages, sources)
"""What a page begins with."""

CHARTS = (forecast, past_forecasts, velocity)
"""Those behind the details."""
