"""The Command Center, recounted from the exported events as of NOW."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, timedelta
from typing import Any

import pytest

from jorge_data.dashboard.push.location_state import LocationState as Wall
from jorge_data.events import decode, parse_moment
from jorge_data.events.timestamps import micros
from jorge_data.metrics import Targets
from jorge_data.metrics.formatting import Unit, percent, write
from jorge_data.metrics.wall.view import Tile
from jorge_data.store import SQLiteStore
from jorge_data.store.sqlite.backup import back_up
from tests.reconciliation import deals
from tests.reconciliation.agreement import SKETCHED, agree
from tests.reconciliation.dashboard import LOCATION, Dashboard, Span
from tests.reconciliation.deliveries import NOW
from tests.reconciliation.exact_statistics import nearest_rank
from tests.reconciliation.reconciled import reconciles
from tests.reconciliation.test_lead_sequences import PROMISES, STEPS, TALK
from tests.reconciliation.test_system import share_up
from tests.waiting import wait_until
from tests.wall import wall_over

DAY = timedelta(days=1)
THIRTY_DAYS_AGO = NOW.astimezone(UTC) - 30 * DAY
"""Of 24 hours each: the office had one of 25."""

TODAY: Span = {"start": NOW.replace(hour=0), "end": NOW.replace(hour=0) + DAY}
MONTH = NOW.replace(day=1, hour=0)

SELLERS = """
WITH heard AS (SELECT coalesce(field('contact_id'), '') AS contact, max(us) AS us FROM events
    WHERE type <> 'commission_update' GROUP BY contact),  -- of a deal we hear, and not of its seller
newest AS (
    SELECT field('contact_id') AS contact, arg_max(field('seller_temperature'), (us, seq)) AS temperature,
        arg_max(truth('stall_detected'), (us, seq)) AS stalled,
        arg_max(number('questions_answered'), (us, seq)) AS answered
    FROM events WHERE type = 'jorge_qualification_progress' GROUP BY contact)
SELECT count(*) FILTER (temperature = 'hot'), count(*) FILTER (temperature = 'warm'),
    count(*) FILTER (temperature = 'cold'), count(*) FILTER (stalled)
FROM newest JOIN heard USING (contact) WHERE us >= $start
"""
TURNED_HOT = """
WITH answers AS (
    SELECT us, field('seller_temperature') AS temperature,
        lag(field('seller_temperature')) OVER (PARTITION BY field('contact_id') ORDER BY us, seq) AS before
    FROM events WHERE type = 'jorge_qualification_progress')
SELECT count(*) FROM answers
WHERE temperature = 'hot' AND before IS DISTINCT FROM 'hot' AND us >= $start AND us < $end
"""
CONVERSATIONS = """
SELECT count(*) FROM (SELECT conversation, max(us) AS us FROM spoken GROUP BY conversation)
WHERE us >= $start AND conversation NOT IN (SELECT conversation FROM ended)
"""
WAITING = """
WITH said AS (
    SELECT contact, us, seq, CASE WHEN own THEN 'inbound' ELSE '' END AS direction FROM spoken WHERE kind = 'message'),
heard AS (SELECT coalesce(field('contact_id'), '') AS contact, max(us) AS us FROM events GROUP BY contact)
SELECT count(*) FROM (
    SELECT contact, arg_max(direction, (us, seq)) AS direction, max((us, seq)) AS written FROM said GROUP BY contact)
JOIN heard USING (contact) LEFT JOIN touched USING (contact)
WHERE direction = 'inbound' AND us >= $start AND coalesce(touched.newest, (0, 0)) < written
"""
PROMISED = f"""
{STEPS} {TALK} {PROMISES.partition("SELECT strftime")[0]}
SELECT count(*) FILTER (us >= $today AND us < $tomorrow), count(*) FILTER (us < $today)
FROM settled WHERE next_us IS NULL
"""
STEP_SUCCESS = """
SELECT count(*) FILTER (truth('success')) / nullif(count(*), 0) FROM events
WHERE type = 'lead_bot_sequence_update' AND us >= $start
"""
ANALYSES = """
SELECT avg(number('confidence_score')),
    count(*) FILTER (number('processing_time_ms') <= 42) / nullif(count(*), 0),
    count(*) FILTER (number('confidence_score') > 0.85) / nullif(count(*), 0)
FROM events WHERE type = 'intent_analysis_complete' AND us >= $start
"""
COMPONENTS = """
WITH reports AS (
    SELECT field('component') AS component, field('status') AS status, us, seq FROM events
    WHERE type = 'system_health_update'),
newest AS (SELECT component, arg_max(status, (us, seq)) AS status, max(us) AS us FROM reports GROUP BY component)
SELECT component, CASE WHEN status = 'down' OR us >= $fresh THEN status ELSE 'unknown' END FROM newest
"""
EVENTS_OF_A_BOT = """
SELECT count(*) FROM events WHERE us >= $start AND us < $end AND (
    (type = 'bot_status_update' AND field('bot_type') = $bot)
    OR ($bot = 'jorge-seller' AND type = 'jorge_qualification_progress')
    OR ($bot = 'lead-bot' AND type = 'lead_bot_sequence_update')
    OR ($bot = 'intent-decoder' AND type = 'intent_analysis_complete'))
"""
SOURCES = "SELECT source, max(us) FROM events GROUP BY source"
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


@pytest.fixture(scope="module")
def shown(dashboard: Dashboard) -> Iterator[tuple[Wall, dict[str, Any]]]:
    """The wall at NOW over the server's own store, after the events in the order of the log, and its figures."""
    targets = Targets(**dashboard.context.settings.targets)
    lines = (dashboard.server.folder / "export.ndjson").read_bytes().splitlines()
    wait_until(lambda: dashboard.server.get("/api/dashboard/metrics")["counting"] is None)
    folder = dashboard.server.folder / "copy"
    back_up(dashboard.server.folder / "events.db", folder, lambda share, note: None)  # the server has the store itself
    with closing(sqlite3.connect(folder / "store.db")) as connection:
        connection.execute("DELETE FROM store")  # as of a store from before there was a mark: its epochs stay
        connection.commit()
    with closing(SQLiteStore(folder / "store.db")) as store:
        yield wall_over(store, LOCATION, [decode(line) for line in lines], targets, NOW)


@pytest.fixture(scope="module")
def wall(shown: tuple[Wall, dict[str, Any]]) -> Wall:
    return shown[0]


@pytest.fixture(scope="module")
def figures(shown: tuple[Wall, dict[str, Any]]) -> dict[str, Any]:
    return shown[1]


def tile(wall: Wall, key: str) -> Tile:
    return next(each for each in wall.view(NOW.timestamp())["kpis"] if each["key"] == key)


def value(wall: Wall, key: str) -> str:
    return tile(wall, key)["value"]


@reconciles("command_center.hot", "seller_qualification.hot")
def test_sellers_are_counted_by_their_newest_qualification(
    dashboard: Dashboard, wall: Wall, figures: dict[str, Any]
) -> None:
    ((hot, warm, cold, stalled),) = dashboard.raw.rows(SELLERS, start=THIRTY_DAYS_AGO)
    sellers = figures["qualification"]
    assert [sellers[name] for name in ("hot", "warm", "cold", "stalled")] == [hot, warm, cold, stalled]
    assert sellers["turned_hot_today"] == dashboard.raw.one(TURNED_HOT, **TODAY)
    assert value(wall, "hot") == write(hot, Unit.COUNT)


@reconciles("command_center.conversations", "command_center.waiting")
def test_conversations_of_the_last_day_are_active_until_they_opt_out(
    dashboard: Dashboard, wall: Wall, figures: dict[str, Any]
) -> None:
    active = dashboard.raw.one(CONVERSATIONS, start=NOW - DAY)
    assert figures["conversations"]["active"] == active
    assert figures["conversations"]["waiting"] == dashboard.raw.one(WAITING, start=NOW - DAY)
    assert value(wall, "conversations") == write(active, Unit.COUNT)


@reconciles("command_center.pipeline", "command_center.won")
def test_money_is_right_to_the_cent(dashboard: Dashboard, wall: Wall, figures: dict[str, Any]) -> None:
    recounted, shown = deals.read(dashboard.raw), figures["revenue"]
    open_ = deals.still_open(recounted)
    won = sum(deal.commission for deal in deals.closed_in(recounted, MONTH, NOW + DAY, "won"))
    assert shown["pipeline_value"] == sum(deal.newest.value for deal in open_) / 100
    assert shown["commission_pipeline"] == sum(deal.commission for deal in open_) / 100
    assert shown["commission_won_month"] == won / 100
    assert value(wall, "pipeline") == write(sum(deal.commission for deal in open_) / 100, Unit.DOLLARS)
    assert value(wall, "won") == write(won / 100, Unit.DOLLARS)


@reconciles("command_center.sequences", "command_center.overdue")
def test_steps_of_today_and_every_promise_that_is_open(
    dashboard: Dashboard, wall: Wall, figures: dict[str, Any]
) -> None:
    done, sequences = dashboard.raw.one(STEPS_DONE, **TODAY), figures["sequences"]
    ((due, overdue),) = dashboard.raw.rows(PROMISED, today=TODAY["start"], tomorrow=TODAY["end"])
    assert [sequences[name] for name in ("done_today", "due_today", "overdue")] == [done, due, overdue]
    agree(sequences["success_rate_24h"], dashboard.raw.one(STEP_SUCCESS, start=NOW - DAY))
    assert value(wall, "sequences") == write(done, Unit.COUNT)


@reconciles("command_center.intent")
def test_the_decoder_is_measured_over_the_last_24_hours(dashboard: Dashboard, figures: dict[str, Any]) -> None:
    took = [ms for (ms,) in dashboard.raw.rows(LATENCIES, start=NOW - DAY, end=NOW)]
    before = [ms for (ms,) in dashboard.raw.rows(LATENCIES, start=NOW - 2 * DAY, end=NOW - DAY)]
    ml = figures["ml"]
    agree(ml["p50_ms"], nearest_rank(took, 0.5), SKETCHED)
    agree(ml["p95_ms"], nearest_rank(took, 0.95), SKETCHED)
    agree(ml["p95_ms_before"], nearest_rank(before, 0.95), SKETCHED)
    ((confidence, within, above),) = dashboard.raw.rows(ANALYSES, start=NOW - DAY)
    agree(ml["confidence_mean"], confidence)
    agree(ml["within_target"], within)
    agree(ml["above_target"], above)


@reconciles("command_center.bot")
def test_a_bot_is_judged_by_what_it_finished_in_the_last_hour(dashboard: Dashboard, figures: dict[str, Any]) -> None:
    span = {"start": NOW - timedelta(hours=1), "end": NOW + timedelta(minutes=1)}
    assert len(figures["bots"]) == 3
    for bot, shown in figures["bots"].items():
        ((good, n),) = dashboard.raw.rows(OUTCOMES, **span, bot=bot)
        agree(shown["success_rate_1h"], good / n if n else None)
        assert shown["events_1h"] == dashboard.raw.one(EVENTS_OF_A_BOT, **span, bot=bot)


@reconciles("command_center.system")
def test_uptime_is_of_thirty_days_for_which_reports_speak_and_what_is_down_is_down_now(
    dashboard: Dashboard, wall: Wall, figures: dict[str, Any]
) -> None:
    up = share_up(dashboard.raw, {"start": THIRTY_DAYS_AGO, "end": NOW})
    agree(figures["system"]["uptime_30d"], up)
    note = "".join(text for _, text in tile(wall, "system")["note"])
    assert note.startswith(f"{percent(figures['system']['uptime_30d'], 2)} in 30 days")
    now = dashboard.raw.table(COMPONENTS, fresh=NOW - timedelta(minutes=15))
    assert {name: each["status"] for name, each in figures["system"]["components"].items()} == now


@reconciles("command_center.freshness")
def test_freshness_is_the_age_of_the_newest_event(dashboard: Dashboard, wall: Wall, figures: dict[str, Any]) -> None:
    newest = dashboard.raw.one("SELECT max(us) FROM events")
    agree(wall.dashboard(None)["freshness_s"], NOW.timestamp() - newest / 1e6, 1e-6)
    assert {name: micros(parse_moment(at)) for name, at in figures["sources"].items()} == dashboard.raw.table(SOURCES)
