"""What the intent decoder's page draws: answers put in the order and the columns of its charts."""

import pandas as pd

from jorge_data.live.query import Query
from jorge_data.live.told import DRILL
from jorge_data.metrics.analysis.calibration import WIDTH, reliability
from jorge_data.metrics.analysis.counts import counts
from jorge_data.metrics.analysis.drift import Drift, drift

ANALYSES = "intent_analysis_complete"
LABELS = "intent_label"
SPREAD = "confidence_spread"
FEATURE = "intent_feature"


def spread(frame: pd.DataFrame, query: Query) -> pd.DataFrame:
    """Return a row for each twentieth from the least to 1, and the question for the analyses within it."""
    if frame.empty:
        return frame
    counted = {round(float(low), 2): int(n) for low, n in zip(frame["bin"], frame["value"], strict=True)}
    lows = [round(at * WIDTH, 2) for at in range(round(min(counted) / WIDTH), round(1 / WIDTH))]
    return pd.DataFrame(
        {
            "bin": [f"{low:.2f}" for low in lows],
            "value": [counted.get(low, 0) for low in lows],
            "n": [counted.get(low, 0) for low in lows],
            DRILL: [query.rows(ANALYSES, *_within(low)).token() for low in lows],
        }
    )


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
    was, there = (
        {key[0]: n for key, n in counts(frame, split).items()}
        for frame in (before, now)
    )  # fmt: skip
    return drift(was, there)


def features(frame: pd.DataFrame, most: int = 12) -> pd.DataFrame:
    """Return the features that fire most, with how often and with what mean confidence (a mean by feature)."""
    top = frame.sort_values("n", ascending=False, kind="stable").head(most).reset_index(drop=True)
    return top.assign(
        words=[f"{n:,} · {mean:.2f}" for n, mean in zip(top["n"], top["value"], strict=True)], value=top["n"]
    )


def _within(low: float) -> tuple[str, ...]:
    high = round(low + WIDTH, 2)
    least = f"confidence_score:ge:{low:.2f}"
    return (least,) if high >= 1 else (least, f"confidence_score:lt:{high:.2f}")
