"""Speed to lead: how long who turned hot waits until a person is heard, with those who still wait as waiting."""

from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from typing import NamedTuple

from jorge_data.events.timestamps import SECOND
from jorge_data.metrics.statistics.significance import LEVEL, lasts_longer
from jorge_data.metrics.statistics.survival import Survival, kaplan_meier

SOON_S, LATER_S = 5 * 60, 15 * 60
"""Within so many seconds who turned hot should hear, and should have heard at the latest."""

LEAST, RANKED, FEWEST = 3, 12, 20
"""Of fewer there is no figure; fewer than the second are too few to rank, and fewer than the third for a finding."""

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SLOT_HOURS = 2


class Wait(NamedTuple):
    """One time that a seller turned hot (`at`, microseconds), and how many seconds she waited, or has waited so far.

    `state` is heard, waiting, or out, where she opted out before anybody was heard. `agent` is who owned her when she
    was heard or owns her now, else who was heard; "" for nobody. `hour` is that of the office's week: "Mon 08".
    """

    contact: str
    at: int
    state: str
    seconds: float
    agent: str = ""
    lead_source: str = ""
    hour: str = ""
    in_hours: bool = True

    @property
    def is_heard(self) -> bool:
        """Return whether a person was heard."""
        return self.state == "heard"

    @property
    def is_waiting(self) -> bool:
        """Return whether she waits still."""
        return self.state == "waiting"

    @property
    def day(self) -> str:
        """Return the day of the week on which she turned hot."""
        return self.hour[:3]

    @property
    def slot(self) -> int:
        """Return the first of the two hours of the day in which she turned hot."""
        return int(self.hour[4:]) // SLOT_HOURS * SLOT_HOURS


def wait_of(
    contact: str, at: int, state: str, seconds: float | None, now: int, agent: str, source: str, hour: str, open_: bool
) -> Wait:
    """Return a wait; who still waits has done so up to now, at least."""
    so_far = max(0.0, (now - at) / SECOND)
    return Wait(contact, at, state, so_far if seconds is None else seconds, agent, source, hour, open_)


def curve(waits: Iterable[Wait]) -> Survival:
    """Return the curve of who has not heard yet; who waits, or opted out, counts for as long as she could have heard.

    It is Kaplan and Meier's: the times of those who heard alone would leave out those who wait longest.
    """
    return kaplan_meier(*_bins(waits))


def share_within(survival: Survival, seconds: float) -> float | None:
    """Return the share that had heard after so many seconds, None where nobody waited."""
    if not survival.n:
        return None
    open_ = [step.share for step in survival.steps if step.time <= seconds]
    return 1 - open_[-1] if open_ else 0.0


class WaitGroup(NamedTuple):
    """How long the sellers of an agent, of a source or of an hour wait, in seconds; None where fewer have heard.

    `soon` and `later` are the shares that hear within SOON_S and LATER_S, of the `in_hours` who turned hot in office
    hours: at night nobody is there to be quick. Of fewer than LEAST there is none.
    """

    name: str
    n: int
    waiting: int
    in_hours: int
    median: float | None
    ninety: float | None
    soon: float | None
    later: float | None

    @property
    def is_ranked(self) -> bool:
        """Return whether these are enough sellers to compare with others."""
        return self.n >= RANKED


def group(name: str, waits: Sequence[Wait]) -> WaitGroup:
    """Return the figures of some waits; of fewer than LEAST how many there are alone."""
    in_hours = [wait for wait in waits if wait.in_hours]
    counted = len(waits), sum(wait.is_waiting for wait in waits), len(in_hours)
    times, shares = (curve(each) if len(each) >= LEAST else NOBODY for each in (waits, in_hours))
    within = share_within(shares, SOON_S), share_within(shares, LATER_S)
    return WaitGroup(name, *counted, times.median, times.quantile(0.9), *within)


NOBODY = kaplan_meier(())
"""The curve of nobody, which has no figure."""


def groups(waits: Iterable[Wait], of: Callable[[Wait], str]) -> list[WaitGroup]:
    """Return the figures of each part, soonest first: who are too few to rank after those, and nobody ("") last."""
    parts: dict[str, list[Wait]] = {}
    for wait in waits:
        parts.setdefault(of(wait), []).append(wait)
    return sorted((group(name, part) for name, part in parts.items()), key=_soonest)


def _soonest(part: WaitGroup) -> tuple[object, ...]:
    missing = part.median is None
    return part.name == "", not part.is_ranked, missing, part.median or 0.0, -part.n, part.name


class WeekHours(NamedTuple):
    """The sellers who turned hot on a day of the week in two hours of the day."""

    day: str
    slot: int
    waits: WaitGroup


def week(waits: Iterable[Wait]) -> list[WeekHours]:
    """Return the figures of each day and each two hours in which somebody turned hot, in the order of the week."""
    parts: dict[tuple[str, int], list[Wait]] = {}
    for wait in waits:
        parts.setdefault((wait.day, wait.slot), []).append(wait)
    ordered = sorted(parts.items(), key=lambda part: (DAYS.index(part[0][0]), part[0][1]))
    return [WeekHours(day, slot, group(f"{day} {slot}", part)) for (day, slot), part in ordered]


def slow_times(waits: Sequence[Wait]) -> list[tuple[str, float | None]]:
    """Return the parts of the week in which who turns hot waits longer than at other times, in words, with its median.

    The two hours of the day, those before midnight together, and the days of the week, each of FEWEST or more and
    against the others by the log-rank test, times how many are compared (Bonferroni). A median of None is not reached.
    """
    slots = {slot: [wait for wait in waits if wait.slot == slot] for slot in sorted({wait.slot for wait in waits})}
    days = {day: [wait for wait in waits if wait.day == day] for day in DAYS}
    compared = len(slots) + sum(map(bool, days.values()))
    slow = [slot for slot, part in slots.items() if _is_slow(part, waits, compared)]
    evening = list(takewhile(lambda slot: slot in slow, reversed(slots)))
    found = [
        (f"from {run[0]} to {run[-1] + SLOT_HOURS} h", [wait for wait in waits if wait.slot in run])
        for run in _runs([slot for slot in slow if slot not in evening])
    ]
    if evening:
        late = [wait for wait in waits if wait.slot in evening]
        found.append((f"after {evening[-1]}:00", late))
    named = zip(days.values(), _PLURALS, strict=True)
    found += [(f"on {name}", part) for part, name in named if _is_slow(part, waits, compared)]
    return [(words, curve(part).median) for words, part in found]


def _runs(slots: Sequence[int]) -> list[list[int]]:
    """Return these hours of the day in parts of which each follows the one before."""
    runs: list[list[int]] = []
    for slot in slots:
        if runs and slot == runs[-1][-1] + SLOT_HOURS:
            runs[-1].append(slot)
        else:
            runs.append([slot])
    return runs


_PLURALS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


def _is_slow(part: Sequence[Wait], waits: Sequence[Wait], compared: int) -> bool:
    """Return whether half of a part wait longer than half of all, and chance alone hardly makes it so."""
    overall, median = curve(waits).median, curve(part).median
    if len(part) < FEWEST or overall is None or (median is not None and median <= overall):
        return False
    among = {(wait.contact, wait.at) for wait in part}
    others = [wait for wait in waits if (wait.contact, wait.at) not in among]
    return compared * lasts_longer(*_bins(part), *_bins(others)) <= LEVEL


def _bins(waits: Iterable[Wait]) -> tuple[list[tuple[float, int]], list[tuple[float, int]]]:
    listed = list(waits)
    return [(wait.seconds, 1) for wait in listed if wait.is_heard], [
        (wait.seconds, 1) for wait in listed if not wait.is_heard
    ]


_TENTHS = ("None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "All")
ROUND_MINUTES = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720, 1440)


def in_ten(share: float) -> str:
    """Write a share as so many in ten: "Six in ten", "Hardly anybody", "Nearly all", "All"."""
    tenths = round(10 * share)
    if tenths in (0, 10):
        exact = {0.0: "Nobody", 1.0: "All"}
        return exact.get(round(share, 12), "Hardly anybody" if tenths == 0 else "Nearly all")
    return f"{_TENTHS[tenths]} in ten"


def slow_headline(slow: Sequence[tuple[str, float | None]], plain: str) -> str:
    """Return when half wait longer than a round number of minutes that all these times exceed; where there are any."""
    medians = [median for _, median in slow if median is not None]
    fitting = [minutes for minutes in ROUND_MINUTES if not medians or minutes * 60 < min(medians)]
    if not slow or not medians or not fitting:
        return plain
    when, least = [words for words, _ in slow], fitting[-1]
    listed = " and ".join((", ".join(when[:-1]), when[-1])) if len(when) > 1 else when[0]
    length = f"{least} minutes" if least < 60 else "an hour" if least == 60 else f"{least / 60:g} hours"
    return f"{listed[:1].upper()}{listed[1:]}, half wait longer than {length}"
