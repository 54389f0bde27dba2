"""Time in a step or stage: medians of two responses, of the durations that ended and the ages of what is under way."""

from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from jorge_data import charts
from jorge_data.dashboard.query.page_query import DAY, PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest, equals
from jorge_data.dashboard.ui.page_data import BEFORE, Metric, PageData, value_or_refusal
from jorge_data.metrics.formatting import duration, number
from jorge_data.metrics.statistics.percentile import Bins
from jorge_data.metrics.statistics.period import floor
from jorge_data.metrics.statistics.survival import Survival, kaplan_meier
from jorge_data.metrics.statistics.velocity import STAGES, STEPS, StageTime, ages, velocity

RECENT_SUFFIX = " lately"
"""The suffix of the second request's name."""

RECENT = 7 * DAY


def age_requests(name: str, query: PageQuery, kind: str, by: str, where: tuple[str, ...]) -> dict[str, SeriesRequest]:
    """Return the requests for what is under way: ages are exact to the day, in the last week to the hour.

    For a span of at most a week there is one request, exact to the quarter of an hour. The period before is compared
    by the first request alone: what began in it is old.
    """
    recent = floor(query.end - RECENT, "1d", query.office_zone)
    if recent <= query.start:
        return {name: query.series(kind, by=(by,), where=where, step="15m")}
    older, newer = replace(query, end=recent), replace(query, start=recent)
    return {
        name: older.series(kind, by=(by,), where=where, step="1d"),
        name + RECENT_SUFFIX: newer.series(kind, by=(by,), where=where, step="1h"),
    }


def read_ages(page_data: PageData, name: str, by: str) -> dict[str, list[tuple[float, int]]]:
    """Return (age in seconds, count) of what is under way, by stage; raise RequestRefused."""
    listed: dict[str, list[tuple[float, int]]] = {}
    names = [name, name + RECENT_SUFFIX] if name + RECENT_SUFFIX in page_data.requests else [name]
    for response in map(page_data.series, names):
        for stage, aged in ages(response.frame, by, response.answered_at).items():
            listed.setdefault(stage, []).extend(aged)
    return listed


DONE, OPEN = "durations", "under_way"
"""The names of a page's requests for durations (agg=bins) and for what is under way (`age_requests`)."""

_UNITS = ((2 * 86_400.0, 86_400.0, "days"), (2 * 3600.0, 3600.0, "hours"), (0.0, 60.0, "minutes"))


def time_in_stage(page_data: PageData, by: str, before: bool = False) -> list[StageTime]:
    """Return the time in each step or stage, in this period or the one before; raise RequestRefused."""
    done, under_way = durations_and_ages(page_data, by, before=before)
    return velocity(done, under_way, (*STEPS, *STAGES))


def curve(page_data: PageData, by: str, name: str) -> Survival:
    """Return the survival curve of one step or stage; raise RequestRefused."""
    done, under_way = durations_and_ages(page_data, by)
    return kaplan_meier(done.get(name, ()), under_way.get(name, ()))


@value_or_refusal
def median(page_data: PageData, query: PageQuery, kind: str, by: str, name: str) -> Metric:
    """Return the median of one step or stage in seconds, in this period and the one before."""
    now = _stay_at(time_in_stage(page_data, by), name)
    before = _stay_at(time_in_stage(page_data, by, before=True), name) if query.compare else None
    n = now.done + now.open if now else 0
    return Metric(now and now.median, before and before.median, n, query.rows(kind, equals(by, name)))


def _stay_at(listed: list[StageTime], name: str) -> StageTime | None:
    """Return the time in one step or stage, None where nothing was in it."""
    return next((stay for stay in listed if stay.stage == name), None)


def words(stay: StageTime) -> str:
    """Write the median and its interval, or how many are still there where half is not reached."""
    if stay.median is None:
        return f"half not reached · {number(stay.open)} there"
    low, high = (duration(bound) if bound is not None else "…" for bound in stay.interval)
    return f"{duration(stay.median)} ({low} to {high})"


def survival_chart(survival: Survival) -> tuple[pd.DataFrame, str, "partial[Any]"]:
    """Return a curve's frame, the unit of its time axis, and the function that builds its chart."""
    last = survival.steps[-1].time if survival.steps else 0.0
    size, unit = next((size, unit) for least, size, unit in _UNITS if last >= least)
    rows = [(0.0, 1.0, 1.0, 1.0)]
    for step in survival.steps:
        low, high = step.band or (step.share, step.share)
        rows.append((step.time / size, step.share, low, high))
    frame = pd.DataFrame(rows, columns=["time", "share", "low", "high"])
    median = survival.median
    words = "" if median is None else f"half after {duration(median)}"
    build = partial(charts.survival, unit=unit, median=median and median / size, median_words=words)
    return (frame if survival.steps else frame.iloc[:0]), unit, build


def durations_and_ages(
    page_data: PageData, by: str, done: str = DONE, under_way: str = OPEN, before: bool = False
) -> tuple[dict[str, Bins], dict[str, list[tuple[float, int]]]]:
    """Return the durations of what is done and the ages of what is under way, in seconds, by the parts of a split.

    `done` and `under_way` name the two responses; raise RequestRefused.
    """
    prefix = BEFORE if before else ""
    frame = page_data.series(prefix + done).frame
    bins: dict[str, Bins] = dict(zip(frame[by], frame["value"], strict=True)) if not frame.empty else {}
    return bins, read_ages(page_data, prefix + under_way, by)
