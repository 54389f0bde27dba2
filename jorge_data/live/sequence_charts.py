"""The charts of lead sequences: what each draws, finds and says; `told` holds the page's answers by name."""

from functools import partial

from jorge_data import charts
from jorge_data.live import sequences
from jorge_data.live.chart import chart
from jorge_data.live.dues import by_state, by_step, dues
from jorge_data.live.durations import histogram
from jorge_data.live.query import Query
from jorge_data.live.ranked import ranked
from jorge_data.live.sequences import ACTIONS, CALL, DAYS, ENDS, EVENT
from jorge_data.live.told import Told
from jorge_data.metrics.analysis import title
from jorge_data.metrics.analysis.change import change
from jorge_data.metrics.analysis.counts import totals
from jorge_data.metrics.analysis.due import STATES

NO_INTAKE = "No contact was taken in this period. Choose a longer one."
NOTHING_DUE = "No step was promised for this period. Choose a longer one."


def matrix(told: Told, query: Query) -> None:
    """Draw the success rate of each action on each day."""
    frame = sequences.steps(told.frame("matrix"))
    build = partial(charts.matrix, column="day", row="action", write="{:.0%}".format, most=1.0)
    build = partial(build, columns=tuple(f"day {day}" for day in DAYS), rows=tuple(ACTIONS.values()))
    finding = title.stands_out("fails most", sequences.failed_parts(frame), "Success by step and action")
    what = f"attempts that succeeded, of how many, by day and action, {query.label}, n = {told.series('steps').n:,}"
    chart(frame, build, key="matrix", finding=finding, what=what)


def kept(told: Told, query: Query) -> None:
    """Draw what became of the promises that each step made."""
    found = dues(told, "due")
    what = f"steps promised for the period by what became of them, {query.label}, n = {found.all.due:,}"
    build = partial(charts.bars, x="step", split="state", order=STATES)
    chart(by_step(found), build, key="kept", finding="Due and done by step", what=what, nothing=NOTHING_DUE)


def flow(told: Told, query: Query) -> None:
    """Draw the way from day to day and to the outcome."""
    frame = sequences.links(told.frame("flow"))
    what = f"contacts taken in the period, from day to day and to the outcome by now; {query.label}"
    finding = "From day 3 to the outcome"
    chart(frame, charts.sankey, key="flow", finding=finding, what=what, nothing=NO_INTAKE)


def ways(told: Told, query: Query) -> None:
    """Draw the same flow as cells, which a click can open."""
    frame = sequences.links(told.frame("flow"))
    stops = sequences.stops(told.frame("flow"))
    build = partial(charts.matrix, column="from", row="to", write="{:,.0f}".format, rows=stops)
    what = f"contacts that went from a day (across) to the next stop (down), {query.label}; a cell opens them"
    chart(frame, build, key="ways", finding="The same flow, way by way", what=what, nothing=NO_INTAKE)


def outcomes(told: Told, query: Query) -> None:
    """Draw the contacts taken by outcome."""
    frame = ranked(sequences.in_words(told.frame("outcomes")))
    finding = title.leads("outcomes", totals(frame, "outcome"), "What became of them")
    what = f"contacts taken in the period by outcome, and share; {query.label}, n = {told.series('outcomes').n:,}"
    build = partial(charts.ranking, label="outcome", meaning=True)
    chart(frame, build, key="outcomes", finding=finding, what=what, nothing=NO_INTAKE)


def due(told: Told, query: Query) -> None:
    """Draw what was promised for each day, and what became of it."""
    finding = title.overdue(dues(told, "due").all, "Due by day")
    ahead = ", and what is promised for the next 7 days" if query.period else ""
    what = f"steps by the day for which they were promised, {query.label}{ahead}"
    build = partial(charts.bars, split="state", order=STATES)
    frame = by_state(dues(told, "agenda"))
    chart(frame, build, key="due", finding=finding, what=what, nothing=NOTHING_DUE)


def calls(told: Told, query: Query) -> None:
    """Draw how long calls lasted."""
    answer = told.series("call_bins").frame
    frame = histogram([] if answer.empty else answer["value"].iloc[0], query, EVENT, CALL)
    what = f"calls by duration, in seconds from each mark, right to 1 %; {query.label}, n = {told.series('calls').n:,}"
    build = partial(charts.bars, x="from_s")
    chart(
        frame,
        build,
        key="calls",
        finding="How long calls last",
        what=what,
        nothing="No call with a duration in this period. Choose a longer one.",
    )


def failures(told: Told, query: Query) -> None:
    """Draw the reasons of failures."""
    frame = sequences.reasons(told.frame("failures"))
    finding = title.leads("failures", totals(frame, "failure_reason"), "Why attempts fail")
    what = f"attempts that failed, by reason, and share; {query.label}, n = {told.series('failures').n:,}"
    build = partial(charts.ranking, label="failure_reason")
    chart(
        frame,
        build,
        key="failures",
        finding=finding,
        what=what,
        nothing="No attempt failed in this period. Choose a longer one.",
    )


def success(told: Told, query: Query) -> None:
    """Draw the success rate over time."""
    rate = told.figure("success")
    finding = title.compared("Success", change(rate.now, rate.before), "Success rate")
    what = f"share of attempts that succeeded, by {query.each}, {query.label}; grey: the {query.before.label}"
    build = partial(charts.lines, before=told.before("trend"), tickformat=".0%")
    chart(told.frame("trend"), build, key="success", finding=finding, what=what)


def cohorts(told: Told, query: Query) -> None:
    """Draw the contacts of each week of intake by outcome."""
    frame = told.frame("cohorts")
    finding = title.stands_out("brought most appointments", sequences.weeks(frame), "Cohorts by intake week")
    what = f"contacts by the week in which they were taken, and what became of them by now; {query.label}"
    build = partial(charts.bars, split="outcome", order=tuple(ENDS.values()))
    chart(sequences.in_words(frame), build, key="cohorts", finding=finding, what=what, nothing=NO_INTAKE)


CHARTS = (matrix, kept, due, success, flow, ways, outcomes, cohorts, calls, failures)
"""In the order in which the page shows them."""
