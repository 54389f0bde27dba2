"""What the intent decoder's page draws: answers put in the order and the columns of its charts."""

import pandas as pd

from jorge_data.charts import DRILL
from jorge_data.dashboard.query.page_query import PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest
from jorge_data.metrics.formatting import Unit, write
from jorge_data.metrics.statistics.calibration import WIDTH, expected_error, reliability
from jorge_data.metrics.statistics.confusion import confusion
from jorge_data.metrics.statistics.counter import totals
from jorge_data.metrics.statistics.drift import Drift, drift

ANALYSES = "intent_analysis_complete"
LABELS = "intent_label"
SPREAD = "confidence_spread"
FEATURE = "intent_feature"


RANKS = ("p50", "p95", "p99")
COMPARED = ("trend", "confusion", "calibration")
"""What the period before is asked of as well, beside the single figures."""


def questions(query: PageQuery) -> dict[str, SeriesRequest]:
    """Return all that the page asks, by name."""
    step = query.step
    ranks = {rank: query.series(ANALYSES, "processing_time_ms", rank) for rank in RANKS}
    trends = {f"{rank}_trend": query.series(ANALYSES, "processing_time_ms", rank, step=step) for rank in RANKS}
    return {
        **ranks,
        **trends,
        "within": query.series(ANALYSES, "within_target", "share"),
        "confidence": query.series(ANALYSES, "confidence_score", "mean"),
        "above": query.series(ANALYSES, "above_target", "share"),
        "trend": query.series(ANALYSES, "confidence_score", "mean", step=step),
        "spread": query.series(SPREAD, by=("bin",)),
        "spread_before": query.before.series(SPREAD, by=("bin",)),  # whether or not the viewer compares
        "categories": query.series(ANALYSES, by=("intent_category",)),
        "urgency": query.series(ANALYSES, by=("urgency_level",), step=step),
        "features": query.series(FEATURE, "confidence_score", "mean", by=("feature",)),
        "confusion": query.series(LABELS, by=("predicted", "actual")),
        "calibration": query.series(LABELS, "confidence_score", "sum", by=("bin", "right")),
        "bins": query.series(LABELS, by=("bin",)),
    }


def spread(frame: pd.DataFrame, beside: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each twentieth from the least that was found, in either of two periods, to 1."""
    if frame.empty:
        return frame
    least = round(pd.concat([frame["bin"], beside["bin"]]).astype(float).min() / WIDTH)
    bins = pd.DataFrame({"bin": [f"{at * WIDTH:.2f}" for at in range(least, round(1 / WIDTH))]})
    return bins.merge(frame, how="left", on="bin").fillna({"value": 0, "n": 0, DRILL: ""})


def scaled(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Return the spread of the period before as it would be if as many had been counted then as now."""
    spread_before = spread(before, now)
    if spread_before.empty or now.empty:
        return spread_before
    return spread_before.assign(value=spread_before["value"] * now["value"].sum() / spread_before["value"].sum())


def calibration(frame: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    """Return a point for each bin with labels; `marks` is the answer by bin alone, whose rows each point opens."""
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


def accuracy(frame: pd.DataFrame) -> float | None:
    """Return the share of labels (by predicted, actual) that were right."""
    return confusion(frame).accuracy


def interval(frame: pd.DataFrame) -> str:
    """Return the accuracy's interval in words."""
    bounds = confusion(frame).interval
    return f"95 % interval {write(bounds.low, Unit.SHARE)} to {write(bounds.high, Unit.SHARE)}" if bounds else ""


def error(frame: pd.DataFrame) -> float | None:
    """Return the expected calibration error of labels (a sum of confidence, by bin and right)."""
    return expected_error(reliability(frame))


def features(frame: pd.DataFrame, most: int = 12) -> pd.DataFrame:
    """Return the features that fire most, with how often and with what mean confidence (a mean by feature)."""
    top = frame.sort_values("n", ascending=False, kind="stable").head(most).reset_index(drop=True)
    return top.assign(
        words=[f"{n:,} · {mean:.2f}" for n, mean in zip(top["n"], top["value"], strict=True)], value=top["n"]
    )
