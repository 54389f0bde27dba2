"""Uptime: the share of the known time that each component was up, and the status strip."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

import pandas as pd

from jorge_data.events.timestamps import SECOND, micros, moment
from jorge_data.metrics.statistics import report_spans
from jorge_data.metrics.statistics.counter import KeyCounter
from jorge_data.metrics.statistics.period import Period, zoned
from jorge_data.metrics.statistics.report_spans import UP, up_share

Mark = Literal["up", "degraded", "down", "unknown"]
_MARKS: dict[str, Mark] = {"healthy": "up", "degraded": "degraded", "recovering": "degraded", "down": "down"}
_WORSE: tuple[Mark, ...] = ("unknown", "up", "degraded", "down")


class Uptime(NamedTuple):
    """A component's seconds; `unknown` is the time of the period, for which no report holds."""

    component: str
    up: float
    down: float
    unknown: float

    @property
    def share(self) -> float | None:
        """Return up / known, None where nothing is known."""
        return up_share(self.up, self.up + self.down)

    def allowed(self, target: float) -> float:
        """Return for how many seconds of the whole period it may be down and still reach a target."""
        return (1 - target) * (self.up + self.down + self.unknown)


def uptime(frame: pd.DataFrame, seconds: float) -> list[Uptime]:
    """Return each component by name, over a period of so many seconds, that ends no later than now.

    Of kind=component_time, measure=duration_s, agg=sum, by=component,status, step=all. A report's time counts
    to the period in which it was made, so a period may be known a little beyond its end; unknown is never below 0.
    """
    up, down = KeyCounter[str](), KeyCounter[str]()
    if not frame.empty:
        for component, status, value in zip(frame["component"], frame["status"], frame["value"].fillna(0), strict=True):
            (up if status in UP else down).add(component, round(float(value) * SECOND))
    return [
        Uptime(name, up_s, down_s, max(0.0, seconds - up_s - down_s))
        for name in sorted(up.keys() | down.keys())
        for up_s, down_s in [(up.of(name) / SECOND, down.of(name) / SECOND)]
    ]


def since_newest(
    newest: pd.DataFrame, start: datetime, end: datetime, now: datetime, down_until_reported: bool
) -> pd.DataFrame:
    """Return the time for which components' newest reports speak up to now, as component, status, t, value and n.

    Of kind=component_newest, measure=reported_s, agg=sum, by=component,status, step=all, up to the period's end. It is
    what kind=component_time would hold if every component reported now: the rows of the period that begin in it.
    """
    reports = [
        (str(component), str(status), round(reported * SECOND))
        for component, status, reported, n in newest[["component", "status", "value", "n"]].itertuples(index=False)
        if n == 1  # those that are counted together under one name have no common moment
    ]
    running = report_spans.since_newest(reports, micros(start), micros(end), micros(now), down_until_reported)
    rows = [(each.component, each.status, moment(each.at), each.duration / SECOND, 1) for each in running]
    return pd.DataFrame(rows, columns=["component", "status", "t", "value", "n"])


def overall(components: Iterable[Uptime]) -> float | None:
    """Return the share of all components' known time that they were up, None where none is known."""
    listed = list(components)
    return Uptime("", sum(each.up for each in listed), sum(each.down for each in listed), 0).share


def strip(frame: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the marks of each component and step, as component, t, mark and share, the best first.

    Of kind=component_time, measure=duration_s, agg=sum, by=component,status, in the period's steps. The marks of a step
    are up, degraded (recovering too) and down as far as a report speaks of them, `share` the part of its known time
    that was so or worse: 1 of the first. It is unknown where no report was made in it.
    """
    marks = _by_step(frame, period)
    steps = [(bucket, micros(bucket)) for bucket in period.buckets()]
    rows = [
        (component, bucket, mark, share)
        for component in sorted({component for component, _ in marks})
        for bucket, at in steps
        for mark, share in _shares(marks.get((component, at), {"unknown": 0.0}))
    ]
    return pd.DataFrame(rows, columns=["component", "t", "mark", "share"])


def _shares(seconds: dict[Mark, float]) -> list[tuple[Mark, float]]:
    """Return a step's marks from the best on, each with the share of the time that was so or worse."""
    listed = sorted(seconds, key=_WORSE.index)
    whole = sum(seconds.values())
    so_or_worse = [sum(seconds[mark] for mark in listed[at:]) for at in range(len(listed))]
    return [(mark, part / whole if whole else 1.0) for mark, part in zip(listed, so_or_worse, strict=True)]


def _by_step(frame: pd.DataFrame, period: Period) -> dict[tuple[str, int], dict[Mark, float]]:
    marks: dict[tuple[str, int], dict[Mark, float]] = {}
    if frame.empty:
        return marks
    rows = zip(frame["component"], frame["status"], frame["value"].fillna(0), strict=True)
    for t, (component, status, value) in zip(zoned(frame["t"], period.zone), rows, strict=True):
        step, mark = marks.setdefault((component, micros(t)), {}), _MARKS[status]
        step[mark] = step.get(mark, 0.0) + float(value)
    return marks
