"""Counts: an answer of the series, added up by its splits."""

import pandas as pd

from jorge_data.metrics.tally import Tally


def totals(frame: pd.DataFrame, by: str) -> dict[str, int]:
    """Return how many facts each part of one split has (agg=count), all steps together."""
    return {name: n for (name,), n in counts(frame, by).items()}


def counts(frame: pd.DataFrame, *by: str) -> Tally[tuple[str, ...]]:
    """Return how many facts each combination of the splits has (agg=count), all steps together."""
    total: Tally[tuple[str, ...]] = Tally()
    if frame.empty:
        return total
    for *key, n in zip(*(frame[name] for name in (*by, "value")), strict=True):
        total.add(tuple(map(str, key)), int(n))
    return total
