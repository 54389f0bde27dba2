"""A component: how long it was in which status, measured from report to report."""

from bisect import bisect_left, insort
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from jorge_data.events import Event
from jorge_data.events.timestamps import HOUR, event_micros
from jorge_data.metrics.entities.attention import Acts
from jorge_data.metrics.entities.cube import Fact
from jorge_data.metrics.entities.entity import newer
from jorge_data.metrics.entities.event_facts import text
from jorge_data.metrics.entities.status_run import StatusRun
from jorge_data.metrics.formatting import line
from jorge_data.metrics.statistics.report_spans import DOWN, KNOWN_FOR, report_spans

GAPS = 400
"""Most pairs of reports hours apart that a component keeps; a late report between others of them adds no time."""

EVENT_STORE = "event-store"
"""The component under which the event server reports what of a log cannot be read."""

REPORTS = 3_600
"""Most reports of one component and hour that are stored, one a second; further ones add no time."""


class ComponentReport(NamedTuple):
    at: int
    seq: int
    status: str

    @property
    def hour(self) -> int:
        return self.at // HOUR


class ReportDetail(NamedTuple):
    """What is shown of a component's newest report alone; the response time in milliseconds."""

    at: int
    seq: int
    response_ms: float
    error: str


class ReportGap(NamedTuple):
    """Two reports that follow one another, and between whose hours lies another hour or more."""

    earlier: ComponentReport
    later: ComponentReport


def chunk_key(component: str, hour: int) -> str:
    """Return the key of the reports of one hour, counted since 1970 in UTC."""
    return f"{hour}/{component}"


class Component:
    """A component's newest report (`head`), and its reports in the hours that a batch touches and in their neighbours.

    Stored by the hour, any history can come in any order at the cost of one hour: neighbours that are further away are
    among the gaps, or are the newest or the first report. The newest one has no duration yet: that is computed when
    it is asked for.
    """

    def __init__(self, key: str, state: bytes | None, hours: Mapping[int, bytes], down_until_reported: bool) -> None:
        self.key = key
        self.head: ComponentReport | None = None
        self._first: ComponentReport | None = None
        self._gaps: list[ReportGap] = []
        self.detail: ReportDetail | None = None
        self.acts = Acts()
        self._run = StatusRun()
        if state:
            self._load(orjson.loads(state))
        self._down_until_reported = down_until_reported
        self.touched: set[int] = set()
        self._hours = {hour: list(map(ComponentReport._make, orjson.loads(state))) for hour, state in hours.items()}

    @property
    def at(self) -> int:
        """Return when the newest report was made, 0 before the first."""
        return self.head.at if self.head else 0

    @property
    def status(self) -> str:
        """Return what the newest report says, "" before the first."""
        return self.head.status if self.head else ""

    def status_at(self, now: int) -> str:
        """Return the status, unknown where the newest report is too old to say.

        Down holds until the next report, and so does what the event server says of damage: that is not healed by time.
        """
        lasts = (self.status == DOWN and self._down_until_reported) or self.key == EVENT_STORE
        if lasts or now - self.at <= KNOWN_FOR:
            return self.status
        return "unknown"

    @property
    def since(self) -> int:
        """Return since when the newest report's status holds (microseconds), 0 before the first report."""
        return self._run.since or self.at

    def report(self, report: ComponentReport, detail: ReportDetail) -> tuple[list[Fact], list[Fact]]:
        """Insert a report in order; return the facts that it retracts and those that it adds."""
        self.detail = newer(self.detail, detail)
        reports = self._hours.setdefault(report.hour, [])
        index = bisect_left(reports, report[:2], key=lambda existing: existing[:2])
        before, after = self._before(report, index), self._after(report, index)
        self._run.add(report[:2], report.status, lambda: after and after[:2])
        if len(reports) >= REPORTS:
            return self._count_newest_alone(report)
        reports.insert(index, report)
        self.touched.add(report.hour)
        newest = self.newest()
        if self.head is None or report[:2] > self.head[:2]:
            self.head = report
        if self._first is None or report[:2] < self._first[:2]:
            self._first = report
        self._part(before, report, after)
        retracted = newest + self._facts(before, after)
        return retracted, self.newest() + self._facts(before, report) + self._facts(report, after)

    def _count_newest_alone(self, report: ComponentReport) -> tuple[list[Fact], list[Fact]]:
        """Let a report that is one too many in its hour be the newest: it says how the component is now."""
        newest = self.newest()
        if self.head and report[:2] > self.head[:2]:
            self.head = report
        return newest, self.newest()

    def newest(self) -> list[Fact]:
        """Return the fact of the newest report, by which the time since then is computed; none before the first."""
        if self.head is None:
            return []
        at, _, status = self.head
        return [Fact("component_newest", at, (text(self.key), status), (("reported_s", at),))]

    def dump(self) -> bytes:
        rest = self.detail, self._run.dump(), self.acts.dump()
        return orjson.dumps((self.head, self._first, self._gaps, *rest), default=tuple, option=orjson.OPT_SORT_KEYS)

    def dump_hour(self, hour: int) -> bytes:
        return orjson.dumps(self._hours[hour], default=tuple)

    def _before(self, report: ComponentReport, index: int) -> ComponentReport | None:
        """Return the report before this one, None where there is none."""
        if index:
            return self._hours[report.hour][index - 1]
        if earlier := self._hours.get(report.hour - 1):
            return earlier[-1]
        if gap := self._gap(report):
            return gap.earlier
        return self.head if self.head and self.head[:2] < report[:2] else None

    def _after(self, report: ComponentReport, index: int) -> ComponentReport | None:
        """Return the report after this one, None where there is none."""
        reports = self._hours[report.hour]
        if index < len(reports):
            return reports[index]
        if later := self._hours.get(report.hour + 1):
            return later[0]
        if gap := self._gap(report):
            return gap.later
        return self._first if self._first and self._first[:2] > report[:2] else None

    def _gap(self, report: ComponentReport) -> ReportGap | None:
        """Return the gap in which a report lies, None where it lies in none."""
        index = bisect_left(self._gaps, report[:2], key=lambda gap: gap.earlier[:2])
        gap = self._gaps[index - 1] if index else None
        return gap if gap and gap.later[:2] > report[:2] else None

    def _part(self, before: ComponentReport | None, report: ComponentReport, after: ComponentReport | None) -> None:
        """Replace the gap in which a report lies by those before and after it."""
        if before and after and ReportGap(before, after) in self._gaps:
            self._gaps.remove(ReportGap(before, after))
        for earlier, later in ((before, report), (report, after)):
            if earlier and later and later.hour - earlier.hour > 1:
                insort(self._gaps, ReportGap(earlier, later))
                if len(self._gaps) > GAPS:
                    del self._gaps[GAPS // 2]

    def _facts(self, report: ComponentReport | None, following: ComponentReport | None) -> list[Fact]:
        """Return the time that a report held up to the following one; none where one of both is missing."""
        if report is None or following is None:
            return []
        dims = text(self.key), report.status
        spans = report_spans(report.at, report.status, following.at, self._down_until_reported)
        return [Fact("component_time", at, dims, (("duration_s", duration),)) for at, duration in spans]

    def _load(self, state: list[Any]) -> None:
        if len(state) == 3 and isinstance(state[1], int):  # of older versions, the newest report alone
            self.head = ComponentReport._make(state)
            return
        head, first, gaps, *rest = state  # states of older versions end here: a log that lost events goes on from them
        self.head = head and ComponentReport._make(head)
        self._first = first and ComponentReport._make(first)
        self._gaps = [ReportGap(*map(ComponentReport._make, gap)) for gap in gaps]
        if rest:
            detail, run, acts = rest
            self.detail = detail and ReportDetail._make(detail)
            self._run, self.acts = StatusRun.load(run), Acts.load(acts)


def report_of(event: Event) -> tuple[ComponentReport, ReportDetail]:
    """Return what a system_health_update says of its component."""
    at, seq, data = event_micros(event), event.seq, event.data
    detail = ReportDetail(at, seq, data["response_time_ms"], line(data.get("error_message")))
    return ComponentReport(at, seq, text(data["status"])), detail
