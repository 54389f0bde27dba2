"""The health probe: each component in turn; now and then one degrades and recovers."""

from collections.abc import Iterator
from random import Random

from jorge_data.demo.story import Json, Timed, event

COMPONENTS = {"redis": 3.0, "ghl_api": 190.0, "claude_api": 420.0, "database": 9.0, "jorge_bots": 28.0}
"""Name and usual response time, milliseconds."""

_EVERY_S = 22.0
_TROUBLE = {"redis": 0.002, "ghl_api": 0.012, "claude_api": 0.016, "database": 0.003, "jorge_bots": 0.003}


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
