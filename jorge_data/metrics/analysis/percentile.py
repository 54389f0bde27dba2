"""Percentiles of weighted values, as the sketches give them: lists of (value, count)."""

import math
from collections.abc import Iterable, Sequence

Bins = Iterable[Sequence[float]]
"""Pairs of a value and how often it was counted, in any order; `[value, count]` lists of an answer are such pairs."""

USUAL = (0.5, 0.95, 0.99)


def percentile(bins: Bins, q: float) -> float | None:
    """Return the value of nearest rank at `q` (0–1), None where nothing was counted; right to 1 % as its bins are."""
    return percentiles(bins, (q,))[q]


def percentiles(bins: Bins, at: Sequence[float] = USUAL) -> dict[float, float | None]:
    """Return the value of nearest rank at each q of `at`, None where nothing was counted."""
    ordered = sorted((value, count) for value, count in bins if count > 0)
    total = sum(count for _, count in ordered)
    return {q: _of_rank(ordered, max(1, math.ceil(q * total))) for q in at}


def total(bins: Bins) -> int:
    """Return how many values were counted."""
    return int(sum(count for _, count in bins))


def merged(many: Iterable[Bins]) -> list[tuple[float, int]]:
    """Return the bins of all together, sorted by value."""
    together: dict[float, int] = {}
    for value, count in (pair for bins in many for pair in bins):
        together[value] = together.get(value, 0) + int(count)
    return sorted(together.items())


def _of_rank(ordered: Iterable[Sequence[float]], rank: float) -> float | None:
    for value, count in ordered:
        rank -= count
        if rank <= 0:
            return value
    return None
