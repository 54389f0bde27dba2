"""Due steps: the sequence steps promised for each day, and whether they were done in time."""

from datetime import date
from typing import NamedTuple

import pandas as pd

from jorge_data.metrics.statistics.counter import KeyCounter
from jorge_data.metrics.statistics.period import Period, zoned

STATES = ("done", "late", "open", "overdue")


class Promises(NamedTuple):
    """Totals of promised steps; `overdue` were due on a day that is over, with neither step nor response since."""

    due: int
    done: int
    late: int
    open: int
    overdue: int

    @property
    def kept(self) -> float | None:
        """Return the share done by the end of their day, of those whose day is over or that are done."""
        settled = self.done + self.late + self.overdue
        return self.done / settled if settled else None


def by_day(frame: pd.DataFrame, period: Period, today: date) -> pd.DataFrame:
    """Return one row a day: t, due, done, late, open, overdue; `today` is the office's day.

    Of kind=sequence_due, agg=count, by=state, step=1d, in the office's zone.
    """
    states: KeyCounter[tuple[pd.Timestamp, str]] = KeyCounter()
    if not frame.empty:
        for t, state, n in zip(zoned(frame["t"], period.zone), frame["state"], frame["value"], strict=True):
            states.add((t, "overdue" if state == "open" and t.date() < today else state), int(n))
    days = period.column()
    table = pd.DataFrame({"t": days} | {state: [states.of((t, state)) for t in days] for state in STATES})
    return table.assign(due=table[list(STATES)].sum(axis=1))[["t", "due", *STATES]]


def promises(table: pd.DataFrame) -> Promises:
    """Return the totals over the days of `by_day`."""
    return Promises(*(int(table[name].sum()) for name in ("due", *STATES)))
