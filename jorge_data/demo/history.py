"""What of the day has already passed when the demo begins, thinned to what a screen shows of the past."""

from collections.abc import Iterable, Iterator
from itertools import chain, count

from jorge_data.demo.calendar import HISTORY_S
from jorge_data.demo.story import HOUR, Json, Timed

_WHOLE_FROM_S = HISTORY_S - HOUR
_ONE_IN = {"completed": 20, "idle": 20, "healthy": 15}
"""Of the routine before the last hour, one in so many stays."""


def split(day: Iterator[Timed]) -> tuple[list[Timed], Iterator[Timed]]:
    """Return the events before the sixth hour, and the day from there on."""
    past: list[Timed] = []
    for timed in day:
        if timed[0] >= HISTORY_S:
            return past, chain([timed], day)
        past.append(timed)
    return past, iter(())


def thin(past: Iterable[Timed]) -> list[Timed]:
    """Keep every event of the last hour, and before it all but the routine of bots and components."""
    seen = {status: count() for status in _ONE_IN}

    def stays(event: Json) -> bool:
        if event["type"] not in ("bot_status_update", "system_health_update"):
            return True
        status = event["data"]["status"]
        if status in seen:
            return next(seen[status]) % _ONE_IN[status] == 0
        return bool(status != "processing")

    return [(offset, event) for offset, event in past if offset >= _WHOLE_FROM_S or stays(event)]
