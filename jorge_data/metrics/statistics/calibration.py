"""Calibration: whether the share of right analyses agrees with the decoder's confidence."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from jorge_data.metrics.statistics.interval import Interval, wilson

WIDTH = 0.05
"""How wide a bin of confidence is; the last one holds 1.0 as well."""


class Reliability(NamedTuple):
    """The labelled analyses of one bin of confidence: their mean confidence, and the share that was right."""

    low: float
    high: float
    n: int
    right: int
    confidence: float
    accuracy: float
    interval: Interval

    @property
    def gap(self) -> float:
        """Return accuracy − mean confidence: below 0 the decoder is overconfident."""
        return self.accuracy - self.confidence


def reliability(frame: pd.DataFrame) -> list[Reliability]:
    """Return every bin that holds a label, from the least confidence to the greatest.

    Of kind=intent_label, measure=confidence_score, agg=sum, by=bin,right: value is the sum, n the count.
    """
    bins: dict[float, list[float]] = {}
    columns = (frame[name] for name in ("bin", "right", "value", "n")) if not frame.empty else ((),) * 4
    for low, right, confidence, n in zip(*columns, strict=True):
        sums = bins.setdefault(float(low), [0, 0, 0.0])
        sums[0] += int(n)
        sums[1] += int(n) if right == "yes" else 0
        sums[2] += float(confidence)
    return [_bin(low, int(n), int(right), total) for low, (n, right, total) in sorted(bins.items()) if n]


def expected_error(bins: Sequence[Reliability]) -> float | None:
    """Return the expected calibration error: the mean of |gap|, weighted by n; None without labels."""
    n = sum(each.n for each in bins)
    return sum(each.n * abs(each.gap) for each in bins) / n if n else None


def overconfidence(bins: Sequence[Reliability]) -> float | None:
    """Return mean confidence − accuracy over all labels; above 0 the decoder is overconfident."""
    n = sum(each.n for each in bins)
    return -sum(each.n * each.gap for each in bins) / n if n else None


def _bin(low: float, n: int, right: int, confidence: float) -> Reliability:
    interval = wilson(right, n)
    assert interval is not None
    return Reliability(low, round(low + WIDTH, 2), n, right, confidence / n, right / n, interval)
