"""The charts of lead sequences: what each draws, its headline and its words."""

from functools import partial

from jorge_data import charts
from jorge_data.dashboard.lead_sequences import data
from jorge_data.dashboard.lead_sequences.data import ACTIONS, CALL, DAYS, ENDS, EVENT
from jorge_data.dashboard.lead_sequences.due_steps import by_state, by_step, due_steps
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.ui.chart_card import chart_card, largest
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.metrics.formatting import Unit, number, portion
from jorge_data.metrics.statistics import chart_headlines
from jorge_data.metrics.statistics.due_steps import STATES
from jorge_data.metrics.statistics.frame_counts import bins, ones_and_zeros, totals
from jorge_data.metrics.statistics.period import change

NO_INTAKE = "Nobody came in in this period. Choose a longer one."
NOTHING_DUE = "No step was promised for this period. Choose a longer one."


def matrix(page_data: PageData, query: PageQuery) -> None:
    """Draw the success rate of each action on each day."""
    frame = data.steps(page_data.frame("matrix"))
    build = partial(charts.matrix, column="day", row="action", write=portion, most=1.0)
    build = partial(build, columns=tuple(f"day {day}" for day in DAYS), rows=tuple(ACTIONS.values()))
    finding = chart_headlines.stands_out("of failures", data.failed_parts(frame), "Success by step and action")
    n = page_data.series("steps").n
    what = f"attempts that succeeded, of how many, by day and action, {query.label}, n = {number(n)}"
    chart_card(frame, build, key="matrix", finding=finding, what=what)


def promises_by_step(page_data: PageData, query: PageQuery) -> None:
    """Draw what became of the promises that each step made."""
    steps = due_steps(page_data, "due")
    what = f"steps promised for the period by what became of them, {query.label}, n = {number(steps.total.due)}"
    build = partial(charts.bars, x="step", split="state", order=STATES)
    finding = "Due and done by step"
    chart_card(by_step(steps), build, key="promises_by_step", finding=finding, what=what, nothing=NOTHING_DUE)


def flow(page_data: PageData, query: PageQuery) -> None:
    """Draw the flow of contacts from day to day and to the outcome."""
    frame = data.links(page_data.frame("flow"))
    what = f"contacts who came in, from day to day and to the outcome by now; {query.label}"
    finding = "From day 3 to the outcome"
    chart_card(frame, charts.sankey, key="flow", finding=finding, what=what, nothing=NO_INTAKE)


def next_stops(page_data: PageData, query: PageQuery) -> None:
    """Draw the same flow as a matrix, whose cells a click opens."""
    frame = data.links(page_data.frame("flow"))
    stops = data.stops(page_data.frame("flow"))
    build = partial(charts.matrix, column="from", row="to", write=number, rows=stops)
    what = f"contacts that went from a day (across) to the next stop (down), {query.label}; a cell opens them"
    chart_card(frame, build, key="next_stops", finding="The same flow, way by way", what=what, nothing=NO_INTAKE)


def outcomes(page_data: PageData, query: PageQuery) -> None:
    """Draw the contacts taken by outcome."""
    frame = largest(data.in_words(page_data.frame("outcomes")))
    finding = chart_headlines.leads("outcomes", totals(frame, "outcome"), "What became of them")
    n = page_data.series("outcomes").n
    what = f"contacts who came in, by outcome, and share; {query.label}, n = {number(n)}"
    build = partial(charts.ranking, label="outcome", meaning=True)
    chart_card(frame, build, key="outcomes", finding=finding, what=what, nothing=NO_INTAKE)


def due(page_data: PageData, query: PageQuery) -> None:
    """Draw what was promised for each day, and what became of it."""
    finding = chart_headlines.overdue(due_steps(page_data, "due").total, "Due by day")
    ahead = ", and what is promised for the next 7 days" if query.period else ""
    what = f"steps by the day for which they were promised, {query.label}{ahead}"
    build = partial(charts.bars, split="state", order=STATES)
    frame = by_state(due_steps(page_data, "agenda"))
    chart_card(frame, build, key="due", finding=finding, what=what, nothing=NOTHING_DUE)


def calls(page_data: PageData, query: PageQuery) -> None:
    """Draw how long calls lasted."""
    frame = data.histogram(bins(page_data.series("call_bins").frame), query, EVENT, CALL)
    n = page_data.series("calls").n
    what = f"calls by how long they lasted at least, right to 1 %; {query.label}, n = {number(n)}"
    build, nothing = partial(charts.bars, x="from"), "No call with a duration in this period. Choose a longer one."
    chart_card(frame, build, key="calls", finding="How long calls last", what=what, nothing=nothing)


def failures(page_data: PageData, query: PageQuery) -> None:
    """Draw the reasons of failures."""
    frame = data.reasons(page_data.frame("failures"))
    finding = chart_headlines.leads("failures", totals(frame, "failure_reason"), "Why attempts fail")
    what = f"attempts that failed, by reason, and share; {query.label}, n = {number(page_data.series('failures').n)}"
    build = partial(charts.ranking, label="failure_reason")
    nothing = "No attempt failed in this period. Choose a longer one."
    chart_card(frame, build, key="failures", finding=finding, what=what, nothing=nothing)


def success(page_data: PageData, query: PageQuery) -> None:
    """Draw the success rate over time."""
    rate = page_data.figure("success")
    now, before = (ones_and_zeros(frame) for frame in page_data.beside("success"))
    finding = chart_headlines.compared("Success rate", change(rate.now, rate.before), now, before, "Success rate")
    what = f"share of attempts that succeeded, by {query.each}, {query.label}; grey: the {query.before.label}"
    build = partial(charts.lines, before=page_data.before("trend"), unit=Unit.SHARE)
    chart_card(page_data.frame("trend"), build, key="success", finding=finding, what=what)


def cohorts(page_data: PageData, query: PageQuery) -> None:
    """Draw the contacts of each week of intake by outcome."""
    frame = page_data.frame("cohorts")
    finding = chart_headlines.stands_out("with an appointment", data.weeks(frame), "What became of each week’s leads")
    what = f"contacts by the week in which they came in, and what became of them by now; {query.label}"
    build = partial(charts.bars, split="outcome", order=tuple(ENDS.values()))
    chart_card(data.in_words(frame), build, key="cohorts", finding=finding, what=what, nothing=NO_INTAKE)


FIRST_CHARTS = (due, outcomes, cohorts)
"""What the page begins with."""

CHARTS = (matrix, promises_by_step, success, flow, next_stops, calls, failures)
"""Those behind the details."""
