"""A quantile sketch: log-sized buckets, so that any quantile is right to 1 % of its value (DDSketch's scheme)."""

import math

RELATIVE_ERROR = 0.01
_GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR)
_PER_LOG = 1 / math.log(_GAMMA)
_SMALLEST = 1e-6
_ZERO = -1_000_000
"""The bucket of what is too small to have a logarithm worth keeping; it sorts before all others."""


def bucket(value: float) -> int:
    """Return the bucket that holds a value of 0 or more."""
    return math.ceil(math.log(value) * _PER_LOG) if value > _SMALLEST else _ZERO


def middle(index: int) -> float:
    """Return the value that stands for a bucket, within RELATIVE_ERROR of all that the bucket holds."""
    return 0.0 if index == _ZERO else 2 * math.exp(index / _PER_LOG) / (_GAMMA + 1)


def on_its_side(value: float, q: float, target: float, share_within: float) -> float:
    """Return a quantile of the sketch on the side of a target where the exact one is, still right to RELATIVE_ERROR.

    That side is known by the exact share of values within the target. Where the sketch is on the other one: the middle
    of what is left, on the right side, of the values for which it may stand.
    """
    least, most, within = value / (1 + RELATIVE_ERROR), value / (1 - RELATIVE_ERROR), share_within >= q
    if (value <= target) == within or not least <= target < most:
        return value
    return ((least if within else most) + target) / 2


def top(index: int) -> float:
    """Return the greatest value that a bucket holds."""
    return _SMALLEST if index == _ZERO else math.exp(index / _PER_LOG)
