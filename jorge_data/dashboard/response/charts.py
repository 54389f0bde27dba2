"""The charts of Response: what each draws, its headline and its words."""

from functools import partial

from jorge_data import charts
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.response import data
from jorge_data.dashboard.response.data import Waits
from jorge_data.dashboard.ui.chart_card import chart_card
from jorge_data.metrics.formatting import NO_DATA, duration, number, portion
from jorge_data.metrics.statistics.speed_to_lead import (
    DAYS,
    FEWEST,
    LATER_S,
    LEAST,
    curve,
    in_ten,
    share_within,
    slow_headline,
    slow_times,
)
from jorge_data.metrics.wall.next_tries import place_of

NOBODY = "Nobody turned hot in this period. Choose a longer one."
HOUR_MINUTES = 60.0
"""The deepest shade of the week: an hour, or more."""

LONG_MINUTES = 180
"""From so many minutes on, what half had heard by is drawn in hours."""


def hear(waits: Waits, query: PageQuery) -> None:
    """Draw the share of hot sellers who heard from a person, by the time since they turned hot."""
    survival, before = curve(waits.current), curve(waits.before)
    size, unit, most = data.axis(survival)
    frame, earlier = data.arrivals(waits, size, most), data.arrivals_before(waits, size)
    named = query.period or "these days"
    half = (
        None if survival.median is None else charts.Half(survival.median / size, f"half: {duration(survival.median)}")
    )
    ends = _end(share_within(survival, size * most), named), _end(share_within(before, size * most), "before")
    build = partial(
        charts.arrivals,
        unit=f"{unit} after the seller turned hot",
        most=most,
        before=earlier if before.n else None,
        half=half,
        ends=ends,
    )
    open_ = sum(wait.is_waiting for wait in waits.current)
    dashed = f"; dashed: the {query.before.label}" if before.n else ""
    red = "; red: who still waits" if open_ else ""
    what = f"share of hot sellers who heard from a person, {query.label}, n = {number(survival.n)}{dashed}{red}"
    finding = heard_headline(waits, "How soon hot sellers hear from a person")
    chart_card(frame, build, key="hear", finding=finding, what=what, nothing=NOBODY)


def _end(share: float | None, words: str) -> str:
    return "" if share is None else f"{portion(share)} {words}"


def heard_headline(waits: Waits, plain: str) -> str:
    """Write how many in ten have heard after 15 minutes, of FEWEST or more of whom some were known for so long."""
    survival = curve(waits.current)
    share = share_within(survival, LATER_S)
    if share is None or survival.n < FEWEST or all(wait.seconds < LATER_S for wait in waits.current):
        return plain
    words = in_ten(share)
    return f"{words} {'has' if words in ('Nobody', 'Hardly anybody', 'One in ten') else 'have'} heard after 15 minutes"


def week(waits: Waits, query: PageQuery) -> None:
    """Draw by when half have heard, by the hours of the week in which they turned hot."""
    frame = data.hours(waits)
    span = data.long_words(query)
    what = (
        f"minutes until half have heard, by when the seller turned hot, {span}, n = {number(frame['n'].sum())}; "
        f"{place_of(query.office_zone)} time; few: under {LEAST} sellers"
    )
    if "wait" in set(frame["words"]):
        what += "; wait: more than half still wait"
    build = partial(
        charts.matrix,
        column="hours",
        row="day",
        write=number,
        columns=data.slots(frame),
        rows=DAYS,
        most=HOUR_MINUTES,
        column_title="from this hour on, two hours each",
    )
    finding = slow_headline(slow_times(waits.long), "How long half wait, by the hour of the week")
    chart_card(frame, build, key="week", finding=finding, what=what, nothing=NOBODY)


def by_week(waits: Waits, query: PageQuery) -> None:
    """Draw by when half had heard, week by week."""
    frame = data.weeks(waits)
    size, unit, suffix = (60, "hours", " h") if frame["value"].max() >= LONG_MINUTES else (1, "minutes", " m")
    frame = frame.assign(value=frame["value"] / size)
    what = f"{unit} until half had heard, by the week in which they turned hot, n = {number(frame['n'].sum())}"
    build = partial(charts.lines, suffix=suffix)
    chart_card(frame, build, key="by_week", finding="Week by week", what=what, nothing=NOBODY)


def headline(waits: Waits) -> str:
    """Write by when half hear, what a page of response is about."""
    survival = curve(waits.current)
    if survival.n < LEAST:
        return "Fewer than three sellers turned hot" if survival.n else "No seller turned hot"
    if survival.median is None:
        return "Fewer than half of hot sellers have heard from a person"
    return f"Half of hot sellers hear from a person within {duration(survival.median)}"


def range_words(waits: Waits) -> str:
    """Write the 95 % interval of the median: "between 8 m and 14 m"."""
    low, high = curve(waits.current).interval
    if low is None:
        return NO_DATA
    return f"between {duration(low)} and {duration(high)}" if high is not None else f"{duration(low)} or more"
