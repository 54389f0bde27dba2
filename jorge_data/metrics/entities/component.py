"""A component: how long it was in which status, measured from report to report."""

from bisect import bisect_left
from collections.abc import Mapping
from typing import NamedTuple

import orjson

from jorge_data.events.timestamps import HOUR, MINUTE
from jorge_data.metrics.entities.cube import Fact
from jorge_data.metrics.entities.event_facts import text

KNOWN_FOR = 15 * MINUTE
"""How long a report holds; after that a component counts as unknown, on the wall and in the history."""

REPORTS = 3_600
"""Most reports of one component and hour that are stored, one a second; further ones add no time."""


class ComponentReport(NamedTuple):
    at: int
    seq: int
    status: str

    @property
    def hour(self) -> int:
        return self.at // HOUR


def chunk_key(component: str, hour: int) -> str:
    """Return the key of the reports of one hour, counted since 1970 in UTC."""
    return f"{hour}/{component}"


class Component:
    """A component's newest report (`head`), and its reports in the hours that a batch touches and in their neighbours.

    Stored by the hour, any history can come in any order at the cost of one hour: since no report holds for longer than
    KNOWN_FOR, neighbours that matter are at most an hour away, the newest report excepted, which has no duration yet.
    """

    def __init__(self, key: str, head: bytes | None, hours: Mapping[int, bytes]) -> None:
        self.key = key
        self.head = ComponentReport._make(orjson.loads(head)) if head else None
        self.touched: set[int] = set()
        self._hours = {hour: list(map(ComponentReport._make, orjson.loads(state))) for hour, state in hours.items()}

    def report(self, report: ComponentReport) -> tuple[list[Fact], list[Fact]]:
        """Insert a report in order; return the facts that it retracts and those that it adds."""
        reports = self._hours.setdefault(report.hour, [])
        if len(reports) >= REPORTS:
            return [], []
        index = bisect_left(reports, report[:2], key=lambda existing: existing[:2])
        before, after = self._before(report, index), self._after(report, index)
        reports.insert(index, report)
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

    def _before(self, report: ComponentReport, index: int) -> ComponentReport | None:
        """Return the report before this one, if this one changes how long it holds."""
        if index:
            return self._hours[report.hour][index - 1]
        if earlier := self._hours.get(report.hour - 1):
            return earlier[-1]
        return self.head if self.head and self.head[:2] < report[:2] else None

    def _after(self, report: ComponentReport, index: int) -> ComponentReport | None:
        """Return the report after this one; where that is far, any later one does."""
        reports = self._hours[report.hour]
        if index < len(reports):
            return reports[index]
        if later := self._hours.get(report.hour + 1):
            return later[0]
        return self.head if self.head and self.head[:2] > report[:2] else None

    def _fact(self, report: ComponentReport, following: ComponentReport) -> Fact:
        duration = min(following.at - report.at, KNOWN_FOR)
        return Fact("component_time", report.at, (text(self.key), report.status), (("duration_s", duration),))
