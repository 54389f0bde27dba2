"""Steps promised for a day, as the page of lead sequences shows them: what became of them, and which they are."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import cast
from zoneinfo import ZoneInfo

import pandas as pd

from jorge_data.charts import DRILL
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import TableRequest, equals
from jorge_data.dashboard.query.responses import SeriesResponse
from jorge_data.dashboard.ui.page_data import BEFORE, Metric, PageData, value_or_refusal
from jorge_data.metrics.statistics.counter import counts
from jorge_data.metrics.statistics.due_steps import STATES, Promises, by_day, promises
from jorge_data.metrics.statistics.period import after, floor

KIND = "sequence_due"


@dataclass(frozen=True)
class DueSteps:
    """Hold an answer by state and day, the question for its rows, and when the office's day began."""

    answer: pd.DataFrame
    rows: TableRequest
    days: pd.DataFrame
    midnight: datetime

    @cached_property
    def all(self) -> Promises:
        """Return the promises of all days together."""
        return promises(self.days)

    def open(self, state: str, day: datetime | None = None, *where: str) -> TableRequest:
        """Return the question for the promises in a state, of one day or of all; overdue ones are open in the store."""
        assert self.rows.start is not None
        assert self.rows.end is not None
        start, end = self.rows.start, self.rows.end
        if day is not None:
            start, end = max(start, day), min(end, after(day, "1d", cast(ZoneInfo, day.tzinfo)))
        if state == "overdue":
            end = max(start, min(end, self.midnight))
        elif state == "open":
            start = min(end, max(start, self.midnight))
        stored = "open" if state == "overdue" else state
        return replace(self.rows, where=(*self.rows.where, equals("state", stored), *where), start=start, end=end)


def due_steps(page_data: PageData, name: str) -> DueSteps:
    """Read an answer to kind=sequence_due, by=state (and more), step=1d; raise RequestRefused."""
    return page_data.series(name).derived(_dues)


def _dues(answer: SeriesResponse) -> DueSteps:
    midnight = floor(answer.answered_at, "1d", answer.period.zone)
    days = by_day(answer.frame, answer.period, midnight.date())
    return DueSteps(answer.frame, answer.request.rows(), days, midnight)


@value_or_refusal
def figure_of(page_data: PageData, query: PageQuery, of: Callable[[Promises], float | None], state: str = "") -> Metric:
    """Return a figure of the period's promises, made of all of them or of those in one state."""
    now = due_steps(page_data, "due")
    was = due_steps(page_data, BEFORE + "due").all if query.compare else None
    if not now.all.due:
        return Metric(None, n=0)
    before = of(was) if was and was.due else None
    if not state:
        return Metric(of(now.all), before, now.all.due, now.rows)
    return Metric(of(now.all), before, int(of(now.all) or 0), now.open(state))


def by_state(found: DueSteps) -> pd.DataFrame:
    """Return how many promises of each day are in each state, long; a mark opens them."""
    long = found.days.melt(id_vars=["t"], value_vars=list(STATES), var_name="state")
    if not found.all.due:
        return long.iloc[:0]
    marks = zip(long["t"], long["state"], strict=True)
    return long.assign(**{DRILL: [found.open(state, t.to_pydatetime()).token() for t, state in marks]})


def by_step(found: DueSteps) -> pd.DataFrame:
    """Return how many promises made on each day of the sequence are in each state; a mark opens them."""
    if found.answer.empty:
        return found.answer
    overdue = (found.answer["state"] == "open") & (found.answer["t"] < found.midnight)
    states = found.answer.assign(state=found.answer["state"].mask(overdue, "overdue"))
    cells = counts(states, "day", "state")
    rows = [(day, state, n) for (day, state), n in sorted(cells.items(), key=lambda cell: int(cell[0][0]))]
    ordered = pd.DataFrame(rows, columns=["day", "state", "value"])
    marks = zip(ordered["day"], ordered["state"], strict=True)
    tokens = [found.open(state, None, equals("day", day)).token() for day, state in marks]
    return ordered.assign(step=[f"after day {day}" for day in ordered["day"]], **{DRILL: tokens})
