"""Ninety days that every page can show something of."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import mean, median
from typing import Any

import pytest

from jorge_data.demo.history import DAYS, HistoryId, delivered, history
from jorge_data.demo.story import DAY, HOUR
from jorge_data.events import Reception, admit
from tests.demo.conftest import CALENDAR, events_of, timeline

Json = dict[str, Any]
ZERO = CALENDAR.zero


def of(sort: str, **wanted: Any) -> list[tuple[float, Json]]:
    """Return the days before the live day and the data of each event of a kind."""
    return [
        (-offset / DAY, event["data"])
        for offset, event in timeline(7)
        if event["type"] == sort and all(event["data"].get(name) == value for name, value in wanted.items())
    ]


def test_the_same_id_is_the_same_history() -> None:
    one, other = (list(history(HistoryId(3, ZERO))) for _ in range(2))
    assert one == other
    assert {event["id"] for _, event in one}.isdisjoint(event["id"] for _, event in history(HistoryId(4, ZERO)))


def test_an_event_id_names_its_history() -> None:
    identifiers = [event["id"] for event in events_of(7) if not event["id"].startswith("demo-")]
    assert len(set(identifiers)) == len(identifiers)
    assert {HistoryId.of(identifier) for identifier in (identifiers[0], identifiers[-1])} == {HistoryId(7, ZERO)}
    assert HistoryId.of("demo-7") is None


def test_every_event_is_admitted_where_it_belongs_and_none_is_after_now() -> None:
    now = CALENDAR.now.astimezone(UTC)
    for offset, event in timeline(7):
        moment = CALENDAR.at(offset)
        assert moment <= now
        assert admit({**event, "time": moment.isoformat()}, Reception(now)).event.locationid == "demo"


def test_it_reaches_back_ninety_days_and_only_deals_reach_further() -> None:
    older = {event["type"] for offset, event in timeline(7) if offset < -(DAYS + 1) * DAY}
    assert older <= {"commission_update", "contact_update"}
    days = Counter(int(-offset // DAY) for offset, event in timeline(7) if event["type"] == "conversation_event")
    assert all(days[number] for number in range(DAYS))


def test_days_are_busy_and_nights_quiet() -> None:
    inbound = [event for event in timeline(7) if event[0] < 0 and event[1]["data"].get("direction") == "inbound"]
    hours = Counter(CALENDAR.at(offset).hour for offset, _ in inbound)
    weekend = sum(CALENDAR.at(offset).weekday() >= 5 for offset, _ in inbound) / len(inbound)
    assert sum(hours[hour] for hour in range(1, 6)) < sum(hours[hour] for hour in range(10, 15)) / 10
    assert weekend < 2 / 7


@pytest.mark.parametrize("seed", [7, 8])
def test_what_a_month_wins_is_near_the_target(seed: int) -> None:
    commission: dict[str, float] = defaultdict(float)
    for event in events_of(seed):
        if event["data"].get("status") == "won":
            commission[event["data"]["closed_at"][:7]] += event["data"]["deal_value"] * 0.06
    whole = ("2026-09", "2026-10")
    assert all(0.7 <= commission[month] / 25_000 <= 1.35 for month in whole)
    assert 0 < commission["2026-11"] <= 1.35 * 25_000


def test_deals_are_open_won_lost_and_abandoned_and_name_where_the_lead_came_from() -> None:
    newest = {data["deal_id"]: data for _, data in of("commission_update")}
    ends = Counter(data["status"] for data in newest.values())
    assert ends["open"] >= 5
    assert min(ends[status] for status in ("won", "lost", "abandoned")) >= 2
    assert len({data["lead_source"] for data in newest.values()}) >= 3


def test_sequences_go_through_every_day_with_failures_and_every_outcome() -> None:
    steps = [data for _, data in of("lead_bot_sequence_update")]
    assert {data["sequence_day"] for data in steps} == {3, 7, 14, 30}
    assert 0.02 < sum(not data["success"] for data in steps) / len(steps) < 0.25
    followed = {data["contact_id"] for data in steps}
    for kind in ("message", "appointment_booked", "opted_out"):
        assert followed & {data["contact_id"] for _, data in of("conversation_event", kind=kind)}


def test_the_promised_steps_are_taken_but_for_a_few() -> None:
    newest = {data["contact_id"]: data for _, data in of("lead_bot_sequence_update")}
    today = CALENDAR.now.date().isoformat()
    due = [data["next_action_date"][:10] for data in newest.values() if data.get("next_action_date")]
    assert sum(date == today for date in due) >= 3
    assert 0 < sum(date < today for date in due) < 10


def test_sellers_stall_drop_out_and_change_their_mind() -> None:
    walks: dict[str, list[Json]] = defaultdict(list)
    for _, data in of("jorge_qualification_progress"):
        walks[data["contact_id"]].append(data)
    reached = Counter(max(data["questions_answered"] for data in walk) for walk in walks.values())
    assert all(reached[answered] for answered in range(5))
    assert any(data["stall_detected"] for walk in walks.values() for data in walk)
    moves = {
        (before["seller_temperature"], after["seller_temperature"])
        for walk in walks.values()
        for before, after in pairwise(walk)
    }
    assert {("cold", "warm"), ("warm", "hot"), ("hot", "warm")} <= moves


def test_the_decoder_has_a_slow_week_and_an_older_model() -> None:
    analyses = of("intent_analysis_complete")
    latency = {
        slow: median(d["processing_time_ms"] for ago, d in analyses if (17 <= ago < 24) is slow)
        for slow in (True, False)
    }
    assert latency[False] < 42 < latency[True]
    assert {data["model_version"] for _, data in analyses} == {"intent-2.3.0", "intent-2.4.1"}
    older, newer = (
        mean(data["confidence_score"] for ago, data in analyses if (ago > 38) is before) for before in (True, False)
    )
    assert older + 0.05 < newer


def test_about_one_analysis_in_twenty_is_labelled_and_most_were_right() -> None:
    analyses = {
        event["id"]: event["data"]["intent_category"]
        for event in events_of(7)
        if event["source"] == "intent-decoder" and event["type"] == "intent_analysis_complete"
    }
    labels = [data for _, data in of("intent_feedback")]
    right = sum(analyses[data["analysis_id"]] == data["actual_category"] for data in labels)
    assert 0.03 < len(labels) / len(analyses) < 0.1
    assert 0.92 < right / len(labels) < 0.99


def test_alerts_are_answered_by_some() -> None:
    alerts = {data["contact_id"] for _, data in of("property_alert")}
    answers = {data["contact_id"] for _, data in of("conversation_event", direction="inbound")}
    assert 0.1 < len(alerts & answers) / len(alerts) < 0.9


def test_components_report_within_fifteen_minutes_but_for_one_silent_gap() -> None:
    reports: dict[str, list[float]] = defaultdict(list)
    for ago, data in of("system_health_update"):
        reports[data["component"]].append(-ago * DAY)
    assert len(reports) == 5
    for moments in reports.values():
        (gap,) = [after - before for before, after in pairwise(moments) if after - before > 15 * 60]
        assert 3 * HOUR <= gap <= 4.5 * HOUR
    assert {data["status"] for _, data in of("system_health_update")} == {"healthy", "degraded", "down", "recovering"}


def test_a_few_of_the_vendors_events_come_late_and_none_after_the_live_day_began() -> None:
    from random import Random

    order = list(delivered(Random(7), iter(timeline(7))))
    assert sorted(order, key=lambda timed: timed[0]) == timeline(7)
    newest, late = float("-inf"), []
    for offset, event in order:
        if offset < newest:
            late.append(event["source"])
            assert newest <= 0
        newest = max(newest, offset)
    assert set(late) == {"ghl", "retell"}
    assert 50 < len(late) < 500


def test_a_day_of_the_offices_zone_is_twenty_three_or_twenty_five_hours_when_the_clock_changes() -> None:
    zero = datetime(2026, 11, 3, 12, 0, tzinfo=ZERO.tzinfo)
    offsets = [offset for offset, event in history(HistoryId(7, zero)) if event["type"] == "contact_update"]
    assert (
        min(offset for offset in offsets if offset > -(DAYS + 1) * DAY)
        >= -timedelta(days=DAYS, hours=13).total_seconds()
    )
