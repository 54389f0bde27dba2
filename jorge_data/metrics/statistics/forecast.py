"""Forecast: the commission earned by the end of a month or quarter, as a range, and how often past ranges held."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import NormalDist
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from jorge_data.events.timestamps import midnight
from jorge_data.metrics.commission import share
from jorge_data.metrics.statistics.closing_times import FEWEST_WON, ClosingTimes
from jorge_data.metrics.statistics.interval import Interval, wilson

RUNS = 10_000
SEED = 7
NOMINAL = 0.8
"""The share of actual results that a range from P10 to P90 should hold."""

WRONG = 2.5
"""A range that misses so many times as often as it promises is wrong: one of 80 % then holds every second result."""

LEVEL = 0.05
"""How seldom an honest range may be called wrong."""

POWER = 0.8
"""How often wrong ranges must be found out, for those that were not to count as held."""

METHOD = (
    f"In {RUNS:,} simulated runs (seed {SEED}) each open deal is won in time or not, by two chances: that it is ever "
    "won (as the deal says, else by its stage), times that this happens within the days that are left. How soon deals "
    "are won is taken from the office's own deals that were at the same stage for as long (Kaplan–Meier, those still "
    f"open counted by their age); from a stage that led to fewer than {FEWEST_WON} wins it is not known, and its deals "
    "are left out. The close that a deal expects does not enter, so a deal without one counts like any other. Deals "
    "that are yet to come are in no forecast."
)
_AT_ONCE = 128
_DRAWS = 100
"""How many values of what is uncertain about the closing times are tried; each has an equal part of the runs."""


class OpenDeal(NamedTuple):
    """An open deal: our commission in cents, the probability that it is ever won (None: not known), and its stage.

    `since` is when it entered the stage, in microseconds; None where no stage was named.
    """

    commission: int
    probability: float | None
    stage: str
    since: int | None


class Horizon(NamedTuple):
    """From a moment to the end of the day `last`; `at` and `end` in microseconds."""

    at: int
    last: date
    end: int

    @classmethod
    def until(cls, last: date, at: int, zone: ZoneInfo) -> "Horizon":
        """Return the horizon that ends with a day of the office."""
        return cls(at, last, midnight(last + timedelta(days=1), zone))


class Chance(NamedTuple):
    """An open deal's commission in cents, the chance that it is ever won, and that this is in time (± `error`)."""

    commission: int
    ever: float
    in_time: float
    error: float


@dataclass(frozen=True)
class Forecast:
    """Cents by the last day of a horizon: already won, plus what the open deals may bring.

    `weighted` is the plain sum of won and commission × chance. `deals` were simulated; left out are `unweighted`
    deals without a probability, and `untimed` ones, of which too few were won from their stage to say how soon. Of
    the runs, a share of `nominal` ends within P10–P90: with few deals that is more than 80 %.
    """

    last: date
    won: int
    weighted: int
    p10: int
    p50: int
    p90: int
    nominal: float
    deals: int
    unweighted: int
    untimed: int


Verdict = Literal["held", "too narrow", "too few months", "too few deals"]


class Backtest(NamedTuple):
    """How many past ranges held the actual result; `interval` is Wilson's, 95 %, `expected` what honest ranges hold."""

    periods: int
    covered: int
    coverage: float | None
    interval: Interval | None
    expected: float | None
    verdict: Verdict


def forecast(won: int | None, deals: Iterable[OpenDeal], closing: ClosingTimes, horizon: Horizon) -> Forecast | None:
    """Return the range for a horizon; None where no deal is known, or where of the open ones every one is left out.

    `won` is the commission won since the month or quarter began in cents, None where no deal is known.
    """
    listed = list(deals)
    known = [(deal, deal.probability) for deal in listed if deal.probability is not None]
    # Sorted, so that the same deals give the same range in whatever order they come.
    chances = sorted(
        chance for deal, probability in known if (chance := _chance(deal, probability, closing, horizon)) is not None
    )
    if (listed and not chances) or (won is None and not listed):
        return None
    totals = simulate(chances)
    p10, p50, p90 = map(int, np.percentile(totals, (10, 50, 90), method="inverted_cdf"))
    secured = won or 0
    return Forecast(
        horizon.last,
        secured,
        secured + sum(share(each.commission, Decimal(str(each.ever * each.in_time))) for each in chances),
        secured + p10,
        secured + p50,
        secured + p90,
        float(np.mean((p10 <= totals) & (totals <= p90))),
        len(chances),
        len(listed) - len(known),
        len(known) - len(chances),
    )


def simulate(chances: Sequence[Chance], seed: int = SEED, runs: int = RUNS) -> NDArray[np.int64]:
    """Return the total of each run in cents.

    Deals are independent, but for what is uncertain about the closing times: all are off by the same normal quantile of
    their error, another in every hundredth part of the runs. (The same past wins went through all stages: with errors
    independent between stages, ranges over 90 deals held 76 %.)
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    totals = np.zeros((_DRAWS, runs // _DRAWS))
    off = np.array([[NormalDist().inv_cdf((draw + 0.5) / _DRAWS)] for draw in range(_DRAWS)])
    for first in range(0, len(chances), _AT_ONCE):
        some = chances[first : first + _AT_ONCE]
        in_time = np.clip([each.in_time for each in some] + off * [each.error for each in some], 0, 1)
        chance = (in_time * [each.ever for each in some]).astype(np.float32)
        won = generator.random((*totals.shape, len(some)), dtype=np.float32) < chance[:, None, :]
        # Cents are exact in floats up to 2^53; in whole numbers the product takes three times as long.
        totals += won @ np.array([float(each.commission) for each in some])
    return totals.ravel().astype(np.int64)


def backtest(past: Iterable[tuple[Forecast, int]]) -> Backtest:
    """Return how often the actual result (cents) lay within P10–P90 of its forecast, and whether that can be judged.

    An exact test: `too narrow` where ranges that hold NOMINAL hold as few results in LEVEL of all cases or less. Else
    they `held` only where ranges that miss WRONG times as often as these promise would have been found out in POWER of
    all cases; otherwise there were `too few deals`, or `too few months` for ranges over any number of deals.
    """
    judged = list(past)
    covered = sum(forecast.p10 <= actual <= forecast.p90 for forecast, actual in judged)
    promised = [forecast.nominal for forecast, _ in judged]
    n = len(judged)
    coverage, expected = (covered / n, sum(promised) / n) if n else (None, None)
    return Backtest(n, covered, coverage, wilson(covered, n), expected, _verdict(covered, promised))


def _chance(deal: OpenDeal, probability: float, closing: ClosingTimes, horizon: Horizon) -> Chance | None:
    if deal.since is None:
        return None
    age, left = max(0, horizon.at - deal.since), horizon.end - horizon.at
    timed = closing.won_within(left, deal.stage, age, probability)
    return timed and Chance(deal.commission, probability, timed.share, timed.error)


def _verdict(covered: int, promised: Sequence[float]) -> Verdict:
    if _at_most([NOMINAL] * len(promised))[covered] <= LEVEL:
        return "too narrow"
    if _power(promised) >= POWER:
        return "held"
    return "too few deals" if _power([NOMINAL] * len(promised)) >= POWER else "too few months"


def _power(promised: Sequence[float]) -> float:
    """Return how often ranges that miss WRONG times as often as promised are found out."""
    wrong = _at_most([1 - min(1, WRONG * (1 - held)) for held in promised])
    honest = _at_most([NOMINAL] * len(promised))
    return max((found for chance, found in zip(honest, wrong, strict=True) if chance <= LEVEL), default=0.0)


def _at_most(chances: Sequence[float]) -> list[float]:
    """Return how likely 0, 1, 2 … or fewer of independent results are held, each by its own chance."""
    exactly = np.ones(1)
    for chance in chances:
        exactly = np.convolve(exactly, (1 - chance, chance))
    return [float(total) for total in np.cumsum(exactly)]


def last_of_month(day: date) -> date:
    """Return the last day of a day's month."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def last_of_quarter(day: date) -> date:
    """Return the last day of a day's calendar quarter."""
    return last_of_month(day.replace(month=day.month + (-day.month) % 3, day=1))


def first_of_quarter(day: date) -> date:
    """Return the first day of a day's calendar quarter."""
    return day.replace(month=day.month - (day.month - 1) % 3, day=1)


def months_before(day: date, months: int) -> list[date]:
    """Return the first days of so many months before a day's month, oldest first."""
    firsts = [day.replace(day=1)]
    for _ in range(months):
        firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
    return firsts[:0:-1]
