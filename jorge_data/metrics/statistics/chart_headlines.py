"""Headlines: a chart's finding in words, by a named rule over the data that it draws; else the chart's plain title.

Each function's docstring names the finding and, after the semicolon, the condition; otherwise `plain` is returned.
"""

from collections.abc import Mapping, Sequence

from jorge_data.metrics.formatting import Unit, duration, money, percent, portion, write
from jorge_data.metrics.statistics.calibration import Reliability, expected_error, overconfidence
from jorge_data.metrics.statistics.confusion import Confusion
from jorge_data.metrics.statistics.drift import Drift
from jorge_data.metrics.statistics.due_steps import Promises
from jorge_data.metrics.statistics.forecast import Backtest, Forecast
from jorge_data.metrics.statistics.funnel import Funnel
from jorge_data.metrics.statistics.interval import wilson
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
    """Return between which stages the most sellers are lost or under way; where FEWEST or more started."""
    stages = funnel.leak() if funnel and funnel.started >= FEWEST else None
    if stages is None:
        return plain
    before, then = stages
    return f"The largest drop is from {before.name} to {then.name}: {before.n - then.n:,} of {before.n:,}"


def moved(subject: str, first: float | None, last: float | None, plain: str) -> str:
    """Return from how many to how many a stock changed over the period; where both are known."""
    if first is None or last is None:
        return plain
    verb = "rose" if last > first else "fell"
    return f"{subject} {verb} from {first:,.0f} to {last:,.0f}" if first != last else f"{subject} stayed at {last:,.0f}"


def compared(subject: str, change: float | None, plain: str) -> str:
    """Return by what share a figure changed since the period before; where it is NOTABLE or more."""
    if change is None or abs(change) < NOTABLE:
        return plain
    verb = "rose" if change > 0 else "fell"
    return f"{subject} {verb} by {percent(abs(change), 0)} against the period before"


def at_most(subject: str, value: float | None, target: float, unit: Unit, plain: str) -> str:
    """Return whether a figure is within its upper target; where it is known."""
    if value is None:
        return plain
    return f"{subject} {write(value, unit)}: {'within' if value <= target else 'over'} {write(target, unit)}"


def at_least(subject: str, value: float | None, target: float, unit: Unit, plain: str) -> str:
    """Return whether a figure reaches its lower target; where it is known."""
    if value is None:
        return plain
    return f"{subject} {write(value, unit)}: {'at or above' if value >= target else 'below'} {write(target, unit)}"


def stands_out(what: str, parts: Mapping[str, tuple[int, int]], plain: str) -> str:
    """Return which of (part, n) has the greatest share; where its 95 % interval lies above the others' share."""
    shares = {name: part / n for name, (part, n) in parts.items() if n}
    if len(shares) < 2:
        return plain
    top = max(shares, key=lambda name: (shares[name], name))
    part, n = parts[top]
    interval = wilson(part, n)
    pairs = [pair for name, pair in parts.items() if name != top]
    others = sum(part for part, _ in pairs) / sum(n for _, n in pairs)
    if n < FEWEST or interval is None or interval.low <= others:
        return plain
    return f"{top} {what}: {portion(shares[top])}, the others {portion(others)}"


def leads(what: str, counted: Mapping[str, int], plain: str) -> str:
    """Return which is the most frequent; where it is half or more of FEWEST or more."""
    total = sum(counted.values())
    if total < FEWEST:
        return plain
    top = max(counted, key=lambda name: (counted[name], name))
    if 2 * counted[top] < total:
        return plain
    return f"{top[:1].upper()}{top[1:]} is {portion(counted[top] / total)} of {what}"


def slowest(stays: Sequence[StageTime], plain: str) -> str:
    """Return where things stay longest by median; where two medians or more are known."""
    medians = [(stay.median, stay.stage) for stay in stays if stay.median is not None]
    if len(medians) < 2:
        return plain
    median, stage = max(medians)
    return f"{stage} takes longest: half are through in {duration(median)}"


def half_done(what: str, survival: Survival, plain: str) -> str:
    """Return when half was done, else which share was done by the last step; where there are FEWEST or more."""
    if survival.n < FEWEST or not survival.steps:
        return plain
    if survival.median is not None:
        return f"Half {what} after {duration(survival.median)}"
    last = survival.steps[-1]
    return f"{portion(1 - last.share)} {what} after {duration(last.time)}"


def calibrated(bins: Sequence[Reliability], plain: str) -> str:
    """Return whether confidence is too high or too low; where Wilson's interval of the accuracy excludes its mean.

    Else that it is calibrated; where the expected calibration error is CLOSE or less. Both of FEWEST labels or more.
    """
    over, error, n = overconfidence(bins), expected_error(bins), sum(each.n for each in bins)
    right = sum(each.right for each in bins)
    interval = wilson(right, n)
    if over is None or error is None or interval is None or n < FEWEST:
        return plain
    if not interval.low <= right / n + over <= interval.high:
        return f"Confidence promises {abs(over) * 100:.0f} points too {'much' if over > 0 else 'little'}"
    return f"Confidence keeps its promise: calibration error {error:.2f}" if error <= CLOSE else plain


def accuracy(confusion: Confusion, target: float, plain: str) -> str:
    """Return whether accuracy is above or below its target, by its 95 % interval; where there are labels."""
    interval, share = confusion.interval, confusion.accuracy
    if interval is None or share is None:
        return plain
    goal = percent(target)
    if interval.low >= target:
        return f"Accuracy {percent(share)} is above {goal}"
    if interval.high < target:
        return f"Accuracy {percent(share)} is below {goal}"
    return f"Accuracy {percent(share)}: {confusion.n:,} labels cannot tell it from {goal}"


def drifted(subject: str, drift: Drift | None, plain: str) -> str:
    """Return the verdict by the thresholds 0.1 and 0.25; where chance alone does not reach the first."""
    if drift is None or drift.verdict == "too few":
        return plain
    words = {"stable": "is stable", "moderate": "has shifted", "major": "has changed"}
    return f"{subject} {words[drift.verdict]}: PSI {drift.psi:.2f}"


def below(components: Sequence[Uptime], target: float, plain: str) -> str:
    """Return which component was up least, and how many were below the target; where a share is known."""
    shares = sorted((each.share, each.component) for each in components if each.share is not None)
    if not shares:
        return plain
    missed = [pair for pair in shares if pair[0] < target]
    if not missed:
        return f"Every component was up {percent(target)} of the known time or more"
    share, worst = missed[0]
    return f"{len(missed)} of {len(shares)} components below {percent(target)}; least {worst}: {percent(share)}"


def against_target(forecast: Forecast | None, target: int, plain: str) -> str:
    """Return where the target (cents) lies against P10 and P90; where there is a forecast."""
    if forecast is None:
        return plain
    if target <= forecast.p10:
        return f"{money(target)} is reached in nine of ten runs; half end at {money(forecast.p50)} or more"
    if target > forecast.p90:
        return f"{money(target)} is out of reach in nine of ten runs; half end at {money(forecast.p50)} or more"
    return f"Half of the runs end at {money(forecast.p50)} or more, against {money(target)}"


def well_covered(backtest: Backtest, plain: str) -> str:
    """Return how many past ranges held the actual result; where there is any past month."""
    if not backtest.periods:
        return plain
    return f"{backtest.covered} of {backtest.periods} past months came within their P10–P90"


def overdue(promises: Promises, plain: str) -> str:
    """Return how many promised steps are overdue; where any was promised."""
    if not promises.due:
        return plain
    subject = (
        f"{promises.overdue:,} of {promises.due:,} steps are"
        if promises.overdue
        else f"None of {promises.due:,} steps is"
    )
    return f"{subject} overdue"
