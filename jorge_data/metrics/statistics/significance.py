"""Significance: how probable chance alone makes a difference such as was found, or a greater one.

A title claims a finding where that is at most LEVEL. Each function knows how many were compared, or its source shows
that it need not. Measured over draws of no difference: `docs/decisions.md`.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

import numpy as np

from jorge_data.metrics.statistics.percentile import Bins

LEVEL = 0.04
"""How probable by chance a finding may be. One in twenty titles may be wrong where there is no difference; a hundredth
is left over, since what is measured over 10,000 draws strays by 0.002, and a normal tail errs by as much."""

DRAWS = 1999
"""How often a permutation is drawn: with 1,999 the probability is a multiple of 1/2,000."""

SEED = 20_241_101
"""With the data it seeds the draws, so that a title does not change from one refresh to the next.

Not alone: the same draws for all data would err to the same side, 6.0 % of titles where 5 % were meant.
"""


def binomial(part: int, n: int, chance: float) -> float:
    """Return the probability of `part` or more of n, where each has this chance (exact)."""
    if part <= 0 or chance >= 1:
        return 1.0
    if part > n or chance <= 0:
        return 0.0
    first = _log_choose(n, part) + part * math.log(chance) + (n - part) * math.log1p(-chance)
    odds = chance / (1 - chance)
    return _tail(first, ((n - x) / (x + 1) * odds for x in range(part, n)))


def away_from(part: int, n: int, chance: float) -> float:
    """Return the probability of a part so far from n · chance or farther: twice the smaller tail of the binomial."""
    return min(1.0, 2 * min(binomial(part, n, chance), binomial(n - part, n, 1 - chance)))


def fisher(part: int, n: int, parts: int, total: int) -> float:
    """Return the probability of `part` or more in a group of n, where `parts` of `total` fall into it by chance.

    Fisher 1935, one-sided: the upper tail of the hypergeometric distribution.
    """
    least, most = max(0, n + parts - total), min(n, parts)
    if part <= least:
        return 1.0
    if part > most:
        return 0.0
    first = _log_choose(parts, part) + _log_choose(total - parts, n - part) - _log_choose(total, n)
    rest = total - parts - n
    return _tail(first, ((parts - x) * (n - x) / ((x + 1) * (rest + x + 1)) for x in range(part, most)))


def highest_share(top: str, parts: Mapping[str, tuple[int, int]]) -> float:
    """Return the probability that of these (part, n) any has so high a share against the others together.

    Fisher's test of the top one, times the number of groups that might have been it (Bonferroni; Dunn 1961).
    """
    part, n = parts[top]
    all_parts, total = (sum(column) for column in zip(*parts.values(), strict=True))
    groups = sum(1 for _, size in parts.values() if size)
    return min(1.0, groups * fisher(part, n, all_parts, total))


def most(counted: Sequence[int]) -> float:
    """Return the probability that the most frequent of several leads so far, if a second is as frequent in truth.

    The two-sided binomial test of the first against the second. It needs no correction for the others, however many:
    Hung and Fithian 2019, "Rank verification for exponential families", Annals of Statistics 47, theorem 1.
    """
    first, second = sorted((*counted, 0, 0), reverse=True)[:2]
    return min(1.0, 2 * binomial(first, first + second, 0.5))


def most_in_sum(values: Mapping[str, Sequence[float]]) -> float:
    """Return the probability that the greatest of several sums leads so far, if its parts belong to either by chance.

    `most` for parts of unequal size: each part of the first and the second is given to either with a chance of one
    half, drawn DRAWS times.
    """
    return _most_in_sum(*map(tuple, sorted((*values.values(), (), ()), key=sum, reverse=True)[:2]))


# 40 ms for a thousand deals: once for each answer, and not at every rerun of a page.
@lru_cache(64)
def _most_in_sum(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    parts = np.array([*first, *second], dtype=float)
    random = np.random.default_rng([SEED, *(abs(int(part)) for part in parts)])
    to_first = random.random((DRAWS, len(parts)), dtype=np.float32) < 0.5
    return _drawn(np.abs(2 * (to_first @ parts) - parts.sum()), sum(first) - sum(second))


def means_differ(now: Bins, before: Bins) -> float:
    """Return the probability of means so far apart in either direction, where the values fall to either by chance.

    The permutation test (Fisher 1935, Pitman 1937) over DRAWS draws; a share is the mean of ones and zeros.
    """
    return _means_differ(*(tuple(sorted(_by_value(bins).items())) for bins in (now, before)))


# 50 ms for a hundred values: once for each answer, and not at every rerun of a page.
@lru_cache(64)
def _means_differ(now: tuple[tuple[float, int], ...], before: tuple[tuple[float, int], ...]) -> float:
    first, second = dict(now), dict(before)
    n, m = sum(first.values()), sum(second.values())
    if not n or not m:
        return 1.0
    values = np.array(sorted(first.keys() | second.keys()))
    counts, others = (np.array([side.get(value, 0) for value in values]) for side in (first, second))
    total = (counts + others) @ values

    def apart(drawn: np.ndarray) -> np.ndarray:
        sums = drawn @ values
        return np.asarray(np.abs(sums / n - (total - sums) / m))

    return permuted(counts, others, apart)


def permuted(
    first: np.ndarray, second: np.ndarray, of: Callable[[np.ndarray], np.ndarray], least: float = 0.0
) -> float:
    """Return the probability of a statistic so great, where what two samples counted falls to either by chance.

    `of` takes the counts of the first sample by bin, a row for each draw. The samples keep their sizes. What is below
    `least` counts as that.
    """
    random = np.random.default_rng([SEED, *first.tolist(), *second.tolist()])
    drawn = random.multivariate_hypergeometric(first + second, int(first.sum()), size=DRAWS, method="marginals")
    return _drawn(of(drawn), max(least, float(of(first[np.newaxis])[0])))


def lasts_longer(done: Bins, under_way: Bins, others_done: Bins, others_under_way: Bins) -> float:
    """Return the probability that one group lasts so much longer than the others together, if all last alike.

    The log-rank test (Mantel 1966); what is under way is censored at its age. Two-sided, since the normal tail is too
    short for a small group: 20 against 500 would be found different in 5.8 % of draws of no difference.
    """
    ends, out, other_ends, other_out = map(_by_value, (done, under_way, others_done, others_under_way))
    n, m = (sum(a.values()) + sum(b.values()) for a, b in ((ends, out), (other_ends, other_out)))
    missing = variance = 0.0
    for time in sorted(ends.keys() | out.keys() | other_ends.keys() | other_out.keys()):
        all_ends, at_risk = ends.get(time, 0) + other_ends.get(time, 0), n + m
        if all_ends:
            missing += all_ends * n / at_risk - ends.get(time, 0)
            if at_risk > 1:
                variance += all_ends * n * m * (at_risk - all_ends) / (at_risk**2 * (at_risk - 1))
        n -= ends.get(time, 0) + out.get(time, 0)
        m -= other_ends.get(time, 0) + other_out.get(time, 0)
    return min(1.0, math.erfc(missing / math.sqrt(2 * variance))) if variance else 1.0


def _by_value(bins: Bins) -> dict[float, int]:
    counts: dict[float, int] = {}
    for value, count in bins:
        counts[value] = counts.get(value, 0) + int(count)
    return counts


def _drawn(statistics: np.ndarray, seen: float) -> float:
    """Return the share of the draws that reach what was seen, which counts as one of them (Phipson and Smyth 2010)."""
    reached = int((statistics >= seen - 1e-9 * abs(seen)).sum())
    return (1 + reached) / (1 + len(statistics))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _tail(log_first: float, ratios: Iterator[float]) -> float:
    """Return the sum of a distribution's terms from the first on; each is its ratio times the one before."""
    term = total = 1.0
    for ratio in ratios:
        term *= ratio
        total += term
        if term < 1e-17 * total and ratio < 1:
            break
    return min(1.0, math.exp(log_first + math.log(total)))
