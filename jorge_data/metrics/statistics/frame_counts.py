"""The counts of a response's frame by its splits, and its values with their counts."""

import pandas as pd

from jorge_data.metrics.statistics.counter import KeyCounter
from jorge_data.metrics.statistics.percentile import Bins


def totals(frame: pd.DataFrame, by: str) -> dict[str, int]:
    """Return how many facts each part of one split has (agg=count), all steps together."""
    return {name: n for (name,), n in counts(frame, by).items()}


def counts(frame: pd.DataFrame, *by: str) -> KeyCounter[tuple[str, ...]]:
    """Return how many facts each combination of the splits has (agg=count), all steps together."""
    total: KeyCounter[tuple[str, ...]] = KeyCounter()
    if frame.empty:
        return total
    for *key, n in zip(*(frame[name] for name in (*by, "value")), strict=True):
        total.add(tuple(map(str, key)), int(n))
    return total


def bins(frame: pd.DataFrame) -> Bins:
    """Return the values of a frame (agg=bins, without a split), each with its count."""
    return [] if frame.empty else list(frame["value"].iloc[0])


def ones_and_zeros(frame: pd.DataFrame) -> Bins:
    """Return the values whose mean a share is (agg=share, without a split), each with its count."""
    if frame.empty or not frame["n"].iloc[0]:
        return []
    n = int(frame["n"].iloc[0])
    ones = round(float(frame["value"].iloc[0]) * n)
    return [(1.0, ones), (0.0, n - ones)]
