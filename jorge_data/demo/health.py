"""The health probe: each component in turn; now and then one degrades and recovers."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from jorge_data.demo.events import event
from jorge_data.demo.story import DAY, HOUR, MINUTE, Json, Timed

COMPONENTS = {"redis": 3.0, "ghl_api": 190.0, "claude_api": 420.0, "database": 9.0, "jorge_bots": 28.0}
"""Name and usual response time, milliseconds."""

_EVERY_S = 22.0
_TROUBLE = {"redis": 0.002, "ghl_api": 0.012, "claude_api": 0.016, "database": 0.003, "jorge_bots": 0.003}

_SELDOM_S = 14 * MINUTE
"""Between two reports of history: a report says how a component is for at most 15 minutes."""

PROBED_DAYS = 60
"""The probe was set up later than the bots: what was before is unknown, and a figure must say so."""

_PROBES_WHEN_DOWN_S = 4 * MINUTE


def probe(rng: Random) -> Iterator[Timed]:
    """Report for ever; trouble always ends in recovering, then healthy."""
    now = 0.0
    while True:
        for component in COMPONENTS:
            now += _EVERY_S * rng.uniform(0.85, 1.15)
            for status in ("healthy",) if rng.random() >= _TROUBLE[component] else _course(rng):
                yield now, report(rng, component, status)
                now += 0.0 if status == "healthy" else rng.uniform(12, 20)


def _course(rng: Random) -> tuple[str, ...]:
    worst = ("down",) * rng.randint(1, 2) if rng.random() < 0.15 else ()
    return ("degraded",) * rng.randint(1, 3) + worst + ("recovering", "healthy")


def report(rng: Random, component: str, status: str) -> Json:
    slow = {"healthy": 1.0, "recovering": 1.8, "degraded": 6.0, "down": 24.0}[status]
    took = round(COMPONENTS[component] * slow * rng.lognormvariate(0, 0.2), 1)
    trouble = {"degraded": f"answers in {took:.0f} ms", "down": "no answer to three probes"}
    return event(
        "health-probe",
        "system_health_update",
        component=component,
        status=status,
        response_time_ms=took,
        error_message=trouble.get(status),
    )


class Span(NamedTuple):
    begins: float
    ends: float


def past(seed: int, days: int) -> Iterator[Iterator[Timed]]:
    """Yield each component's reports, of so many days or since there is a probe.

    There are a few outages, and one gap in which the probe itself was away.
    """
    rng, days = Random(f"{seed}:probe"), min(days, PROBED_DAYS)
    silence = _span(rng, days, 3 * HOUR, 4 * HOUR)
    for component in COMPONENTS:
        outages = sorted(_span(rng, days, 12 * MINUTE, 80 * MINUTE) for _ in range(rng.randint(0, 2)))
        yield _reports(Random(f"{seed}:probe:{component}"), component, days, outages, silence)


def _span(rng: Random, days: int, shortest: float, longest: float) -> Span:
    begins = -rng.uniform(1, days - 1) * DAY
    return Span(begins, begins + rng.uniform(shortest, longest))


def _reports(rng: Random, component: str, days: int, outages: list[Span], silence: Span) -> Iterator[Timed]:
    now = -days * DAY + rng.uniform(0, _SELDOM_S)
    while now < 0:
        if silence.begins <= now < silence.ends:
            now = silence.ends + rng.uniform(0, MINUTE)
        for at, status in _found(rng, component, now, outages):
            now = at
            yield now, report(rng, component, status)
        now += _SELDOM_S + rng.uniform(-20, 20)


def _found(rng: Random, component: str, now: float, outages: list[Span]) -> Iterator[tuple[float, str]]:
    """What the probe finds from now on: all is well, a short trouble, or the outage that has begun."""
    if outages and outages[0].begins <= now:
        outage = outages.pop(0)
        yield now, "degraded"
        while (now := now + _PROBES_WHEN_DOWN_S) < outage.ends:
            yield now, "down"
        yield now, "recovering"
        yield now + 2 * MINUTE, "healthy"
    elif rng.random() < _TROUBLE[component] / 4:
        for status in _course(rng):
            yield now, status
            now += rng.uniform(2, 4) * MINUTE
    else:
        yield now, "healthy"
