"""Steps promised for a day: how many are done, late, open or overdue, and the requests for their rows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import cast
from zoneinfo import ZoneInfo

import pandas as pd

from jorge_data.charts import DRILL
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest, TableRequest, equals
from jorge_data.dashboard.query.responses import SeriesResponse
from jorge_data.dashboard.ui.page_data import BEFORE, Metric, PageData, value_or_refusal
from jorge_data.events.timestamps import moment, office_day
from jorge_data.metrics.definitions import questions
from jorge_data.metrics.statistics.due_steps import STATES, Promises, by_day, promises
from jorge_data.metrics.statistics.frame_counts import counts
from jorge_data.metrics.statistics.period import after, floor

KIND = "sequence_due"


@dataclass(frozen=True)
class DueSteps:
    """Promises by state and day, the request for their rows, and when the office's current day began."""

    frame: pd.DataFrame
    rows: TableRequest
    days: pd.DataFrame
    midnight: datetime

    @cached_property
    def total(self) -> Promises:
        """Return the promises of all days together."""
        return promises(self.days)

    def rows_in(self, state: str, day: datetime | None = None, *where: str) -> TableRequest:
        """Return the request for the promises in a state, of one day or of all; overdue ones are open in the store."""
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
    """Read a response to kind=sequence_due, by=state (and more), step=1d; raise RequestRefused."""
    return page_data.series(name).derived(_due_steps)


def _due_steps(response: SeriesResponse) -> DueSteps:
    midnight = floor(response.answered_at, "1d", response.period.zone)
    days = by_day(response.frame, response.period, midnight.date())
    return DueSteps(response.frame, response.request.rows(), days, midnight)


@value_or_refusal
def figure_of(page_data: PageData, query: PageQuery, of: Callable[[Promises], float | None], state: str = "") -> Metric:
    """Return a figure of the period's promises; its rows are all of them, or those in one state."""
    steps = due_steps(page_data, "due")
    earlier = due_steps(page_data, BEFORE + "due").total if query.compare else None
    if not steps.total.due:
        return Metric(None, n=0)
    now, before = of(steps.total), of(earlier) if earlier and earlier.due else None
    if not state:
        return Metric(now, before, steps.total.due, steps.rows)
    return Metric(now, before, int(now or 0), steps.rows_in(state))


def overdue_request(query: PageQuery) -> SeriesRequest:
    """Return the request for the promises of all time whose day is over and that are still open, as on the wall."""
    today, _ = office_day(datetime.now(UTC), query.office_zone)
    return replace(query.ask(questions.PROMISED), start=None, end=moment(today), period="")


@value_or_refusal
def overdue_now(page_data: PageData, query: PageQuery) -> Metric:
    """Return how many promises are overdue, of all time; None where no step was promised in the period."""
    response = page_data.series("overdue")
    is_known = response.value is not None or due_steps(page_data, "due").total.due
    return Metric((response.value or 0.0) if is_known else None, n=response.n, rows=response.request.rows())


def by_state(steps: DueSteps) -> pd.DataFrame:
    """Return a row for each day and state with its number of promises; a mark opens them."""
    long = steps.days.melt(id_vars=["t"], value_vars=list(STATES), var_name="state")
    if not steps.total.due:
        return long.iloc[:0]
    marks = zip(long["t"], long["state"], strict=True)
    return long.assign(**{DRILL: [steps.rows_in(state, t.to_pydatetime()).token() for t, state in marks]})


def by_step(steps: DueSteps) -> pd.DataFrame:
    """Return how many promises made on each day of the sequence are in each state; a mark opens them."""
    frame = steps.frame
    if frame.empty:
        return frame
    overdue = (frame["state"] == "open") & (frame["t"] < steps.midnight)
    states = frame.assign(state=frame["state"].mask(overdue, "overdue"))
    cells = counts(states, "day", "state")
    rows = [(day, state, n) for (day, state), n in sorted(cells.items(), key=lambda cell: int(cell[0][0]))]
    ordered = pd.DataFrame(rows, columns=["day", "state", "value"])
    marks = zip(ordered["day"], ordered["state"], strict=True)
    tokens = [steps.rows_in(state, None, equals("day", day)).token() for day, state in marks]
    return ordered.assign(step=[f"after day {day}" for day in ordered["day"]], **{DRILL: tokens})
