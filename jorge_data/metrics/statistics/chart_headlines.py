"""Headlines: a chart's finding in words, by a named rule over the data that it draws; else the chart's plain title.

Each function's docstring names the finding and, after the semicolon, the condition; otherwise `plain` is returned.
Whatever is compared is a finding only where chance alone brings it in at most LEVEL of all draws (`significance`), and
the title says by what it ranks.
"""

from collections.abc import Mapping, Sequence
from itertools import chain

from jorge_data.metrics.formatting import Unit, duration, money, number, percent, plural, portion, portions, write
from jorge_data.metrics.names import label_words
from jorge_data.metrics.statistics.calibration import Reliability, expected_error, overconfidence
from jorge_data.metrics.statistics.confusion import Confusion
from jorge_data.metrics.statistics.drift import Drift
from jorge_data.metrics.statistics.due_steps import Promises
from jorge_data.metrics.statistics.forecast import Backtest, Forecast
from jorge_data.metrics.statistics.funnel import Funnel
from jorge_data.metrics.statistics.percentile import Bins
from jorge_data.metrics.statistics.significance import (
    LEVEL,
    away_from,
    binomial,
    highest_share,
    lasts_longer,
    means_differ,
    most,
    most_in_sum,
)
from jorge_data.metrics.statistics.survival import Survival
from jorge_data.metrics.statistics.uptime import Uptime
from jorge_data.metrics.statistics.velocity import StageTime

FEWEST = 20
"""A share of fewer cases is no finding."""

NOTABLE = 0.1
"""A change of less than a tenth is no finding."""

CLOSE = 0.05
"""Confidence that misses accuracy by no more, on the mean, is calibrated."""


def leak(funnel: Funnel | None, plain: str) -> str:
    """Return between which stages the most sellers stop, or are under way; where FEWEST or more started."""
    stages = funnel.leak() if funnel and funnel.started >= FEWEST else None
    if stages is None:
        return plain
    before, then = stages
    left = f"{number(before.n - then.n)} of {number(before.n)}"
    return f"Most sellers stop or still wait between {_stage(before.name)} and {_stage(then.name)}: {left}"


def _stage(name: str) -> str:
    return "the start" if name == "started" else label_words(name) if name.startswith("Q") else name


def moved(subject: str, first: int, into: int, out_of: int, plain: str) -> str:
    """Return from how many to how many a stock changed; where more moved into it than out of it, or fewer."""
    last = first + into - out_of
    if first == last or away_from(into, into + out_of, 0.5) > LEVEL:
        return plain
    return f"{subject} {'rose' if last > first else 'fell'} from {number(first)} to {number(last)}"


def compared(subject: str, change: float | None, now: Bins, before: Bins, plain: str) -> str:
    """Return by what share a mean changed since the period before; where it is NOTABLE or more."""
    if change is None or abs(change) < NOTABLE or means_differ(now, before) > LEVEL:
        return plain
    verb = "rose" if change > 0 else "fell"
    return f"{subject} {verb} by {percent(abs(change), 0)} against the period before"


def at_most(subject: str, value: float | None, target: float, unit: Unit, plain: str) -> str:
    """Return whether a figure is within its upper target, as measured; where it is known."""
    if value is None:
        return plain
    verdict = "within" if value <= target else "over"
    return f"{subject} {write(value, unit, target)}: {verdict} {write(target, unit)}"


def at_least(subject: str, value: float | None, target: float, unit: Unit, plain: str) -> str:
    """Return whether a figure reaches its lower target, as measured; where it is known."""
    if value is None:
        return plain
    verdict = "at or above" if value >= target else "below"
    return f"{subject} {write(value, unit, target)}: {verdict} {write(target, unit)}"


def stands_out(what: str, parts: Mapping[str, tuple[int, int]], plain: str) -> str:
    """Return which of (part, n) has the highest share, and that of the others together; where its n is FEWEST."""
    shares = {name: part / n for name, (part, n) in parts.items() if n}
    if len(shares) < 2:
        return plain
    top = max(shares, key=lambda name: shares[name])
    alone = list(shares.values()).count(shares[top]) == 1
    if not top or not alone or parts[top][1] < FEWEST or highest_share(top, parts) > LEVEL:
        return plain
    pairs = [pair for name, pair in parts.items() if name != top]
    others = sum(part for part, _ in pairs) / sum(n for _, n in pairs)
    highest = f"{label_words(top)} has the highest share {what}: {portion(shares[top])}"
    return f"{highest}, the others together {portion(others)}"


def leads(what: str, counted: Mapping[str, int], plain: str) -> str:
    """Return which of two or more is the most frequent; where it is half or more of FEWEST or more."""
    if len(counted) < 2 or sum(counted.values()) < FEWEST or most(list(counted.values())) > LEVEL:
        return plain
    return _half(what, "the most frequent", counted, plain)


def leads_in_sum(what: str, values: Mapping[str, Sequence[int]], plain: str) -> str:
    """Return which of two or more has the greatest sum; where it is half or more, of FEWEST values or more."""
    if len(values) < 2 or sum(map(len, values.values())) < FEWEST or most_in_sum(values) > LEVEL:
        return plain
    return _half(what, "the largest", {name: sum(each) for name, each in values.items()}, plain)


def slowest(stays: Sequence[StageTime], plain: str) -> str:
    """Return where the median stay is the longest; where two are known, and FEWEST or more were there.

    Nor is there another where so many were and half have not left yet: that one may be longer.
    """
    known = [(stay.median, stay) for stay in stays if stay.median is not None]
    longer = any(stay.median is None and stay.done + stay.open >= FEWEST for stay in stays)
    if len(known) < 2 or longer:
        return plain
    median, top = max(known, key=lambda pair: pair[0])
    others = [stay for stay in stays if stay is not top]
    ended, lasting = (
        list(chain.from_iterable(bins)) for bins in zip(*((o.ended, o.lasting) for o in others), strict=True)
    )
    by_chance = len(stays) * lasts_longer(top.ended, top.lasting, ended, lasting)
    if not top.stage or top.done + top.open < FEWEST or by_chance > LEVEL:
        return plain
    return f"{label_words(top.stage)} takes longest: half are through in {duration(median)}"


def half_done(what: str, survival: Survival, plain: str) -> str:
    """Return by when half was done, else which share by the last step; where there are FEWEST or more.

    The share is an estimate, of which what is under way is part: it is not the share done by now.
    """
    if survival.n < FEWEST or not survival.steps:
        return plain
    if survival.median is not None:
        return f"Half {what} within {duration(survival.median)}"
    last = survival.steps[-1]
    return f"An estimated {portion(1 - last.share)} {what} within {duration(last.time)}"


def calibrated(bins: Sequence[Reliability], plain: str) -> str:
    """Return whether confidence is too high or too low; where so many right are improbable at its mean.

    Else that it is calibrated; where the expected calibration error is CLOSE or less, and a decoder that misses by
    CLOSE would seldom be right so often, or so seldom (two one-sided tests; Schuirmann 1987). Both of FEWEST labels or
    more. Labels of unequal confidence spread less than the binomial's, so that it errs to the safe side.
    """
    over, error, n = overconfidence(bins), expected_error(bins), sum(each.n for each in bins)
    right = sum(each.right for each in bins)
    if over is None or error is None or n < FEWEST:
        return plain
    stated = min(1.0, right / n + over)
    if away_from(right, n, stated) <= LEVEL:
        return f"Confidence promises {number(abs(over) * 100)} points too {'much' if over > 0 else 'little'}"
    least, most_of_all = max(0.0, stated - CLOSE), min(1.0, stated + CLOSE)
    too_low, too_high = binomial(right, n, least), binomial(n - right, n, 1 - most_of_all)
    kept = error <= CLOSE and max(too_low, too_high if most_of_all < 1 else 0.0) <= LEVEL
    return f"Confidence keeps its promise: off by {percent(error)}" if kept else plain


def accuracy(confusion: Confusion, target: float, plain: str) -> str:
    """Return whether accuracy is above or below its target, or that it cannot be told; where there are labels."""
    share, right, n = confusion.accuracy, confusion.right, confusion.n
    if share is None:
        return plain
    goal, shown = percent(target), write(share, Unit.SHARE, target)
    if away_from(right, n, target) > LEVEL:
        return f"Accuracy {shown}: {number(n)} labels cannot tell it from {goal}"
    return f"Accuracy {shown} is {'above' if share > target else 'below'} {goal}"


def drifted(subject: str, drift: Drift | None, plain: str) -> str:
    """Return the verdict by the thresholds 0.1 and 0.25; where there is one."""
    if drift is None or drift.verdict == "too few":
        return plain
    words = {"stable": "is as before", "moderate": "has shifted", "major": "has changed"}
    return f"{subject} {words[drift.verdict]}"


def below(components: Sequence[Uptime], target: float, plain: str) -> str:
    """Return which component was up least, and how many were below the target; where a share is known.

    Below it is what was down for longer than the target allows in the whole period: of one that is known for an hour a
    restart of a minute is told as what it is.
    """
    known = {each.component: (each.share, each) for each in components if each.share is not None}
    if not known:
        return plain
    missed = sorted((share, name) for name, (share, _) in known.items() if share < target)
    if not missed:
        return f"Every part was up {percent(target)} of the known time or more"
    parts = plural(len(known), "part")
    if below := [(share, name) for share, name in missed if known[name][1].down > known[name][1].allowed(target)]:
        shown = write(below[0][0], Unit.SHARE, target)
        return f"{len(below)} of {parts} below {percent(target)}; least {label_words(below[0][1])}: {shown}"
    longest = max((known[name][1] for _, name in missed), key=lambda each: each.down)
    allowed = f"{percent(target)} allows {duration(longest.allowed(target))}"
    name, lasted = label_words(longest.component), duration(longest.down)
    if len(missed) == 1:
        return f"{name} was down for {lasted}; {allowed}"
    return f"{len(missed)} of {parts} were down, {name} longest, for {lasted}; {allowed}"


def against_target(subject: str, forecast: Forecast | None, target: int, plain: str) -> str:
    """Return where the target (cents) lies against what is won, P10 and P90; where there is a forecast."""
    if forecast is None:
        return plain
    if target <= forecast.won:
        return f"{subject}: the target of {money(target)} is reached, {money(forecast.won)} is won"
    short = f"{subject} is {money(target - forecast.won)} short of {money(target)}"
    if target <= forecast.p10:
        return f"{short}, and reaches it in nine of ten trials"
    if target > forecast.p90:
        return f"{short}, out of reach in nine of ten trials"
    return f"{short}; half of the trials end at {money(forecast.p50)} or more"


def well_covered(backtest: Backtest, plain: str) -> str:
    """Return whether past ranges held as many results as they promise, or what is too few to judge it; where any is."""
    if not backtest.periods:
        return plain
    held = f"{backtest.covered} of {backtest.periods} past months came within their range"
    if backtest.verdict == "held":
        return f"{held}, as promised"
    if backtest.verdict == "too narrow":
        return f"Only {held}: the ranges are too narrow"
    return f"{backtest.verdict.capitalize()} to judge the forecasts: {held}"


def overdue(promises: Promises, plain: str) -> str:
    """Return how many promised steps are overdue; where any was promised."""
    if not promises.due:
        return plain
    count = f"{number(promises.overdue)}" if promises.overdue else "none"
    verb = "is" if promises.overdue <= 1 else "are"
    return f"Of {number(promises.due)} steps promised for the period, {count} {verb} overdue"


def _half(what: str, rank: str, counted: Mapping[str, int], plain: str) -> str:
    """Return that the greatest ranks so, with its share as its bar writes it; where it has a name and half or more."""
    top = max(counted, key=lambda name: counted[name])
    if not top or 2 * counted[top] < sum(counted.values()):
        return plain
    share = dict(zip(counted, portions(list(counted.values())), strict=True))[top]
    return f"{label_words(top)} is {rank}: {share} of {what}"
