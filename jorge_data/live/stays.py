"""How long things take on a page: two answers, of what is done and of what is under way, made into medians."""

from functools import partial
from typing import Any

import pandas as pd

from jorge_data import charts
from jorge_data.live.ages import told_ages
from jorge_data.live.query import Query
from jorge_data.live.question import equals
from jorge_data.live.told import BEFORE, Told, Value, value_or_refusal
from jorge_data.metrics.analysis.percentile import Bins
from jorge_data.metrics.analysis.survival import Survival, kaplan_meier
from jorge_data.metrics.analysis.velocity import STAGES, STEPS, Stay, velocity
from jorge_data.metrics.units import duration

DONE, OPEN = "durations", "under_way"
"""The names under which a page asks for durations (agg=bins) and for what is under way (`age_questions`)."""

_UNITS = ((2 * 86_400.0, 86_400.0, "days"), (2 * 3600.0, 3600.0, "hours"), (0.0, 60.0, "minutes"))


def stays(told: Told, by: str, before: bool = False) -> list[Stay]:
    """Return the stays of each step or stage, of this period or of the one before; raise RequestRefused."""
    done, under_way = measured(told, by, before=before)
    return velocity(done, under_way, (*STEPS, *STAGES))


def curve(told: Told, by: str, name: str) -> Survival:
    """Return the curve of one step or stage; raise RequestRefused."""
    done, under_way = measured(told, by)
    return kaplan_meier(done.get(name, ()), under_way.get(name, ()))


@value_or_refusal
def median(told: Told, query: Query, kind: str, by: str, name: str) -> Value:
    """Return the median of one step or stage as a figure, of this period and of the one before."""
    now = stay_of(stays(told, by), name)
    was = stay_of(stays(told, by, before=True), name) if query.compare else None
    n = now.done + now.open if now else 0
    return Value(now and now.median, was and was.median, n, query.rows(kind, equals(by, name)))


def stay_of(listed: list[Stay], name: str) -> Stay | None:
    """Return the stay at one step or stage, None where there was none."""
    return next((stay for stay in listed if stay.stage == name), None)


def words(stay: Stay) -> str:
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
    told: Told, by: str, done: str = DONE, under_way: str = OPEN, before: bool = False
) -> tuple[dict[str, Bins], dict[str, list[tuple[float, int]]]]:
    """Return the durations of what is done and the ages of what is under way, of each part of a split.

    `done` and `under_way` name the two answers; raise RequestRefused.
    """
    prefix = BEFORE if before else ""
    frame = told.series(prefix + done).frame
    bins: dict[str, Bins] = dict(zip(frame[by], frame["value"], strict=True)) if not frame.empty else {}
    return bins, told_ages(told, prefix + under_way, by)
