"""Periods: the span of a question in whole steps of a zone, and the period before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import pandas as pd

from jorge_data.events.timestamps import MINUTE, SECOND, micros, midnight, moment

Step = Literal["1m", "5m", "15m", "30m", "1h", "3h", "1d", "1w", "1mo"]
STEPS: tuple[Step, ...] = ("1m", "5m", "15m", "30m", "1h", "3h", "1d", "1w", "1mo")
_MINUTES = {"1m": 1, "5m": 5, "15m": 15, "30m": 30, "1h": 60, "3h": 180}


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
        """Return its length as time passes, an hour more or less where the clocks change."""
        return (micros(self.end) - micros(self.start)) / SECOND

    def buckets(self) -> list[datetime]:
        """Return where each step begins, in order."""
        starts, at = [], micros(self.start)
        while at < micros(self.end):
            starts.append(moment(at).astimezone(self.zone))
            at = micros(_following(at, self.step, self.zone))
        return starts

    def column(self) -> pd.Series:
        """Return where each step begins, as a column in the zone."""
        begins = pd.to_datetime([micros(bucket) for bucket in self.buckets()], unit="us", utc=True)
        return pd.Series(begins.as_unit("us").tz_convert(self.zone))


def aligned(start: datetime, end: datetime, step: Step, zone: ZoneInfo) -> Period:
    """Return the shortest period of whole steps that covers [start, end)."""
    last = floor(end, step, zone)
    return Period(
        floor(start, step, zone), last if micros(last) == micros(end) else after(last, step, zone), step, zone
    )


def floor(at: datetime, step: Step, zone: ZoneInfo) -> datetime:
    """Return the boundary of `step` at or before a moment; what is shorter than a day is counted from its midnight."""
    day = at.astimezone(zone).date()
    if step in _MINUTES:
        begins = midnight(day, zone)
        return moment(micros(at) - (micros(at) - begins) % (_MINUTES[step] * MINUTE)).astimezone(zone)
    if step == "1w":
        day -= timedelta(days=day.weekday())
    return _day_start(day.replace(day=1) if step == "1mo" else day, zone)


def after(boundary: datetime, step: Step, zone: ZoneInfo) -> datetime:
    """Return the boundary that follows a boundary."""
    return _following(micros(boundary), step, zone)


# A page asks of a few hundred boundaries thousands of times. They are known by their microseconds: a moment and the
# one an hour later that a clock shows alike are equal to Python.
@lru_cache(10_000)
def _following(at: int, step: Step, zone: ZoneInfo) -> datetime:
    boundary = moment(at)
    if step in _MINUTES:
        return floor(boundary + timedelta(minutes=_MINUTES[step]), step, zone)
    day = boundary.astimezone(zone).date()
    following = _month(day, 1) if step == "1mo" else day + timedelta(days=7 if step == "1w" else 1)
    return _day_start(following, zone)


def fill(frame: pd.DataFrame, period: Period, by: Sequence[str] = (), empty: float | None = 0) -> pd.DataFrame:
    """Return a row for every step and every split that occurs: where there was none, `empty` with an n of 0.

    `empty` is 0 for counts and sums, None for what does not exist without facts (means, shares, percentiles).
    Rows are ordered by t; t is in the period's zone.
    """
    steps = pd.DataFrame({"t": period.column()})
    splits = frame[list(by)].drop_duplicates().astype(object)
    grid = steps.merge(splits, how="cross") if by else steps
    known = frame.assign(t=zoned(frame["t"], period.zone)).astype(dict.fromkeys(by, object))
    filled = grid.merge(known, how="left", on=["t", *by])
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


def _day_start(day: date, zone: ZoneInfo) -> datetime:
    return moment(midnight(day, zone)).astimezone(zone)


def _month(day: date, months: int) -> date:
    count = 12 * day.year + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
