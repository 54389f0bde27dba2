"""The charts of lead sequences: what each draws, its headline and its words."""

import math
from functools import partial

import pandas as pd

from jorge_data import charts
from jorge_data.charts import DRILL
from jorge_data.dashboard.lead_sequences import data
from jorge_data.dashboard.lead_sequences.data import ACTIONS, CALL, DAYS, ENDS, EVENT
from jorge_data.dashboard.lead_sequences.due_steps import by_state, by_step, due_steps
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.ui.chart_card import chart_card
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.dashboard.ui.ranking import largest
from jorge_data.metrics.entities import SCALE
from jorge_data.metrics.statistics import chart_headlines
from jorge_data.metrics.statistics.counter import totals
from jorge_data.metrics.statistics.due_steps import STATES
from jorge_data.metrics.statistics.percentile import Bins
from jorge_data.metrics.statistics.period import change
from jorge_data.metrics.statistics.quantile_sketch import bucket, top

BARS = 12
_WIDTHS = (5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


def histogram(bins: Bins, query: PageQuery, kind: str, measure: str) -> pd.DataFrame:
    """Return a row for each width of seconds: `from_s`, `value`, and the question for the events within it.

    A sketch knows its values to 1 %, so that an edge lies up to 1 % off its round number; what a bar opens is asked
    for by the edge itself, and is as many as the bar shows.
    """
    counted = [(value, int(count)) for value, count in bins if count > 0]
    longest = max((value for value, _ in counted), default=0.0)
    width = next((width for width in _WIDTHS if longest <= width * BARS), _WIDTHS[-1])
    rows = []
    for low in range(0, width * math.ceil(longest / width), width):
        least, most = _edge(low), _edge(low + width)
        n = sum(count for value, count in counted if least < value <= most)
        within = f"{measure}:gt:{least!r}" if low else f"{measure}:ge:0", f"{measure}:le:{most!r}"
        rows.append({"from_s": low, "value": n, "n": n, DRILL: query.rows(kind, *within).token()})
    return pd.DataFrame(rows)


def _edge(seconds: int) -> float:
    """Return the end of the sketch's bucket that a number of seconds lies in."""
    return top(bucket(seconds * SCALE)) / SCALE if seconds else 0.0


NO_INTAKE = "No contact was taken in this period. Choose a longer one."
NOTHING_DUE = "No step was promised for this period. Choose a longer one."


def matrix(page_data: PageData, query: PageQuery) -> None:
    """Draw the success rate of each action on each day."""
    frame = data.steps(page_data.frame("matrix"))
    build = partial(charts.matrix, column="day", row="action", write="{:.0%}".format, most=1.0)
    build = partial(build, columns=tuple(f"day {day}" for day in DAYS), rows=tuple(ACTIONS.values()))
    finding = chart_headlines.stands_out("fails most", data.failed_parts(frame), "Success by step and action")
    what = (
        f"attempts that succeeded, of how many, by day and action, {query.label}, n = {page_data.series('steps').n:,}"
    )
    chart_card(frame, build, key="matrix", finding=finding, what=what)


def kept(page_data: PageData, query: PageQuery) -> None:
    """Draw what became of the promises that each step made."""
    found = due_steps(page_data, "due")
    what = f"steps promised for the period by what became of them, {query.label}, n = {found.all.due:,}"
    build = partial(charts.bars, x="step", split="state", order=STATES)
    chart_card(by_step(found), build, key="kept", finding="Due and done by step", what=what, nothing=NOTHING_DUE)


def flow(page_data: PageData, query: PageQuery) -> None:
    """Draw the way from day to day and to the outcome."""
    frame = data.links(page_data.frame("flow"))
    what = f"contacts taken in the period, from day to day and to the outcome by now; {query.label}"
    finding = "From day 3 to the outcome"
    chart_card(frame, charts.sankey, key="flow", finding=finding, what=what, nothing=NO_INTAKE)


def ways(page_data: PageData, query: PageQuery) -> None:
    """Draw the same flow as cells, which a click can open."""
    frame = data.links(page_data.frame("flow"))
    stops = data.stops(page_data.frame("flow"))
    build = partial(charts.matrix, column="from", row="to", write="{:,.0f}".format, rows=stops)
    what = f"contacts that went from a day (across) to the next stop (down), {query.label}; a cell opens them"
    chart_card(frame, build, key="ways", finding="The same flow, way by way", what=what, nothing=NO_INTAKE)


def outcomes(page_data: PageData, query: PageQuery) -> None:
    """Draw the contacts taken by outcome."""
    frame = largest(data.in_words(page_data.frame("outcomes")))
    finding = chart_headlines.leads("outcomes", totals(frame, "outcome"), "What became of them")
    what = f"contacts taken in the period by outcome, and share; {query.label}, n = {page_data.series('outcomes').n:,}"
    build = partial(charts.ranking, label="outcome", meaning=True)
    chart_card(frame, build, key="outcomes", finding=finding, what=what, nothing=NO_INTAKE)


def due(page_data: PageData, query: PageQuery) -> None:
    """Draw what was promised for each day, and what became of it."""
    finding = chart_headlines.overdue(due_steps(page_data, "due").all, "Due by day")
    ahead = ", and what is promised for the next 7 days" if query.period else ""
    what = f"steps by the day for which they were promised, {query.label}{ahead}"
    build = partial(charts.bars, split="state", order=STATES)
    frame = by_state(due_steps(page_data, "agenda"))
    chart_card(frame, build, key="due", finding=finding, what=what, nothing=NOTHING_DUE)


def calls(page_data: PageData, query: PageQuery) -> None:
    """Draw how long calls lasted."""
    answer = page_data.series("call_bins").frame
    frame = histogram([] if answer.empty else answer["value"].iloc[0], query, EVENT, CALL)
    n = page_data.series("calls").n
    what = f"calls by duration, in seconds from each mark, right to 1 %; {query.label}, n = {n:,}"
    build = partial(charts.bars, x="from_s")
    chart_card(
        frame,
        build,
        key="calls",
        finding="How long calls last",
        what=what,
        nothing="No call with a duration in this period. Choose a longer one.",
    )


def failures(page_data: PageData, query: PageQuery) -> None:
    """Draw the reasons of failures."""
    frame = data.reasons(page_data.frame("failures"))
    finding = chart_headlines.leads("failures", totals(frame, "failure_reason"), "Why attempts fail")
    what = f"attempts that failed, by reason, and share; {query.label}, n = {page_data.series('failures').n:,}"
    build = partial(charts.ranking, label="failure_reason")
    chart_card(
        frame,
        build,
        key="failures",
        finding=finding,
        what=what,
        nothing="No attempt failed in this period. Choose a longer one.",
    )


def success(page_data: PageData, query: PageQuery) -> None:
    """Draw the success rate over time."""
    rate = page_data.figure("success")
    finding = chart_headlines.compared("Success", change(rate.now, rate.before), "Success rate")
    what = f"share of attempts that succeeded, by {query.each}, {query.label}; grey: the {query.before.label}"
    build = partial(charts.lines, before=page_data.before("trend"), tickformat=".0%")
    chart_card(page_data.frame("trend"), build, key="success", finding=finding, what=what)


def cohorts(page_data: PageData, query: PageQuery) -> None:
    """Draw the contacts of each week of intake by outcome."""
    frame = page_data.frame("cohorts")
    finding = chart_headlines.stands_out("brought most appointments", data.weeks(frame), "Cohorts by intake week")
    what = f"contacts by the week in which they were taken, and what became of them by now; {query.label}"
    build = partial(charts.bars, split="outcome", order=tuple(ENDS.values()))
    chart_card(data.in_words(frame), build, key="cohorts", finding=finding, what=what, nothing=NO_INTAKE)


CHARTS = (matrix, kept, due, success, flow, ways, outcomes, cohorts, calls, failures)
"""In the order in which the page shows them."""
