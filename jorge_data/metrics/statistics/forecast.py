"""Forecast: the commission earned by the end of a month or quarter, as a range."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jorge_data.metrics.commission import share
from jorge_data.metrics.statistics.interval import Interval, wilson

RUNS = 10_000
SEED = 7
NOMINAL = 0.8
"""The share of actual results that a range from P10 to P90 should hold."""

METHOD = (
    "Each open deal that counts is won or not by its stage's probability, independently of the others, "
    f"in {RUNS:,} simulated runs (seed {SEED}); P10, P50 and P90 are taken over the runs' totals."
)
_AT_ONCE = 128


class OpenDeal(NamedTuple):
    """An open deal: our commission in cents, the probability that it is won (None: not known), when it should close."""

    commission: int
    probability: float | None
    expected_close: date | None


@dataclass(frozen=True)
class Forecast:
    """Cents by the last day of a horizon: already won, plus what the open deals that count may bring.

    `weighted` is the plain sum of won and commission × probability. `deals` were simulated; of them `undated` name
    no close; `unweighted` deals would count, but have no probability and are left out.
    """

    last: date
    won: int
    weighted: int
    p10: int
    p50: int
    p90: int
    deals: int
    undated: int
    unweighted: int


class Backtest(NamedTuple):
    """How many past ranges held the actual result; `interval` is Wilson's, 95 %."""

    periods: int
    covered: int
    coverage: float | None
    interval: Interval | None


def counts_towards(deal: OpenDeal, last: date) -> bool:
    """Return whether a deal counts to a horizon: it should close by its last day, or names no day at all.

    One whose day has passed is still open, and counts.
    """
    return deal.expected_close is None or deal.expected_close <= last


def forecast(
    won: int | None, deals: Iterable[OpenDeal], last: date, seed: int = SEED, runs: int = RUNS
) -> Forecast | None:
    """Return the range for a horizon that ends with the day `last`; None where no deal at all is known.

    `won` is the commission won since the horizon began in cents, None where no deal is known.
    """
    counted = [deal for deal in deals if counts_towards(deal, last)]
    if won is None and not counted:
        return None
    # Sorted, so that the same deals give the same range in whatever order they come.
    weighed = sorted((deal.commission, deal.probability) for deal in counted if deal.probability is not None)
    p10, p50, p90 = map(int, np.percentile(simulate(weighed, seed, runs), (10, 50, 90), method="inverted_cdf"))
    secured = won or 0
    return Forecast(
        last,
        secured,
        secured + sum(share(commission, Decimal(str(probability))) for commission, probability in weighed),
        secured + p10,
        secured + p50,
        secured + p90,
        len(weighed),
        sum(deal.expected_close is None for deal in counted if deal.probability is not None),
        len(counted) - len(weighed),
    )


def simulate(deals: Sequence[tuple[int, float]], seed: int = SEED, runs: int = RUNS) -> NDArray[np.int64]:
    """Return the total of each run in cents; a deal is (commission, probability)."""
    generator = np.random.Generator(np.random.PCG64(seed))
    totals = np.zeros(runs, dtype=np.int64)
    for first in range(0, len(deals), _AT_ONCE):
        some = deals[first : first + _AT_ONCE]
        won = generator.random((runs, len(some))) < np.array([probability for _, probability in some])
        totals += won @ np.array([commission for commission, _ in some], dtype=np.int64)
    return totals


def backtest(past: Iterable[tuple[Forecast, int]]) -> Backtest:
    """Return how often the actual result (cents) lay within P10–P90 of its forecast."""
    hits = [forecast.p10 <= actual <= forecast.p90 for forecast, actual in past]
    covered = sum(hits)
    return Backtest(len(hits), covered, covered / len(hits) if hits else None, wilson(covered, len(hits)))


def last_of_month(day: date) -> date:
    """Return the last day of a day's month."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def last_of_quarter(day: date) -> date:
    """Return the last day of a day's calendar quarter."""
    return last_of_month(day.replace(month=day.month + (-day.month) % 3, day=1))


def first_of_quarter(day: date) -> date:
    """Return the first day of a day's calendar quarter."""
    return day.replace(month=day.month - (day.month - 1) % 3, day=1)


def months_before(day: date, months: int = 12) -> list[date]:
    """Return the first days of so many months before a day's month, oldest first."""
    firsts = [day.replace(day=1)]
    for _ in range(months):
        firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
    return firsts[:0:-1]
