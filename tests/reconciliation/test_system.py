"""System, recounted from the reports of components and from all events."""

from datetime import date

import pytest

from jorge_data.dashboard.query.requests import SeriesRequest
from jorge_data.dashboard.system import data
from jorge_data.events import KINDS
from jorge_data.metrics.formatting import Unit, write
from jorge_data.metrics.statistics.uptime import overall
from tests.reconciliation.agreement import SKETCHED, agree
from tests.reconciliation.conftest import NOVEMBER, THREE_MONTHS
from tests.reconciliation.dashboard import Dashboard, Days, Page, Span
from tests.reconciliation.deliveries import NOW
from tests.reconciliation.exact_statistics import nearest_rank
from tests.reconciliation.raw_events import RawEvents
from tests.reconciliation.reconciled import reconciles

PAGE = "system"
A_WEEK: Days = (date(2024, 10, 30), date(2024, 11, 5))
"""With the night in which an hour comes twice."""

RANKS = {"p50": 0.5, "p95": 0.95}

REPORTS = """
WITH reports AS (
    SELECT field('component') AS component, field('status') AS status, us,
        lead(us) OVER (PARTITION BY component ORDER BY us, seq) AS following
    FROM events WHERE type = 'system_health_update'),
lasting AS (
    SELECT component, status, us AS began,
        CASE status WHEN 'down' THEN coalesce(following, $now) - us
            ELSE least(coalesce(following, $now) - us, 900_000_000) END AS total
    FROM reports),
quarters AS (
    SELECT component, status, began, total, unnest(range(0, greatest(total, 1), 900_000_000)) AS later FROM lasting),
reported AS (
    SELECT component, status, began + later AS us, least(total - later, 900_000_000) AS lasted FROM quarters
    WHERE began + later >= $start AND began + later < $end)
"""
UPTIMES = """
SELECT component, coalesce(sum(lasted) FILTER (status <> 'down'), 0) / 1e6,
    coalesce(sum(lasted) FILTER (status = 'down'), 0) / 1e6
FROM reported GROUP BY component ORDER BY component
"""
MARKS = """
, placed AS (
    SELECT *, epoch_us(date_trunc('day', local(us)) AT TIME ZONE 'America/Chicago') AS midnight FROM reported)
SELECT component, (midnight + (us - midnight) // $length * $length) // 1_000_000 AS step,
    max(CASE status WHEN 'down' THEN 'x3 down' WHEN 'healthy' THEN 'x1 up' ELSE 'x2 degraded' END)[4:]
FROM placed GROUP BY ALL
"""
LENGTHS = {"1h": 3_600_000_000, "3h": 3 * 3_600_000_000, "1d": 26 * 3_600_000_000}
"""Microseconds of a step from its day's midnight on; no day has so many as the last."""
RESPONSES = """
SELECT field('component'), number('response_time_ms') FROM events
WHERE type = 'system_health_update' AND us >= $start AND us < $end
"""
BY_DAY = """
SELECT strftime(local(us), '%Y-%m-%d'), count(*) FROM events WHERE type = $kind AND us >= $start AND us < $end
GROUP BY ALL
"""


def passed_s(span: Span) -> float:
    return (min(span["end"], NOW) - span["start"]).total_seconds()


def share_up(raw: RawEvents, span: Span) -> float | None:
    rows = raw.rows(REPORTS + UPTIMES, **span, now=NOW)
    total = sum(up + down for _, up, down in rows)
    return sum(up for _, up, _ in rows) / total if total else None


def strip_question(page: Page) -> SeriesRequest:
    question = page.page_data.requests["strip"]
    assert isinstance(question, SeriesRequest)
    return question


def shown_marks(page: Page) -> dict[tuple[str, int], str]:
    marks = data.lane_marks(page.page_data, True)
    cells = zip(marks["component"], marks["t"], marks["mark"], strict=True)
    # The worst of a step comes last.
    return {(component, int(t.timestamp())): mark for component, t, mark in cells if mark != "unknown"}


@reconciles("system.uptime", "system.unknown")
def test_uptime_is_of_the_time_for_which_reports_speak(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    listed = {each.component: each for each in data.uptimes(page.page_data, page.query, True)}
    expected = dashboard.raw.rows(REPORTS + UPTIMES, **page.span, now=NOW)
    assert sorted(listed) == [name for name, _, _ in expected]
    for name, up, down in expected:
        agree(listed[name].share, up / (up + down))
        agree(listed[name].unknown, max(0.0, passed_s(page.span) - up - down))
    agree(overall(listed.values()), share_up(dashboard.raw, page.span))
    for prefix, span in page.sides():
        known = data.known_time(page.page_data, page.query, True, prefix)
        agree(data.share(known), share_up(dashboard.raw, span))


@reconciles("system.strip")
@pytest.mark.parametrize("days", [A_WEEK, NOVEMBER, THREE_MONTHS], ids=["a week", "november", "three months"])
def test_a_step_of_the_strip_shows_its_worst_report(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    length = LENGTHS[strip_question(page).step]
    rows = dashboard.raw.rows(REPORTS + MARKS, **page.span, length=length, now=NOW)
    assert shown_marks(page) == {(component, at): mark for component, at, mark in rows}


@reconciles("system.response")
def test_so_many_reports_name_no_longer_a_response(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for prefix, span in page.sides():
        rows = dashboard.raw.rows(RESPONSES, **span)
        for rank, q in RANKS.items():
            agree(page.page_data.series(f"{prefix}{rank}").value, nearest_rank([ms for _, ms in rows], q), SKETCHED)
    rows = dashboard.raw.rows(RESPONSES, **page.span)
    for rank, q in RANKS.items():
        frame = page.page_data.series(f"{rank}_by").frame
        for component, value in zip(frame["component"], frame["value"], strict=True):
            agree(value, nearest_rank([ms for name, ms in rows if name == component], q), SKETCHED)


@reconciles("system.rate")
def test_events_of_every_kind_are_counted_in_the_step_of_their_time(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    for kind in KINDS:
        frame = page.page_data.series(kind).frame
        shown = {f"{t:%Y-%m-%d}": n for t, n in zip(frame["t"], frame["n"], strict=True)}
        assert shown == dashboard.raw.table(BY_DAY, **page.span, kind=kind), kind


@reconciles("system.rejected")
def test_what_was_refused_is_counted_once_each_and_nothing_else_is_missing(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    assert page.tiles["Rejected events"] == write(dashboard.refused, Unit.COUNT)
    assert len(dashboard.delivered) - dashboard.refused - dashboard.duplicates == dashboard.raw.one(
        "SELECT count(*) FROM events"
    )


def test_the_tiles_read_as_recounted(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    unknown = max(
        passed_s(page.span) - up - down for _, up, down in dashboard.raw.rows(REPORTS + UPTIMES, **page.span, now=NOW)
    )
    n = dashboard.raw.one("SELECT count(*) FROM events WHERE us >= $start AND us < $end", **page.span)
    assert page.tiles == page.tiles | {
        "Uptime": write(share_up(dashboard.raw, page.span), Unit.SHARE),
        "Unknown time": write(unknown, Unit.SECONDS),
        "Events": write(n, Unit.COUNT),
    }
