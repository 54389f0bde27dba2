"""Velocity: how long things stay at each stage, with those still there as censored."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from jorge_data.metrics.statistics.percentile import Bins
from jorge_data.metrics.statistics.period import zoned
from jorge_data.metrics.statistics.survival import kaplan_meier

STAGES = ("prospect", "qualified", "showing", "offer", "under_contract", "closed")
STEPS = ("Q1", "Q2", "Q3", "Q4", "hot")


class StageTime(NamedTuple):
    """The stays at one stage in seconds: the median (None: not reached), its 95 % interval, how many left and stay.

    `ended` and `lasting` are the durations of those that ended and the ages of those that last.
    """

    stage: str
    median: float | None
    interval: tuple[float | None, float | None]
    done: int
    open: int
    ended: Bins = ()
    lasting: Bins = ()


def velocity(done: Mapping[str, Bins], under_way: Mapping[str, Bins], order: Sequence[str] = STAGES) -> list[StageTime]:
    """Return each stage that has stays, in `order` and then by name.

    `done` is of kind=deal_stage (or seller_step), measure=duration_s, agg=bins, by=stage (or step), where
    state:eq:done; `under_way` comes from `ages`.
    """
    rank = {name: position for position, name in enumerate(order)}
    names = sorted(done.keys() | under_way.keys(), key=lambda name: (rank.get(name, len(rank)), name))
    return [_stage_time(name, done.get(name, ()), under_way.get(name, ())) for name in names]


def ages(frame: pd.DataFrame, by: str, now: datetime) -> dict[str, list[tuple[float, int]]]:
    """Return (age in seconds, count) of what is under way, by stage; an age is from the step's start to now.

    Of kind=deal_stage (or seller_step), agg=count, by=stage (or step), where state:eq:open; the finer the
    step, the closer the age.
    """
    under_way: dict[str, list[tuple[float, int]]] = {}
    if frame.empty:
        return under_way
    entered = zoned(frame["t"], ZoneInfo("UTC"))
    for at, name, n in zip(entered, frame[by], frame["value"], strict=True):
        under_way.setdefault(str(name), []).append((max(0.0, now.timestamp() - at.timestamp()), int(n)))
    return under_way


def _stage_time(name: str, done: Bins, under_way: Bins) -> StageTime:
    curve = kaplan_meier(done, under_way)
    return StageTime(name, curve.median, curve.interval, curve.done, curve.n - curve.done, done, under_way)
