"""Periods: a request's span in whole steps of a zone, its steps as rows, and the change since the period before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import pandas as pd

from jorge_data.events.timestamps import SECOND, buckets, micros, moment

Step = Literal["1m", "5m", "15m", "30m", "1h", "3h", "1d", "1w", "1mo"]
STEPS: tuple[Step, ...] = get_args(Step)


@dataclass(frozen=True)
class Period:
    """The half-open span from `start` to `end`, both at a boundary of `step` in `zone`; weeks begin on Monday.

    Moments are compared as microseconds: within one zone Python compares what the clocks show, which is twice the
    same where an hour comes twice.
    """

    start: datetime
    end: datetime
    step: Step
    zone: ZoneInfo

    @property
    def seconds(self) -> float:
        """Return its length in seconds, an hour more or less where the clocks change."""
        return (micros(self.end) - micros(self.start)) / SECOND

    def buckets(self) -> list[datetime]:
        """Return where each step begins, in order."""
        within = buckets(micros(self.start), micros(self.end), self.step, self.zone)
        return [moment(begins).astimezone(self.zone) for begins, _ in within]

    def column(self) -> pd.Series:
        """Return where each step begins, as a column in the zone."""
        begins = pd.to_datetime([micros(bucket) for bucket in self.buckets()], unit="us", utc=True)
        return pd.Series(begins.as_unit("us").tz_convert(self.zone))


def aligned(start: datetime, end: datetime, step: Step, zone: ZoneInfo) -> Period:
    """Return the shortest period of whole steps that covers [start, end)."""
    _, last = _bucket(micros(end) - 1, step, zone)
    return Period(floor(start, step, zone), last, step, zone)


def floor(at: datetime, step: Step, zone: ZoneInfo) -> datetime:
    """Return the boundary of `step` at or before a moment; what is shorter than a day is counted from its midnight."""
    return _bucket(micros(at), step, zone)[0]


def after(boundary: datetime, step: Step, zone: ZoneInfo) -> datetime:
    """Return the boundary that follows a boundary."""
    return _bucket(micros(boundary), step, zone)[1]


# A page needs a few hundred boundaries thousands of times. The cache's key is microseconds: a moment and the one an
# hour later that a clock shows alike are equal to Python.
@lru_cache(10_000)
def _bucket(at: int, step: Step, zone: ZoneInfo) -> tuple[datetime, datetime]:
    begins, ends = next(buckets(at, at + 1, step, zone))
    return moment(begins).astimezone(zone), moment(ends).astimezone(zone)


def fill(frame: pd.DataFrame, period: Period, by: Sequence[str] = (), empty: float | None = 0) -> pd.DataFrame:
    """Return a row for every step and every split that occurs: where there was none, `empty` with an n of 0.

    `empty` is 0 for counts and sums, None for what does not exist without facts (means, shares, percentiles).
    Rows are ordered by t; t is in the period's zone.
    """
    steps = pd.DataFrame({"t": period.column()})
    splits = frame[list(by)].drop_duplicates().astype(object)
    grid = steps.merge(splits, how="cross") if by else steps
    present = frame.assign(t=zoned(frame["t"], period.zone)).astype(dict.fromkeys(by, object))
    filled = grid.merge(present, how="left", on=["t", *by])
    missing = filled["n"].isna()
    if empty is not None:
        filled.loc[missing, "value"] = empty
    return filled.assign(n=filled["n"].fillna(0).astype(int))


def zoned(moments: object, zone: ZoneInfo) -> pd.Series:
    """Return moments (RFC 3339 texts or datetimes) as a column in a zone, at microseconds."""
    column = moments if isinstance(moments, pd.Series) else pd.Series(moments, dtype=object)
    if not isinstance(column.dtype, pd.DatetimeTZDtype):
        column = pd.to_datetime(column.astype(object), utc=True, format="ISO8601")
    local: pd.Series = column.dt.as_unit("us").dt.tz_convert(zone)
    return local


def change(now: float | None, before: float | None) -> float | None:
    """Return a figure's relative change since the period before, as a share of before; None where that is 0 or None."""
    return (now - before) / abs(before) if now is not None and before else None
