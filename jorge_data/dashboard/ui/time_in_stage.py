"""How long things take on a page: two answers, of what is done and of what is under way, made into medians."""

from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd

from jorge_data import charts
from jorge_data.dashboard.query.page_query import DAY, PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest, equals
from jorge_data.dashboard.ui.page_data import BEFORE, Metric, PageData, value_or_refusal
from jorge_data.metrics.formatting import duration
from jorge_data.metrics.statistics.percentile import Bins
from jorge_data.metrics.statistics.period import floor
from jorge_data.metrics.statistics.survival import Survival, kaplan_meier
from jorge_data.metrics.statistics.velocity import STAGES, STEPS, StageTime, ages, velocity

LATELY = " lately"
"""What the name of the second question ends in."""

RECENT = 7 * DAY


def age_questions(name: str, query: PageQuery, kind: str, by: str, where: tuple[str, ...]) -> dict[str, SeriesRequest]:
    """Return the questions for what is under way: ages are right to the day, of the last week to the hour.

    Of a span that is no longer than that there is one, to the quarter of an hour. The period before is asked by the
    first alone: what began in it is old.
    """
    recent = floor(query.end - RECENT, "1d", query.office_zone)
    if recent <= query.start:
        return {name: query.series(kind, by=(by,), where=where, step="15m")}
    older, newer = replace(query, end=recent), replace(query, start=recent)
    return {
        name: older.series(kind, by=(by,), where=where, step="1d"),
        name + LATELY: newer.series(kind, by=(by,), where=where, step="1h"),
    }


def read_ages(page_data: PageData, name: str, by: str) -> dict[str, list[tuple[float, int]]]:
    """Return (age in seconds, count) of what is under way, by stage; raise RequestRefused."""
    listed: dict[str, list[tuple[float, int]]] = {}
    names = [name, name + LATELY] if name + LATELY in page_data.questions else [name]
    for answer in map(page_data.series, names):
        for stage, aged in ages(answer.frame, by, answer.told_at).items():
            listed.setdefault(stage, []).extend(aged)
    return listed


DONE, OPEN = "durations", "under_way"
"""The names under which a page asks for durations (agg=bins) and for what is under way (`age_questions`)."""

_UNITS = ((2 * 86_400.0, 86_400.0, "days"), (2 * 3600.0, 3600.0, "hours"), (0.0, 60.0, "minutes"))


def time_in_stage(page_data: PageData, by: str, before: bool = False) -> list[StageTime]:
    """Return the stays of each step or stage, of this period or of the one before; raise RequestRefused."""
    done, under_way = measured(page_data, by, before=before)
    return velocity(done, under_way, (*STEPS, *STAGES))


def curve(page_data: PageData, by: str, name: str) -> Survival:
    """Return the curve of one step or stage; raise RequestRefused."""
    done, under_way = measured(page_data, by)
    return kaplan_meier(done.get(name, ()), under_way.get(name, ()))


@value_or_refusal
def median(page_data: PageData, query: PageQuery, kind: str, by: str, name: str) -> Metric:
    """Return the median of one step or stage as a figure, of this period and of the one before."""
    now = stay_of(time_in_stage(page_data, by), name)
    was = stay_of(time_in_stage(page_data, by, before=True), name) if query.compare else None
    n = now.done + now.open if now else 0
    return Metric(now and now.median, was and was.median, n, query.rows(kind, equals(by, name)))


def stay_of(listed: list[StageTime], name: str) -> StageTime | None:
    """Return the stay at one step or stage, None where there was none."""
    return next((stay for stay in listed if stay.stage == name), None)


def words(stay: StageTime) -> str:
    """Write a stay in one unit: its median and the interval of it, or how many are still there."""
    if stay.median is None:
        return f"half not reached · {stay.open:,} there"
    size, unit = next((size, unit) for least, size, unit in _UNITS if stay.median >= least)
    low, high = (f"{bound / size:.1f}" if bound is not None else "…" for bound in stay.interval)
    return f"{stay.median / size:.1f} {unit} ({low}–{high})"


def drawn(found: Survival) -> tuple[pd.DataFrame, str, "partial[Any]"]:
    """Return a curve as a chart draws it, the unit of its time, and its chart."""
    last = found.steps[-1].time if found.steps else 0.0
    size, unit = next((size, unit) for least, size, unit in _UNITS if last >= least)
    rows = [(0.0, 1.0, 1.0, 1.0)]
    for step in found.steps:
        low, high = step.band or (step.share, step.share)
        rows.append((step.time / size, step.share, low, high))
    frame = pd.DataFrame(rows, columns=["time", "share", "low", "high"])
    median = found.median
    words = "" if median is None else f"half after {duration(median)}"
    build = partial(charts.survival, unit=unit, median=median and median / size, median_words=words)
    return (frame if found.steps else frame.iloc[:0]), unit, build


def measured(
    page_data: PageData, by: str, done: str = DONE, under_way: str = OPEN, before: bool = False
) -> tuple[dict[str, Bins], dict[str, list[tuple[float, int]]]]:
    """Return the durations of what is done and the ages of what is under way, of each part of a split.

    `done` and `under_way` name the two answers; raise RequestRefused.
    """
    prefix = BEFORE if before else ""
    frame = page_data.series(prefix + done).frame
    bins: dict[str, Bins] = dict(zip(frame[by], frame["value"], strict=True)) if not frame.empty else {}
    return bins, read_ages(page_data, prefix + under_way, by)
