"""The feed on the wall: the newest events as lines, their age by source, and how many came in the last minute."""

from collections import deque
from collections.abc import Container
from typing import Any, Literal

from jorge_data.events import Event
from jorge_data.events.timestamps import DAY, SECOND, micros
from jorge_data.metrics.targets import Targets
from jorge_data.metrics.wall.event_sentences import IMPERSONAL, line_of, without_contact
from jorge_data.metrics.wall.view import Line, SourceAge

RETENTION = 30 * DAY
MAX_SOURCES = 40
"""Most sources shown; the names are the publishers' own."""


class Freshness:
    """The newest event time of every source of the last 30 days."""

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

    def sources(self, now: int) -> list[SourceAge]:
        """Return every source with its newest event, by name."""
        newest = sorted(self._newest.items(), key=lambda item: (-item[1], item[0]))[:MAX_SOURCES]
        return [{"name": name, "at_ms": at // 1000, "level": self.level(at, now)} for name, at in sorted(newest)]

    def expire(self, at: int, contacts: Container[str]) -> None:
        """Forget sources that have sent nothing for 30 days."""
        self._newest = {name: newest for name, newest in self._newest.items() if newest >= at - RETENTION}

    def dump(self) -> dict[str, int]:
        return dict(self._newest)

    def load(self, dump: dict[str, int]) -> None:
        self._newest = dict(dump)


SPAN_S = 60
_MAX_SECONDS = 3 * SPAN_S


class EventRates:
    """Count events by the second of their receipt; at most 180 seconds are held."""

    def __init__(self) -> None:
        self._seconds: dict[int, int] = {}

    def apply(self, event: Event) -> None:
        second = micros(event.receivedat) // SECOND
        if micros(event.time) // SECOND < second - SPAN_S:
            return
        count = self._seconds.get(second)
        if count is None and len(self._seconds) >= _MAX_SECONDS:
            self._make_room()
        self._seconds[second] = (count or 0) + 1

    def last_minute(self, now: int) -> int:
        """Return how many were received in the 60 seconds up to now."""
        end = now // SECOND + 1
        return sum(self._seconds.get(second, 0) for second in range(end - SPAN_S, end))

    def dump(self) -> list[Any]:
        return [[second, count] for second, count in self._seconds.items()]

    def load(self, dump: list[Any]) -> None:
        self._seconds = dict(dump)

    def _make_room(self) -> None:
        newest = sorted(self._seconds)[-SPAN_S:]
        self._seconds = {second: self._seconds[second] for second in newest}


SHOWN = 50


class Recent:
    """Keep the last fifty events; each is put into words at first use, with the contact's name as of its arrival."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._lines: deque[Line | tuple[Event, str]] = deque(maxlen=SHOWN)

    def apply(self, event: Event, name: str) -> None:
        self._lines.append((event, name))

    def lines(self) -> list[Line]:
        """Return the lines, newest first."""
        return self.dump()[::-1]

    def without_contacts(self) -> "Recent":
        """Return the lines of bots and components alone, with nothing in them that may name a contact."""
        recent = Recent(self._targets)
        recent._lines.extend(without_contact(line) for line in self.dump() if line["group"] in IMPERSONAL)
        return recent

    def dump(self) -> list[Line]:
        lines = [one if isinstance(one, dict) else line_of(*one, self._targets) for one in self._lines]
        self._lines = deque(lines, maxlen=SHOWN)
        return lines

    def load(self, dump: list[Line]) -> None:
        for line in dump:
            self._lines.append({**line, "title": [(style, text) for style, text in line["title"]]})
