"""The data of the page of ML confidence: responses in the order and the columns of its charts."""

from dataclasses import replace

import pandas as pd

from jorge_data.charts import DRILL, every_bin
from jorge_data.dashboard.ui.page_data import Metric, PageData, value_or_refusal
from jorge_data.metrics.formatting import Unit, number, portion, write
from jorge_data.metrics.statistics.calibration import WIDTH, expected_error, reliability
from jorge_data.metrics.statistics.confusion import confusion
from jorge_data.metrics.statistics.drift import MAJOR, Drift, drift
from jorge_data.metrics.statistics.frame_counts import totals
from jorge_data.metrics.statistics.quantile_sketch import on_its_side

ANALYSES = "intent_analysis_complete"
LABELS = "intent_label"
SPREAD = "confidence_spread"
FEATURE = "intent_feature"
RANKS = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@value_or_refusal
def latency(page_data: PageData, rank: str, target: float) -> Metric:
    """Return a percentile of the latency in milliseconds, right to 1 %, and to the side of the target on which it is.

    The wall's percentile is the same.
    """
    figure, within = page_data.figure(rank), page_data.series("within").value
    if figure.now is None or within is None:
        return figure
    return replace(figure, now=on_its_side(figure.now, RANKS[rank], target, within))


def spread(frame: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each twentieth of confidence, from the lowest counted in either of two periods up to 1."""
    if frame.empty:
        return frame
    least = round(pd.concat([frame["bin"], other["bin"]]).astype(float).min() / WIDTH)
    return every_bin(frame, pd.DataFrame({"bin": [f"{at * WIDTH:.2f}" for at in range(least, round(1 / WIDTH))]}))


def scaled(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Return the spread of the period before, scaled to as many analyses as there are now."""
    spread_before = spread(before, now)
    if spread_before.empty or now.empty:
        return spread_before
    return spread_before.assign(value=spread_before["value"] * now["value"].sum() / spread_before["value"].sum())


def calibration(frame: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    """Return a point for each bin with labels; `marks` is the frame by bin alone, whose tokens the points carry."""
    drills = dict(zip(marks["bin"].astype(float), marks[DRILL], strict=True))
    points = [
        {
            "stated": each.confidence,
            "right": each.accuracy,
            "low": each.interval.low,
            "high": each.interval.high,
            "n": each.n,
            DRILL: drills[each.low],
        }
        for each in reliability(frame)
    ]
    return pd.DataFrame(points, columns=["stated", "right", "low", "high", "n", DRILL])


def drifted(now: pd.DataFrame, before: pd.DataFrame, split: str) -> Drift | None:
    """Return how far the shares of a split moved since the period before."""
    return drift(totals(before, split), totals(now, split))


def drift_words(moved: Drift | None) -> str:
    """Write how far the shares moved, and from where on that is a change; "" where it is not known."""
    if moved is None or moved.verdict == "too few":
        return ""
    return f"; moved by {number(moved.psi, 2)}, a change from {number(MAJOR, 2)} on (PSI)"


def accuracy(frame: pd.DataFrame) -> float | None:
    """Return the share of labels (by predicted, actual) that were right."""
    return confusion(frame).accuracy


def interval(frame: pd.DataFrame) -> str:
    """Return the 95 % interval of the accuracy in words, "" without labels."""
    bounds = confusion(frame).interval
    return f"likely {write(bounds.low, Unit.SHARE)} to {write(bounds.high, Unit.SHARE)}" if bounds else ""


def error(frame: pd.DataFrame) -> float | None:
    """Return the expected calibration error of labels (a sum of confidence, by bin and right)."""
    return expected_error(reliability(frame))


def features(frame: pd.DataFrame, most: int = 12) -> pd.DataFrame:
    """Return the features that fired most, with their counts and mean confidence in words (from a mean by feature)."""
    top = frame.sort_values("n", ascending=False, kind="stable").head(most).reset_index(drop=True)
    return top.assign(
        words=[f"{number(n)} · {portion(mean)}" for n, mean in zip(top["n"], top["value"], strict=True)],
        value=top["n"],
    )
