"""Survival: how long things take, with those still under way as censored (Kaplan and Meier 1958)."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jorge_data.metrics.statistics.interval import Z_95, Interval
from jorge_data.metrics.statistics.percentile import Bins

_HALF = 0.5 + 1e-12
"""One half, with room for the rounding of a product that is exactly one half."""


class SurvivalStep(NamedTuple):
    """A moment at which something was done, and the share not yet done just after it.

    `error` is Greenwood's standard error; `band` the 95 % interval by log(−log), None where the share is 0 or 1.
    """

    time: float
    at_risk: int
    done: int
    share: float
    error: float
    band: Interval | None


@dataclass(frozen=True)
class Survival:
    """The curve of what is not yet done, one step a time of doing; `n` counts the done and the open together."""

    n: int
    done: int
    steps: tuple[SurvivalStep, ...]

    @property
    def median(self) -> float | None:
        """Return the first time by which half was done, None where the curve never falls so far."""
        return self._first(lambda step: step.share <= _HALF)

    def quantile(self, q: float) -> float | None:
        """Return the first time by which a share `q` was done, None where the curve never falls so far."""
        return self._first(lambda step: step.share <= 1 - q + 1e-12)

    @property
    def interval(self) -> tuple[float | None, float | None]:
        """Return the 95 % interval of the median (Brookmeyer and Crowley 1982); a bound not reached is None."""
        return (
            self._first(lambda step: step.band is not None and step.band.low <= _HALF),
            self._first(lambda step: step.band is not None and step.band.high <= _HALF),
        )

    def _first(self, holds: Callable[[SurvivalStep], bool]) -> float | None:
        return next((step.time for step in self.steps if holds(step)), None)


def kaplan_meier(done: Bins, under_way: Bins = ()) -> Survival:
    """Return the curve from durations of what was done and ages of what is still under way, as (value, count).

    What is under way at the very time of a step counts as at risk there.
    """
    ends, censored = _by_time(done), _by_time(under_way)
    n = sum(ends.values()) + sum(censored.values())
    return Survival(n, sum(ends.values()), tuple(_steps(ends, censored, n)))


def incidence(ended: NDArray[np.bool_], counted: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
    """Return the share that has ended in the way that is counted, after each of those given, and the share still open.

    They come in order of time, each `ended` or still under way; of one way of ending among others the share is Aalen
    and Johansen's (1978): what is open by Kaplan and Meier, times who ends so of those at risk. To take the other
    endings for open ones would count on them again.
    """
    at_risk = np.arange(len(ended), 0, -1)
    open_ = np.concatenate(([1.0], np.cumprod(1 - ended / at_risk)))
    return np.cumsum(open_[:-1] * counted / at_risk), float(open_[-1])


def _by_time(bins: Bins) -> dict[float, int]:
    by_time: dict[float, int] = defaultdict(int)
    for value, count in bins:
        by_time[value] += int(count)
    return by_time


def _steps(ends: dict[float, int], censored: dict[float, int], at_risk: int) -> Iterator[SurvivalStep]:
    share, variance = 1.0, 0.0
    for time in sorted(ends.keys() | censored.keys()):
        done = ends.get(time, 0)
        remaining = at_risk - done
        if done:
            share *= remaining / at_risk
            variance += done / (at_risk * remaining) if remaining else 0.0
            yield SurvivalStep(time, at_risk, done, share, share * math.sqrt(variance), _band(share, variance))
        at_risk = remaining - censored.get(time, 0)


def _band(share: float, variance: float) -> Interval | None:
    if not 0 < share < 1:
        return None
    reach = Z_95 * math.sqrt(variance) / abs(math.log(share))
    return Interval(share ** math.exp(reach), share ** math.exp(-reach))
