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


def top(index: int) -> float:
    """Return the greatest value that a bucket holds."""
    return _SMALLEST if index == _ZERO else math.exp(index / _PER_LOG)
