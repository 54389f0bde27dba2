"""Two months that every page can show something of, and the rest of the year."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise, takewhile
from statistics import mean, median
from typing import Any

import pytest

from jorge_data.demo.history import DAYS, YEAR, HistoryId, delivered, earlier, history
from jorge_data.demo.story import DAY, DEAL_KINDS, HOUR, Timed
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


def past(seed: int, zero: datetime = ZERO, days: int = 12) -> list[Timed]:
    return list(takewhile(lambda timed: timed[0] < 0, history(HistoryId(seed, zero), days)))


@cache
def older() -> list[Timed]:
    """Return the older months of seed 7; do not change them."""
    return list(earlier(HistoryId(7, ZERO)))


def test_the_same_id_is_the_same_history() -> None:
    one, other = (past(3) for _ in range(2))
    assert one == other
    assert {event["id"] for _, event in one}.isdisjoint(event["id"] for _, event in past(4))


def test_an_event_id_names_its_history() -> None:
    identifiers = [event["id"] for event in events_of(7)]
    assert len(set(identifiers)) == len(identifiers)
    assert {HistoryId.of(identifier) for identifier in (identifiers[0], identifiers[-1])} == {HistoryId(7, ZERO)}
    assert HistoryId.of("demo-7") is None


def test_every_event_is_admitted_where_it_belongs_and_none_is_after_now() -> None:
    now = CALENDAR.now.astimezone(UTC)
    for offset, event in timeline(7):
        moment = CALENDAR.at(offset)
        assert moment <= now
        assert admit({**event, "time": moment.isoformat()}, Reception(now)).event.locationid == "demo"


def test_it_reaches_back_two_months_and_only_deals_reach_further() -> None:
    further = {event["type"] for offset, event in timeline(7) if offset < -(DAYS + 1) * DAY}
    assert further == set(DEAL_KINDS)
    days = Counter(int(-offset // DAY) for offset, event in timeline(7) if event["type"] == "conversation_event")
    assert all(days[number] for number in range(DAYS))


def test_days_are_busy_and_nights_quiet() -> None:
    inbound = [event for event in timeline(7) if event[0] < 0 and event[1]["data"].get("direction") == "inbound"]
    hours = Counter(CALENDAR.at(offset).hour for offset, _ in inbound)
    weekend = sum(CALENDAR.at(offset).weekday() >= 5 for offset, _ in inbound) / len(inbound)
    assert sum(hours[hour] for hour in range(1, 6)) < sum(hours[hour] for hour in range(10, 15)) / 6
    assert weekend < 2 / 7


@pytest.mark.parametrize("seed", [7, 8])
def test_each_month_of_the_year_wins_two_to_four_deals_worth_about_the_target(seed: int) -> None:
    commission: dict[str, list[float]] = defaultdict(list)
    for event in events_of(seed):
        if event["data"].get("status") == "won":
            commission[event["data"]["closed_at"][:7]].append(event["data"]["deal_value"] * 0.06)
    *whole, present = sorted(commission)
    assert [*whole, present] == ["2025-11", "2025-12", *(f"2026-{month:02}" for month in range(1, 12))]
    assert all(2 <= len(commission[month]) <= 4 for month in whole)
    assert all(0.6 <= sum(commission[month]) / 25_000 <= 1.4 for month in whole)
    assert commission[present]


def test_deals_close_within_sixty_days_and_none_is_expected_later() -> None:
    first: dict[str, float] = {}
    for ago, data in of("commission_update"):
        first.setdefault(data["deal_id"], ago)
        assert data["status"] == "open" or first[data["deal_id"]] - ago <= 60
        if "expected_close" in data:
            expected = datetime.fromisoformat(data["expected_close"]).replace(tzinfo=ZERO.tzinfo)
            assert expected - (ZERO - timedelta(days=ago)) <= timedelta(days=60)


@pytest.mark.parametrize("seed", [7, 8])
def test_some_eighty_sellers_a_month_turn_hot_and_a_few_of_them_have_deals(seed: int) -> None:
    recent = [event for offset, event in timeline(seed) if offset > -30 * DAY]
    hot = {event["data"]["contact_id"] for event in recent if event["data"].get("seller_temperature") == "hot"}
    dealing = {event["data"]["contact_id"] for event in recent if event["type"] == "commission_update"}
    assert 60 <= len(hot) <= 100
    assert 2 <= len(hot & dealing) <= 15


def test_the_first_month_and_the_second_are_alike() -> None:
    """No chart ends in a spike: the last thirty days are held against the thirty before them."""
    for kind in ("conversation_event", "jorge_qualification_progress", "intent_analysis_complete", "property_alert"):
        days = [ago for ago, _ in of(kind)]
        days += [-offset / DAY for offset, event in older() if event["type"] == kind]
        newer, before = (sum(start <= ago < start + 29 for ago in days) for start in (0, 30))
        assert 0.8 <= newer / before <= 1.3, kind


def test_the_rest_of_the_year_grows_into_the_last_two_months() -> None:
    months = Counter(
        CALENDAR.at(offset).strftime("%Y-%m") for offset, event in older() if event["type"] == "conversation_event"
    )
    counts = [months[month] for month in sorted(months)[1:-2]]  # whole ones
    assert len(counts) >= 8
    assert all(0.7 <= after / before <= 1.5 for before, after in pairwise(counts))
    newest = sum(event["type"] == "conversation_event" for offset, event in timeline(7) if -30 * DAY <= offset < 0)
    assert 0.8 <= newest / counts[-1] <= 1.5


def test_the_rest_of_the_year_tells_nothing_twice_but_the_deals() -> None:
    told = {event["id"]: event["type"] for event in events_of(7)}
    again = {told[event["id"]] for _, event in older() if event["id"] in told}
    assert again == set(DEAL_KINDS)
    assert min(offset for offset, _ in older()) >= -(YEAR + 2) * DAY


def test_people_and_their_homes_are_many() -> None:
    made = [data for _, data in of("contact_update") if "lead_source" in data["changed"]]
    assert len({data["name"] for data in made}) > 0.9 * len(made)
    assert len({data["address"] for data in made}) > 0.99 * len(made)
    assert all(data["phone"][5:8] == "555" and data["phone"][8:10] == "01" for data in made)
    assert all(data["email"].partition("@")[2].startswith("example.") for data in made)
    assert all(data["url"].startswith("https://crm.example.com/") for data in made)


def test_agents_call_and_write_by_name_in_their_hours() -> None:
    acts = [(CALENDAR.at(-ago * DAY), data) for ago, data in of("conversation_event", author="agent") if ago > 0]
    assert {data["kind"] for _, data in acts} == {"message", "call_started", "call_ended"}
    assert len({(data["agent_id"], data["agent_name"]) for _, data in acts}) == 4
    assert sum(7 <= moment.hour < 20 for moment, _ in acts) > 0.97 * len(acts)
    lengths = [data["duration_seconds"] for _, data in acts if data["kind"] == "call_ended"]
    assert 0.4 < sum(length > 0 for length in lengths) / len(lengths) < 0.8


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


def _by_name(timed: Timed) -> tuple[float, str]:
    return timed[0], timed[1]["id"]


def test_a_few_of_the_vendors_events_come_late_and_none_after_the_live_day_began() -> None:
    from random import Random

    order = list(delivered(Random(7), iter(timeline(7))))
    assert sorted(order, key=_by_name) == sorted(timeline(7), key=_by_name)
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
    offsets = [offset for offset, event in past(7, zero, DAYS) if event["type"] == "jorge_qualification_progress"]
    assert min(offsets) >= -timedelta(days=DAYS, hours=13).total_seconds()
