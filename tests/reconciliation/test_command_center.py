"""The Command Center, recounted from the exported events as of NOW."""

from datetime import UTC, datetime, timedelta

import pytest

from jorge_data.dashboard.push.location_state import LocationState as Wall
from jorge_data.events import decode
from jorge_data.metrics import Targets
from jorge_data.metrics.formatting import Unit, write
from jorge_data.metrics.wall.view import Tile
from tests.reconciliation import deals
from tests.reconciliation.agreement import SKETCHED, agree
from tests.reconciliation.dashboard import LOCATION, Dashboard, Span
from tests.reconciliation.deliveries import NOW
from tests.reconciliation.exact_statistics import nearest_rank
from tests.reconciliation.reconciled import reconciles

DAY = timedelta(days=1)
TODAY: Span = {"start": NOW.replace(hour=0), "end": NOW.replace(hour=0) + DAY}
MONTH = NOW.replace(day=1, hour=0)

HOT = """
WITH newest AS (SELECT coalesce(field('contact_id'), '') AS contact, max(us) AS us FROM events GROUP BY contact)
SELECT count(*) FROM (
    SELECT field('contact_id') AS contact, arg_max(field('seller_temperature'), (us, seq)) AS temperature FROM events
    WHERE type = 'jorge_qualification_progress' GROUP BY contact)
JOIN newest USING (contact) WHERE temperature = 'hot' AND us >= $start
"""
CONVERSATIONS = """
SELECT count(*) FROM (
    SELECT field('conversation_id') AS id, max(us) AS us, bool_or(field('kind') = 'opted_out') AS gone
    FROM events WHERE type = 'conversation_event' GROUP BY field('conversation_id'))
WHERE us > $start AND NOT gone
"""
STEPS_DONE = """
SELECT count(*) FROM events
WHERE type = 'lead_bot_sequence_update' AND truth('success') AND us >= $start AND us < $end
"""
LATENCIES = """
SELECT number('processing_time_ms') FROM events WHERE type = 'intent_analysis_complete' AND us >= $start AND us < $end
"""
OUTCOMES = """
SELECT count(*) FILTER (good), count(*) FROM (
    SELECT CASE type WHEN 'lead_bot_sequence_update' THEN truth('success') WHEN 'bot_status_update' THEN
        field('status') = 'completed' ELSE true END AS good
    FROM events WHERE us >= $start AND us < $end AND (
        ($bot = 'lead-bot' AND type = 'lead_bot_sequence_update')
        OR ($bot = 'intent-decoder' AND type = 'intent_analysis_complete')
        OR (type = 'bot_status_update' AND field('bot_type') = $bot AND (
            (field('status') = 'error' AND $bot <> 'lead-bot')
            OR (field('status') = 'completed' AND $bot = 'jorge-seller')))))
"""
UPTIME = """
WITH reports AS (
    SELECT field('status') AS status, us,
        lead(us) OVER (PARTITION BY field('component') ORDER BY us, seq) AS following
    FROM events WHERE type = 'system_health_update'),
reported AS (
    SELECT status, least(coalesce(following, $end), us + 900_000_000) - greatest(us, $start) AS lasted FROM reports)
SELECT sum(lasted) FILTER (status <> 'down') / sum(lasted) FROM reported WHERE lasted > 0
"""


@pytest.fixture(scope="module")
def wall(dashboard: Dashboard) -> Wall:
    """The wall's own state after the events, in the order of the log."""
    wall = Wall(LOCATION, Targets(**dashboard.context.settings.targets), lambda: None)
    lines = (dashboard.server.folder / "export.ndjson").read_bytes().splitlines()
    wall.deliver([decode(line) for line in lines], NOW.timestamp())
    return wall


def tile(wall: Wall, key: str) -> Tile:
    return next(each for each in wall.view(NOW.timestamp(), 86400)["kpis"] if each["key"] == key)


def value(wall: Wall, key: str) -> str:
    return tile(wall, key)["value"]


@reconciles("command_center.hot")
def test_hot_sellers_are_those_whose_newest_qualification_is_hot(dashboard: Dashboard, wall: Wall) -> None:
    hot = dashboard.raw.one(HOT, start=NOW - 30 * DAY)
    assert wall.dashboard(NOW.timestamp())["qualification"]["hot"] == hot
    assert value(wall, "hot") == write(hot, Unit.COUNT)


@reconciles("command_center.conversations")
def test_conversations_of_the_last_day_are_active_until_they_opt_out(dashboard: Dashboard, wall: Wall) -> None:
    active = dashboard.raw.one(CONVERSATIONS, start=NOW - DAY)
    assert wall.dashboard(NOW.timestamp())["conversations"]["active"] == active
    assert value(wall, "conversations") == write(active, Unit.COUNT)


@reconciles("command_center.pipeline", "command_center.won")
def test_money_is_right_to_the_cent(dashboard: Dashboard, wall: Wall) -> None:
    recounted, shown = deals.read(dashboard.raw), wall.dashboard(NOW.timestamp())["revenue"]
    open_ = deals.still_open(recounted)
    won = sum(deal.commission for deal in deals.closed_in(recounted, MONTH, NOW + DAY, "won"))
    assert shown["pipeline_value"] == sum(deal.newest.value for deal in open_) / 100
    assert shown["commission_pipeline"] == sum(deal.commission for deal in open_) / 100
    assert shown["commission_won_month"] == won / 100
    assert value(wall, "pipeline") == write(sum(deal.commission for deal in open_) / 100, Unit.DOLLARS)
    assert value(wall, "won") == write(won / 100, Unit.DOLLARS)


@reconciles("command_center.sequences")
def test_steps_of_today_are_those_that_succeeded(dashboard: Dashboard, wall: Wall) -> None:
    assert value(wall, "sequences") == write(dashboard.raw.one(STEPS_DONE, **TODAY), Unit.COUNT)


@reconciles("command_center.intent")
def test_the_decoders_day_is_one_of_whole_quarters_of_an_hour(dashboard: Dashboard, wall: Wall) -> None:
    end = NOW + timedelta(minutes=15)
    took = [ms for (ms,) in dashboard.raw.rows(LATENCIES, start=end - DAY, end=end)]
    agree(wall.dashboard(NOW.timestamp())["ml"]["p95_ms"], nearest_rank(took, 0.95), SKETCHED)


@reconciles("command_center.bot")
def test_a_bot_is_judged_by_what_it_finished_in_the_last_hour(dashboard: Dashboard, wall: Wall) -> None:
    span = {"start": NOW - timedelta(minutes=59), "end": NOW + timedelta(minutes=1)}
    shown = wall.dashboard(NOW.timestamp())["bots"]
    assert len(shown) == 3
    for bot, figures in shown.items():
        ((good, n),) = dashboard.raw.rows(OUTCOMES, **span, bot=bot)
        agree(figures["success_rate_1h"], good / n if n else None)


@reconciles("command_center.system")
def test_uptime_is_of_thirty_days_for_which_reports_speak(dashboard: Dashboard, wall: Wall) -> None:
    expected = dashboard.raw.one(UPTIME, start=datetime(2024, 11, 2, tzinfo=UTC), end=NOW)
    # Here a report that comes behind a newer one changes nothing: the page of the system counts it where it belongs.
    note = "".join(text for _, text in tile(wall, "system")["note"])
    agree(float(note.split(" %")[0]) / 100, expected, 1.5e-4)


@reconciles("command_center.freshness")
def test_freshness_is_the_age_of_the_newest_event(dashboard: Dashboard, wall: Wall) -> None:
    newest = dashboard.raw.one("SELECT max(us) FROM events")
    agree(wall.dashboard(NOW.timestamp())["freshness_s"], NOW.timestamp() - newest / 1e6, 1e-6)
