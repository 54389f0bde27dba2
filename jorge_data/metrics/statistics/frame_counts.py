"""The counts of a response's frame by its splits."""

import pandas as pd

from jorge_data.metrics.statistics.counter import KeyCounter


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
