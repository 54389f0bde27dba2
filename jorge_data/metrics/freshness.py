"""Freshness: how long ago the newest event happened, overall and by source."""

from collections.abc import Container
from typing import Literal

from jorge_data.events import Event
from jorge_data.events.timestamps import DAY, SECOND
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.view import Source

KEPT = 30 * DAY
MAX_SOURCES = 40
"""Most sources shown; the names are the publishers' own."""


class Freshness:
    """Know the newest event time of every source of the last 30 days."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._newest: dict[str, int] = {}

    def apply(self, event: Event, at: int) -> None:
        if at > self._newest.get(event.source, 0):
            self._newest[event.source] = at

    def newest(self) -> int | None:
        """Return when the newest event of all happened."""
        return max(self._newest.values(), default=None)

    def level(self, at: int, now: int) -> Literal["ok", "amber", "red"]:
        """Return what an age means by the limits in force."""
        age_s = (now - at) / SECOND
        if age_s >= self._targets.fresh_red_s:
            return "red"
        return "amber" if age_s >= self._targets.fresh_amber_s else "ok"

    def sources(self, now: int) -> list[Source]:
        """Return every source with its newest event, by name."""
        newest = sorted(self._newest.items(), key=lambda item: (-item[1], item[0]))[:MAX_SOURCES]
        return [{"name": name, "at_ms": at // 1000, "level": self.level(at, now)} for name, at in sorted(newest)]

    def expire(self, at: int, known: Container[str]) -> None:
        """Forget sources that have said nothing for 30 days."""
        self._newest = {name: newest for name, newest in self._newest.items() if newest >= at - KEPT}

    def dump(self) -> dict[str, int]:
        return dict(self._newest)

    def load(self, dump: dict[str, int]) -> None:
        self._newest = dict(dump)
