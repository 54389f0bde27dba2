"""Health: how each component is, and what share of the known time of 30 days it was up."""

from collections.abc import Container, Iterator
from typing import Any, Literal, NamedTuple

from jorge_data.events import Event
from jorge_data.events.timestamps import DAY
from jorge_data.metrics.statistics.report_spans import KNOWN_FOR

_DAYS = 30
Status = Literal["healthy", "degraded", "down", "recovering", "unknown"]
Overall = Literal["healthy", "degraded", "critical"]


class HealthReport(NamedTuple):
    """A component's newest report; `since` is when it came into that status."""

    at: int
    status: Status
    since: int
    response_ms: float
    error: str

    def status_at(self, now: int) -> Status:
        """Return the status, unknown where the report is too old to say."""
        return self.status if now - self.at <= KNOWN_FOR else "unknown"


class Health:
    """Keep each component's newest report, and its known and up time by day.

    Up is whatever is not down. A report that comes late, behind a newer one, changes no duration.
    """

    def __init__(self) -> None:
        self.reports: dict[str, HealthReport] = {}
        self._known: dict[str, dict[int, int]] = {}
        self._up: dict[str, dict[int, int]] = {}

    def apply(self, event: Event, at: int) -> None:
        data = event.data
        name, status = data["component"], data["status"]
        was = self.reports.get(name)
        if was is not None:
            if at < was.at:
                return
            self._count(name, was, at)
        since = was.since if was and was.status == status else at
        self.reports[name] = HealthReport(at, status, since, data["response_time_ms"], data.get("error_message") or "")

    def overall(self, now: int) -> Overall | None:
        """Return the worst that is known now, None where nothing is."""
        known = {report.status_at(now) for report in self.reports.values()} - {"unknown"}
        if "down" in known:
            return "critical"
        if known & {"degraded", "recovering"}:
            return "degraded"
        return "healthy" if known else None

    def unknown(self, now: int) -> int:
        """Return how many components have stopped reporting."""
        return sum(report.status_at(now) == "unknown" for report in self.reports.values())

    def uptime(self, now: int) -> float | None:
        """Return the share of known time of 30 days that components were up, None where none is known."""
        known = up = 0
        first = now // DAY - _DAYS + 1
        for name, report in self.reports.items():
            known += sum(span for day, span in self._known.get(name, {}).items() if day >= first)
            up += sum(span for day, span in self._up.get(name, {}).items() if day >= first)
            running = max(0, min(now - report.at, KNOWN_FOR))
            known += running
            up += running if report.status != "down" else 0
        return up / known if known else None

    def expire(self, at: int, contacts: Container[str]) -> None:
        """Forget components and days that are out of the 30 days."""
        first = at // DAY - _DAYS
        self.reports = {name: report for name, report in self.reports.items() if report.at // DAY >= first}
        self._known = self._recent(self._known, first)
        self._up = self._recent(self._up, first)

    def without_contacts(self) -> "Health":
        """Return the same components without their errors, which may quote contacts; for reading."""
        health = Health()
        health.reports = {name: report._replace(error="") for name, report in self.reports.items()}
        health._known, health._up = self._known, self._up
        return health

    def dump(self) -> dict[str, Any]:
        reports = {name: list(report) for name, report in self.reports.items()}
        return {"reports": reports, "known": _pairs(self._known), "up": _pairs(self._up)}

    def load(self, dump: dict[str, Any]) -> None:
        self.reports = {name: HealthReport(*row) for name, row in dump["reports"].items()}
        self._known = {name: dict(days) for name, days in dump["known"].items()}
        self._up = {name: dict(days) for name, days in dump["up"].items()}

    def _count(self, name: str, was: HealthReport, at: int) -> None:
        for day, span in _by_day(was.at, min(at, was.at + KNOWN_FOR)):
            for spans, counts in ((self._known, True), (self._up, was.status != "down")):
                if counts:
                    days = spans.setdefault(name, {})
                    days[day] = days.get(day, 0) + span

    def _recent(self, spans: dict[str, dict[int, int]], first: int) -> dict[str, dict[int, int]]:
        return {
            name: {day: span for day, span in days.items() if day >= first}
            for name, days in spans.items()
            if name in self.reports
        }


def _by_day(start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        stop = min(end, (start // DAY + 1) * DAY)
        yield start // DAY, stop - start
        start = stop


def _pairs(spans: dict[str, dict[int, int]]) -> dict[str, list[list[int]]]:
    return {name: [list(pair) for pair in days.items()] for name, days in spans.items()}
