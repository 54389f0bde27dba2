"""Percentiles of values that each occur so many times: the one quantile by nearest rank of all figures."""

import math
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import TypeVar

Bins = Iterable[Sequence[float]]
"""Pairs of a value and its count, in any order, such as the `[value, count]` lists of a response."""

N = TypeVar("N", bound=float)


def percentile(bins: Iterable[Sequence[N]], q: float) -> N | None:
    """Return the value of nearest rank at `q` (0–1), None where nothing was counted; as exact as its bins are.

    That is the least value that a share `q` of all does not exceed (Hyndman and Fan 1996, definition 1).
    """
    ordered = sorted(bins, key=itemgetter(0))
    rank: float = max(1, math.ceil(q * sum(count for _, count in ordered)))
    for value, count in ordered:
        rank -= count
        if rank <= 0:
            return value
    return None


def total(bins: Bins) -> int:
    """Return how many values were counted."""
    return int(sum(count for _, count in bins))


def merged(many: Iterable[Bins]) -> list[tuple[float, int]]:
    """Return the sum of many bins, sorted by value."""
    together: dict[float, int] = {}
    for value, count in (pair for bins in many for pair in bins):
        together[value] = together.get(value, 0) + int(count)
    return sorted(together.items())
