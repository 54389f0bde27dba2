"""Drift: how far a distribution moved since the period before, by the population stability index."""

import math
from collections.abc import Mapping
from typing import Literal, NamedTuple

MODERATE = 0.1
MAJOR = 0.25
"""The usual thresholds: below the first the distribution is stable, from the second on it has changed."""

EMPTY = 0.5
"""The count of a bin that is empty on one side only, so that its logarithm exists."""

Verdict = Literal["stable", "moderate", "major", "too few"]


class Drift(NamedTuple):
    """The index, and the index to expect between two samples of this size without any drift."""

    psi: float
    by_chance: float

    @property
    def verdict(self) -> Verdict:
        """Return the verdict by the thresholds; "too few" where chance alone is expected to reach the first."""
        if self.by_chance >= MODERATE:
            return "too few"
        return "stable" if self.psi < MODERATE else "moderate" if self.psi < MAJOR else "major"


def drift(before: Mapping[str, int], now: Mapping[str, int]) -> Drift | None:
    """Compare two counts by bin: Σ (now − before) · ln(now / before) over shares; None where one side is empty.

    Bins that are empty on both sides are left out. By chance: (bins − 1) · (1/n + 1/m), the mean of the index
    between two samples of one distribution.
    """
    bins = sorted(name for name in before.keys() | now.keys() if before.get(name) or now.get(name))
    n, m = sum(before.values()), sum(now.values())
    if not n or not m:
        return None
    shares = zip(_shares(before, bins), _shares(now, bins), strict=True)
    return Drift(sum((q - p) * math.log(q / p) for p, q in shares), (len(bins) - 1) * (1 / n + 1 / m))


def _shares(counted: Mapping[str, int], bins: list[str]) -> list[float]:
    filled = [counted.get(name, 0) or EMPTY for name in bins]
    total = sum(filled)
    return [count / total for count in filled]
