"""A component: how long it was in which state, reckoned from report to report."""

from bisect import bisect_left
from collections.abc import Mapping
from typing import NamedTuple

import orjson

from jorge_data.events.timestamps import HOUR, MINUTE
from jorge_data.metrics.entities.cube import Fact
from jorge_data.metrics.entities.event_facts import text

KNOWN_FOR = 15 * MINUTE
"""A report says how a component is for so long; from then it counts as unknown, on the wall and in the history."""

REPORTS = 3_600
"""Most reports of one component and hour that are kept, one a second; further ones say nothing about time."""


class ComponentReport(NamedTuple):
    at: int
    seq: int
    status: str

    @property
    def hour(self) -> int:
        return self.at // HOUR


def chunk_key(component: str, hour: int) -> str:
    """Name the reports of one hour, counted since 1970 in UTC."""
    return f"{hour}/{component}"


class Component:
    """Know a component's newest report, and its reports in those hours that a batch touches and their neighbours.

    Kept by the hour, any history can come in any order at the cost of one hour: since no report speaks for longer than
    KNOWN_FOR, neighbours that matter are at most an hour away, the newest report excepted, which has no duration yet.
    """

    def __init__(self, key: str, head: bytes | None, hours: Mapping[int, bytes]) -> None:
        self.key = key
        self.head = ComponentReport._make(orjson.loads(head)) if head else None
        self.touched: set[int] = set()
        self._hours = {hour: list(map(ComponentReport._make, orjson.loads(state))) for hour, state in hours.items()}

    def report(self, report: ComponentReport) -> tuple[list[Fact], list[Fact]]:
        """Put a report in its place; return the facts of its neighbourhood before and after."""
        reports = self._hours.setdefault(report.hour, [])
        if len(reports) >= REPORTS:
            return [], []
        place = bisect_left(reports, report[:2], key=lambda known: known[:2])
        before, after = self._before(report, place), self._after(report, place)
        reports.insert(place, report)
        self.touched.add(report.hour)
        if self.head is None or report[:2] > self.head[:2]:
            self.head = report
        retracted = [self._fact(before, after)] if before and after else []
        added = [self._fact(before, report)] if before else []
        return retracted, added + ([self._fact(report, after)] if after else [])

    def dump(self) -> bytes:
        return orjson.dumps(self.head, default=tuple)

    def dump_hour(self, hour: int) -> bytes:
        return orjson.dumps(self._hours[hour], default=tuple)

    def _before(self, report: ComponentReport, place: int) -> ComponentReport | None:
        """Return the report before this one, if this one changes how long it speaks."""
        if place:
            return self._hours[report.hour][place - 1]
        if earlier := self._hours.get(report.hour - 1):
            return earlier[-1]
        return self.head if self.head and self.head[:2] < report[:2] else None

    def _after(self, report: ComponentReport, place: int) -> ComponentReport | None:
        """Return the report after this one; where that is far, any later one does."""
        reports = self._hours[report.hour]
        if place < len(reports):
            return reports[place]
        if later := self._hours.get(report.hour + 1):
            return later[0]
        return self.head if self.head and self.head[:2] > report[:2] else None

    def _fact(self, report: ComponentReport, following: ComponentReport) -> Fact:
        duration = min(following.at - report.at, KNOWN_FOR)
        return Fact("component_time", report.at, (text(self.key), report.status), (("duration_s", duration),))
