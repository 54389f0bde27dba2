"""Response, recounted from the events alone: who turned hot, whose, and when a person was heard."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

import pytest

from jorge_data.dashboard.response import data
from jorge_data.metrics.formatting import Unit, write
from jorge_data.metrics.statistics.percentile import merged
from tests.reconciliation.agreement import SKETCHED, agree
from tests.reconciliation.dashboard import Dashboard, Days, Page, Span
from tests.reconciliation.deliveries import NOW, ZONE
from tests.reconciliation.exact_statistics import done_by, median, nearest_rank, survival
from tests.reconciliation.raw_events import RawEvents
from tests.reconciliation.reconciled import reconciles
from tests.reconciliation.test_seller_qualification import ANSWERS
from tests.reconciliation.waits import WAITS

PAGE = "response"
EVERY = f"""{ANSWERS}{WAITS} SELECT contact, since, state, (coalesce(ends, $now) - since) / 1e6, agent, lead_source
FROM waits ORDER BY since, contact"""
BOTS = """
WITH said AS (
    SELECT conversation, us, seq, inbound AND kind = 'message' AND own AS asks, author, told_by FROM spoken
    JOIN (SELECT seq, field('author') AS author, source AS told_by, field('delivery') AS delivery,
        field('message_id') AS message FROM events)
    USING (seq) WHERE kind = 'message' AND (conversation, coalesce(message, '')) NOT IN (
        SELECT (field('conversation_id'), field('message_id')) FROM events WHERE field('message_id') IS NOT NULL
        GROUP BY 1 HAVING bool_or(field('delivery') IN ('failed', 'undelivered')) AND
            NOT bool_or(field('delivery') IN ('delivered', 'read')) OR bool_or(field('delivery') = 'bounced')
            AND NOT bool_or(field('delivery') = 'read'))
    AND (message IS NOT NULL OR coalesce(delivery, '') NOT IN ('failed', 'undelivered', 'bounced'))),
asked AS (SELECT conversation, min((us, seq)) AS at, min(us) AS us FROM said WHERE asks GROUP BY conversation),
answered AS (
    SELECT conversation, any_value(asked.us) AS asked, arg_min(author, (said.us, said.seq)) AS author,
        arg_min(told_by, (said.us, said.seq)) AS told_by, min(said.us) AS us
    FROM said JOIN asked USING (conversation)
    WHERE (said.us, said.seq) > asked.at AND NOT asks AND author IN ('bot', 'agent') GROUP BY conversation)
SELECT told_by, (us - asked) / 1e6 FROM answered WHERE author = 'bot' AND asked >= $start AND asked < $end
"""


class Hot(NamedTuple):
    """A time that somebody turned hot, as it was recounted."""

    contact: str
    at: int
    state: str
    seconds: float
    agent: str
    lead_source: str

    @property
    def local(self) -> datetime:
        return datetime.fromtimestamp(self.at // 1_000_000, ZONE)

    @property
    def is_in_hours(self) -> bool:
        opens, closes = (8, 18) if self.local.weekday() < 5 else (9, 14)
        return self.local.weekday() < 6 and opens <= self.local.hour < closes


def recounted(raw: RawEvents, span: Span) -> list[Hot]:
    return [Hot(*row) for row in raw.rows(EVERY, **span, now=NOW)]


def split(waits: Iterable[Hot]) -> tuple[list[float], list[float]]:
    listed = list(waits)
    heard = [wait.seconds for wait in listed if wait.state == "heard"]
    return heard, [wait.seconds for wait in listed if wait.state != "heard"]


def within(waits: Iterable[Hot], seconds: float) -> float | None:
    listed = [*waits]
    open_ = [share for time, share in survival(*split(listed)) if time <= seconds]
    return float(1 - open_[-1]) if open_ else 0.0 if listed else None


def long_span(page: Page) -> Span:
    """Return the 90 days of the office that end with the page's period, or all of a longer period."""
    last = (page.query.end - timedelta(microseconds=1)).astimezone(ZONE).date()
    first = datetime.combine(last - timedelta(days=89), datetime.min.time(), ZONE)
    return {"start": min(page.query.start, first), "end": page.query.end}


@reconciles("response.half", "response.ninety", "response.soon", "response.later", "response.waiting")
def test_every_wait_is_that_of_the_events_and_so_is_what_is_made_of_them(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    waits = data.Waits(page.page_data, page.query)
    for shown, (_, span) in zip((waits.current, waits.before), page.sides(), strict=True):
        expected = recounted(dashboard.raw, span)
        read = sorted((wait.at, wait.contact, wait.state, wait.agent, wait.lead_source) for wait in shown)
        assert read == [(wait.at, wait.contact, wait.state, wait.agent, wait.lead_source) for wait in expected]
        assert sorted(wait.seconds for wait in shown) == pytest.approx(sorted(wait.seconds for wait in expected))
    expected = recounted(dashboard.raw, page.span)
    assert expected, "nothing is compared"
    in_hours = [wait for wait in expected if wait.is_in_hours]
    agree(data.half(waits).now, median(*split(expected)))
    agree(data.soon(waits).now, within(in_hours, 300))
    figures = data.overall(waits).figures
    agree(figures.ninety, done_by(Fraction(9, 10), *split(expected)))
    agree(figures.later, within(in_hours, 900) if len(in_hours) >= 3 else None)
    waiting = sum(wait.state == "waiting" for wait in expected)
    assert page.tiles == page.tiles | {
        "Half hear within": write(median(*split(expected)), Unit.SECONDS),
        "Still waiting now": write(waiting, Unit.COUNT),
    }


@reconciles("response.by_agent", "response.by_source")
def test_agents_and_sources_have_the_figures_of_their_sellers(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    waits = data.Waits(page.page_data, page.query)
    expected = recounted(dashboard.raw, page.span)
    by: tuple[tuple[list[data.WaitRow], Callable[[Hot], str]], ...] = (
        (data.by_agent(waits), lambda wait: wait.agent),
        (data.by_source(waits), lambda wait: wait.lead_source),
    )
    for shown, of in by:
        parts = defaultdict(list)
        for wait in expected:
            parts[of(wait)].append(wait)
        assert {part.figures.name: part.figures.n for part in shown} == {
            name: len(part) for name, part in parts.items()
        }
        for part in shown:
            mine = parts[part.figures.name]
            enough = len(mine) >= 3
            agree(part.figures.median, median(*split(mine)) if enough else None)
            agree(part.figures.ninety, done_by(Fraction(9, 10), *split(mine)) if enough else None)
            assert part.figures.waiting == sum(wait.state == "waiting" for wait in mine)


@reconciles("response.by_hour", "response.by_week")
def test_hours_and_weeks_have_the_medians_of_those_who_turned_hot_in_them(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    waits = data.Waits(page.page_data, page.query)
    cells, weeks = defaultdict[object, list[Hot]](list), defaultdict[object, list[Hot]](list)
    for wait in recounted(dashboard.raw, long_span(page)):
        cells[f"{wait.local:%a}", str(wait.local.hour // 2 * 2)].append(wait)
        weeks[wait.local.date() - timedelta(days=wait.local.weekday())].append(wait)
    shown: dict[object, Any] = {(row["day"], row["hours"]): row for _, row in data.hours(waits).iterrows()}
    assert {key: row["n"] for key, row in shown.items()} == {key: len(part) for key, part in cells.items()}
    by_week: dict[object, Any] = {row["t"].astimezone(ZONE).date(): row for _, row in data.weeks(waits).iterrows()}
    assert {key: row["n"] for key, row in by_week.items()} == {key: len(part) for key, part in weeks.items()}
    for rows, parts in ((shown, cells), (by_week, weeks)):
        for key, part in parts.items():
            half = median(*split(part)) if len(part) >= 3 else None
            value = rows[key]["value"]
            agree(None if value != value else value * 60, half)


@reconciles("response.bots")
def test_bots_answer_first_as_soon_as_the_conversations_say(dashboard: Dashboard, days: Days) -> None:
    page = dashboard.page(PAGE, days)
    times = defaultdict(list)
    for source, seconds in dashboard.raw.rows(BOTS, **page.span):
        times[source].append(seconds)
    frame = page.page_data.series(data.ANSWERS).frame
    shown = {row["source"]: merged([row["value"]]) for _, row in frame.iterrows()}
    assert {name: sum(n for _, n in bins) for name, bins in shown.items()} == {k: len(v) for k, v in times.items()}
    listed = {bot.n: bot for bot in data.bots(page.page_data, page.query)}
    for taken in times.values():
        agree(listed[len(taken)].half, nearest_rank(taken, 0.5), SKETCHED)
