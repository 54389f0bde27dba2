"""The health probe: each component by itself; now and then one degrades and recovers."""

from collections.abc import Iterator, Sequence
from itertools import chain
from random import Random
from typing import NamedTuple

from jorge_data.demo.events import event
from jorge_data.demo.story import DAY, HOUR, MINUTE, Json, Timed

COMPONENTS = {"redis": 3.0, "ghl_api": 190.0, "claude_api": 420.0, "database": 9.0, "jorge_bots": 28.0}
"""Name and usual response time, milliseconds."""

_INCIDENTS = {"redis": 0.0005, "ghl_api": 0.003, "claude_api": 0.004, "database": 0.0008, "jorge_bots": 0.0008}
"""The share of reports that begin a short incident."""

_EVERY_S = 14 * MINUTE
"""Between two reports: one says how a component is for at most 15 minutes."""

PROBED_DAYS = 16
"""The probe was set up later than the bots: what was before is unknown, and a figure must say so."""

_DOWN_EVERY_S = 4 * MINUTE


class Span(NamedTuple):
    """A time, from and to so many seconds after the day began."""

    begin: float
    end: float


def reports(seed: int, days: int) -> Iterator[tuple[str, Iterator[Timed]]]:
    """Yield each component and its reports, of so many days or since there is a probe, and from then on without end.

    There are a few outages, and one gap in which the probe itself was away; each ends in recovering, then healthy.
    """
    rng, days = Random(f"{seed}:probe"), min(days, PROBED_DAYS)
    gap = _span(rng, days, 3 * HOUR, 4 * HOUR)
    for component in COMPONENTS:
        outages = sorted(_span(rng, days, 12 * MINUTE, 80 * MINUTE) for _ in range(rng.randint(0, 2)))
        own = Random(f"{seed}:probe:{component}")
        yield (
            component,
            chain(
                _reports(own, component, Span(-days * DAY, gap.begin), outages),
                _reports(own, component, Span(gap.end, float("inf")), outages),
            ),
        )


def _span(rng: Random, days: int, shortest: float, longest: float) -> Span:
    begin = -rng.uniform(1, days - 1) * DAY
    return Span(begin, begin + rng.uniform(shortest, longest))


def _reports(rng: Random, component: str, span: Span, outages: Sequence[Span]) -> Iterator[Timed]:
    now = span.begin + rng.random() * _EVERY_S  # each component at its own minute
    last_begin = span.end - 2 * _EVERY_S  # what begins later would not be over when other reports follow
    ahead = [outage for outage in outages if span.begin <= outage.begin and outage.end < last_begin]
    while now < span.end:
        if ahead and ahead[0].begin <= now:
            course = _outage(ahead.pop(0).end - now)
        elif now < last_begin and rng.random() < _INCIDENTS[component]:
            course = _incident(rng)
        else:
            course = iter([(0.0, "healthy")])
        for gap, status in course:
            now += gap
            yield now, _report(rng, component, status)
        now += _EVERY_S * rng.uniform(0.98, 1.02)


def _outage(lasts_s: float) -> Iterator[tuple[float, str]]:
    """Yield seconds since the report before, and status."""
    yield 0.0, "degraded"
    for _ in range(int(lasts_s // _DOWN_EVERY_S)):
        yield _DOWN_EVERY_S, "down"
    yield _DOWN_EVERY_S, "recovering"
    yield 2 * MINUTE, "healthy"


def _incident(rng: Random) -> Iterator[tuple[float, str]]:
    worst = ("down",) * rng.randint(1, 2) if rng.random() < 0.15 else ()
    gap = 0.0
    for status in (*("degraded",) * rng.randint(1, 3), *worst, "recovering", "healthy"):
        yield gap, status
        gap = _EVERY_S * rng.uniform(0.14, 0.28)


def _report(rng: Random, component: str, status: str) -> Json:
    slow = {"healthy": 1.0, "recovering": 1.8, "degraded": 6.0, "down": 24.0}[status]
    took_ms = round(COMPONENTS[component] * slow * rng.lognormvariate(0, 0.2), 1)
    errors = {"degraded": f"answers in {took_ms:.0f} ms", "down": "no answer to three probes"}
    return event(
        "health-probe",
        "system_health_update",
        component=component,
        status=status,
        response_time_ms=took_ms,
        error_message=errors.get(status),
    )
