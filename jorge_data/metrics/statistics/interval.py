"""Intervals of a share: Wilson's score interval, which stays within 0–1 and holds for few cases too."""

import math
from typing import NamedTuple

Z_95 = 1.959963984540054
"""The normal quantile that leaves 2.5 % on each side."""


class Interval(NamedTuple):
    """The bounds of a confidence interval."""

    low: float
    high: float


def wilson(part: int, n: int, z: float = Z_95) -> Interval | None:
    """Return the 95 % interval of the share part / n (Wilson 1927), None where n is 0."""
    if not n:
        return None
    share, weight = part / n, z * z / n
    centre = share + weight / 2
    reach = z * math.sqrt((share * (1 - share) + weight / 4) / n)
    low, high = (centre - reach) / (1 + weight), (centre + reach) / (1 + weight)
    # At the ends the bound is 0 or 1 exactly; floats would miss it by a hair.
    return Interval(0.0 if part == 0 else low, 1.0 if part == n else high)
