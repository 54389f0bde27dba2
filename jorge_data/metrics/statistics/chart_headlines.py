"""Titles: what a chart finds, in words, by a named rule over the data that it draws; else the chart's plain name."""

from collections.abc import Mapping, Sequence

from jorge_data.metrics.formatting import Unit, duration, money, percent, portion, write
from jorge_data.metrics.statistics.calibration import Reliability, expected_error, overconfidence
from jorge_data.metrics.statistics.confusion import Confusion
from jorge_data.metrics.statistics.drift import Drift
from jorge_data.metrics.statistics.due_steps import Promises
from jorge_data.metrics.statistics.forecast import Backtest, Forecast
from jorge_data.metrics.statistics.funnel import Funnel
from jorge_data.metrics.statistics.interval import wilson
from jorge_data.metrics.statistics.period_change import PeriodChange
from jorge_data.metrics.statistics.survival import Survival
from jorge_data.metrics.statistics.uptime import Uptime
from jorge_data.metrics.statistics.velocity import StageTime

FEWEST = 20
"""Of fewer cases no share is made a finding."""

NOTABLE = 0.1
"""A change of less than a tenth is not made a finding."""

CLOSE = 0.05
"""Confidence that misses accuracy by no more, on the mean, keeps its promise."""


def leak(found: Funnel | None, plain: str) -> str:
    """Say between which stages the most sellers stand, gone or under way; of FEWEST who started or more."""
    lost = found.leak() if found and found.started >= FEWEST else None
    if lost is None:
        return plain
    before, then = lost
    return f"The largest drop is from {before.name} to {then.name}: {before.n - then.n:,} of {before.n:,}"


def moved(subject: str, first: float | None, last: float | None, plain: str) -> str:
    """Say from how many to how many a stock went over the period; where both are known."""
    if first is None or last is None:
        return plain
    verb = "rose" if last > first else "fell"
    return f"{subject} {verb} from {first:,.0f} to {last:,.0f}" if first != last else f"{subject} stayed at {last:,.0f}"


def compared(subject: str, found: PeriodChange, plain: str) -> str:
    """Say by how much a figure changed since the period before; by NOTABLE or more."""
    if found.relative is None or abs(found.relative) < NOTABLE:
        return plain
    verb = "rose" if found.relative > 0 else "fell"
    return f"{subject} {verb} by {percent(abs(found.relative), 0)} against the period before"


def at_most(subject: str, value: float | None, target: float, unit: Unit, plain: str) -> str:
    """Say whether a figure that should not exceed its target does; where it is known."""
    if value is None:
        return plain
    return f"{subject} {write(value, unit)}: {'within' if value <= target else 'over'} {write(target, unit)}"


def at_least(subject: str, value: float | None, target: float, unit: Unit, plain: str) -> str:
    """Say whether a figure that should reach its target does; where it is known."""
    if value is None:
        return plain
    return f"{subject} {write(value, unit)}: {'at or above' if value >= target else 'below'} {write(target, unit)}"


def stands_out(what: str, parts: Mapping[str, tuple[int, int]], plain: str) -> str:
    """Say which of (part, n) has the greatest share; where its 95 % interval lies above the share of all the others."""
    shares = {name: part / n for name, (part, n) in parts.items() if n}
    if len(shares) < 2:
        return plain
    top = max(shares, key=lambda name: (shares[name], name))
    part, n = parts[top]
    interval = wilson(part, n)
    others = [pair for name, pair in parts.items() if name != top]
    rest = sum(part for part, _ in others) / sum(n for _, n in others)
    if n < FEWEST or interval is None or interval.low <= rest:
        return plain
    return f"{top} {what}: {portion(shares[top])}, the others {portion(rest)}"


def leads(what: str, counted: Mapping[str, int], plain: str) -> str:
    """Say which is the most frequent; where it is half or more of FEWEST or more."""
    total = sum(counted.values())
    if total < FEWEST:
        return plain
    top = max(counted, key=lambda name: (counted[name], name))
    if 2 * counted[top] < total:
        return plain
    return f"{top[:1].upper()}{top[1:]} is {portion(counted[top] / total)} of {what}"


def slowest(stays: Sequence[StageTime], plain: str) -> str:
    """Say where things stay longest by median; of two medians or more."""
    known = [(stay.median, stay.stage) for stay in stays if stay.median is not None]
    if len(known) < 2:
        return plain
    median, stage = max(known)
    return f"{stage} takes longest: half are through in {duration(median)}"


def by_then(what: str, found: Survival, plain: str) -> str:
    """Say when half was done, else which share was done by the last time of doing; of FEWEST or more."""
    if found.n < FEWEST or not found.steps:
        return plain
    if found.median is not None:
        return f"Half {what} after {duration(found.median)}"
    last = found.steps[-1]
    return f"{portion(1 - last.share)} {what} after {duration(last.time)}"


def kept_promise(bins: Sequence[Reliability], plain: str) -> str:
    """Say whether confidence promises too much or too little; where Wilson's interval of the accuracy excludes it.

    Else that it keeps its promise, where the expected calibration error is CLOSE or less; of FEWEST labels or more.
    """
    over, error, n = overconfidence(bins), expected_error(bins), sum(each.n for each in bins)
    right = sum(each.right for each in bins)
    interval = wilson(right, n)
    if over is None or error is None or interval is None or n < FEWEST:
        return plain
    if not interval.low <= right / n + over <= interval.high:
        return f"Confidence promises {abs(over) * 100:.0f} points too {'much' if over > 0 else 'little'}"
    return f"Confidence keeps its promise: calibration error {error:.2f}" if error <= CLOSE else plain


def accuracy(found: Confusion, target: float, plain: str) -> str:
    """Say whether accuracy is above or below its target; where Wilson's 95 % interval lies wholly on one side."""
    interval, share = found.interval, found.accuracy
    if interval is None or share is None:
        return plain
    goal = percent(target)
    if interval.low >= target:
        return f"Accuracy {percent(share)} is above {goal}"
    if interval.high < target:
        return f"Accuracy {percent(share)} is below {goal}"
    return f"Accuracy {percent(share)}: {found.n:,} labels cannot tell it from {goal}"


def drifted(subject: str, found: Drift | None, plain: str) -> str:
    """Say what the marks 0.1 and 0.25 say of the index; where chance alone does not reach the first."""
    if found is None or found.verdict == "too few":
        return plain
    words = {"stable": "is stable", "moderate": "has shifted", "major": "has changed"}
    return f"{subject} {words[found.verdict]}: PSI {found.psi:.2f}"


def below(components: Sequence[Uptime], target: float, plain: str) -> str:
    """Say which component was up least, and how many were below the target; where a share is known."""
    known = sorted((each.share, each.component) for each in components if each.share is not None)
    if not known:
        return plain
    missed = [pair for pair in known if pair[0] < target]
    if not missed:
        return f"Every component was up {percent(target)} of the known time or more"
    share, worst = missed[0]
    return f"{len(missed)} of {len(known)} components below {percent(target)}; least {worst}: {percent(share)}"


def outlook(found: Forecast | None, target: int, plain: str) -> str:
    """Say where the target (cents) lies against P10 and P90; where a forecast exists."""
    if found is None:
        return plain
    if target <= found.p10:
        return f"{money(target)} is reached in nine of ten runs; half end at {money(found.p50)} or more"
    if target > found.p90:
        return f"{money(target)} is out of reach in nine of ten runs; half end at {money(found.p50)} or more"
    return f"Half of the runs end at {money(found.p50)} or more, against {money(target)}"


def well_covered(found: Backtest, plain: str) -> str:
    """Say how many past ranges held what came; where any month could be rehearsed."""
    if not found.periods:
        return plain
    return f"{found.covered} of {found.periods} past months came within their P10–P90"


def overdue(found: Promises, plain: str) -> str:
    """Say how many promised steps are overdue; where any was promised."""
    if not found.due:
        return plain
    subject = f"{found.overdue:,} of {found.due:,} steps are" if found.overdue else f"None of {found.due:,} steps is"
    return f"{subject} overdue"
