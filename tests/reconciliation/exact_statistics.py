"""Statistics of the recount, written from their definitions in exact fractions."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import ceil, log, sqrt

Z = 1.959963984540054


def nearest_rank(values: Iterable[float], q: float) -> float | None:
    """Return the value of nearest rank at `q`, None where there are no values."""
    ordered = sorted(values)
    return ordered[max(1, ceil(Fraction(str(q)) * len(ordered))) - 1] if ordered else None


def survival(done: Sequence[float], censored: Sequence[float]) -> list[tuple[float, Fraction]]:
    """Return Kaplan and Meier's estimate after each time in `done`; what is censored at that time is still at risk."""
    share, curve = Fraction(1), []
    for time in sorted(set(done)):
        at_risk = sum(value >= time for value in done) + sum(value >= time for value in censored)
        share *= 1 - Fraction(sum(value == time for value in done), at_risk)
        curve.append((time, share))
    return curve


def done_by(q: Fraction, done: Sequence[float], censored: Sequence[float]) -> float | None:
    """Return the first time by which a share `q` was done, None where the curve never falls so far."""
    return next((time for time, share in survival(done, censored) if share <= 1 - q), None)


def median(done: Sequence[float], censored: Sequence[float]) -> float | None:
    """Return the first time by which half was done, None where the curve never falls so far."""
    return done_by(Fraction(1, 2), done, censored)


def split_censored(taken: Iterable[tuple[float, bool]]) -> tuple[list[float], list[float]]:
    """Split (duration, whether it is done) into the durations of what is done and the ages of what is not."""
    rows = list(taken)
    return [took for took, done in rows if done], [took for took, done in rows if not done]


def wilson(part: int, n: int) -> tuple[float, float] | None:
    """Return Wilson's score interval of part / n."""
    if not n:
        return None
    p, z2 = part / n, Z * Z
    reach = Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return (p + z2 / (2 * n) - reach) / (1 + z2 / n), (p + z2 / (2 * n) + reach) / (1 + z2 / n)


def psi(before: Mapping[str, int], now: Mapping[str, int]) -> float:
    """Return the population stability index of two counts; a bin that is empty on one side holds half a case there."""
    bins = before.keys() | now.keys()
    p, q = ({name: counted.get(name, 0) or 0.5 for name in bins} for counted in (before, now))
    shares = [(p[name] / sum(p.values()), q[name] / sum(q.values())) for name in bins]
    return sum((current - previous) * log(current / previous) for previous, current in shares)
