"""Drift: how far a distribution moved since the period before, by the population stability index."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from jorge_data.metrics.statistics.significance import LEVEL, permuted

MODERATE = 0.1
MAJOR = 0.25
"""The usual thresholds: below the first the distribution is stable, from the second on it has changed."""

EMPTY = 0.5
"""The count of a bin that is empty on one side only, so that its logarithm exists."""

Verdict = Literal["stable", "moderate", "major", "too few"]


class Drift(NamedTuple):
    """The index, and how probable it or MODERATE is between two samples of these sizes without any drift."""

    psi: float
    by_chance: float

    @property
    def verdict(self) -> Verdict:
        """Return the verdict by the thresholds; "too few" where chance alone reaches so much in more than LEVEL."""
        if self.by_chance > LEVEL:
            return "too few"
        return "stable" if self.psi < MODERATE else "moderate" if self.psi < MAJOR else "major"


def drift(before: Mapping[str, int], now: Mapping[str, int]) -> Drift | None:
    """Compare two counts by bin: Σ (now − before) · ln(now / before) over shares; None where one side is empty.

    Bins that are empty on both sides are left out. By chance: the index's own distribution at these sizes and bins,
    by permutation, which sparse bins do not disturb as they do its chi-square form.
    """
    bins = sorted(name for name in before.keys() | now.keys() if before.get(name) or now.get(name))
    first, second = (tuple(side.get(name, 0) for name in bins) for side in (before, now))
    return _drift(first, second) if any(first) and any(second) else None


# The permutation takes some 20 ms: once for each answer, and not at every rerun of a page.
@lru_cache(64)
def _drift(before: tuple[int, ...], now: tuple[int, ...]) -> Drift:
    first, second = np.array(before), np.array(now)
    both = first + second
    by_chance = permuted(first, second, lambda drawn: _index(drawn, both - drawn), MODERATE)
    return Drift(float(_index(first, second)), by_chance)


def _index(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    p, q = _shares(before), _shares(now)
    return np.asarray(((q - p) * np.log(q / p)).sum(axis=-1))


def _shares(counted: np.ndarray) -> np.ndarray:
    filled = np.where(counted == 0, EMPTY, counted)
    return np.asarray(filled / filled.sum(axis=-1, keepdims=True))
