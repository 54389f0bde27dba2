"""The live day: at the rate of the days before it, and with somebody at work whenever one looks."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice, pairwise, takewhile

import pytest

from jorge_data.demo import day
from jorge_data.demo.calendar import Calendar
from jorge_data.demo.day import days
from jorge_data.demo.history import HistoryId
from jorge_data.demo.story import DAY, HOUR, MINUTE, Timed
from jorge_data.events import KINDS, Reception, admit
from tests.demo.conftest import AUSTIN, CALENDAR, timeline, until

RECEPTION = Reception(datetime(2026, 11, 23, 22, 0, tzinfo=UTC) + timedelta(days=1))
OF_THE_OFFICE = ("annotation", "alert_update")
"""Kinds that no bot publishes."""


def fingerprint(events: list[Timed]) -> str:
    return sha256(json.dumps(events).encode()).hexdigest()


def test_the_same_seed_gives_the_same_day() -> None:
    one, other = (list(islice(day(7), 2000)) for _ in range(2))
    assert fingerprint(one) == fingerprint(other)


def test_another_seed_gives_another_day() -> None:
    assert fingerprint(list(islice(day(7), 200))) != fingerprint(list(islice(day(8), 200)))


def test_the_live_day_begins_at_its_zero() -> None:
    assert 0 <= next(day(7))[0] < HOUR


def test_every_event_is_admitted(ten_hours: list[Timed]) -> None:
    for _, event in ten_hours:
        admit(event, RECEPTION)


def test_every_event_is_the_demo_locations(ten_hours: list[Timed]) -> None:
    assert {event["locationid"] for _, event in ten_hours} == {"demo"}
    sources = {"jorge-seller", "lead-bot", "intent-decoder", "ghl", "retell", "health-probe"}
    assert {event["source"] for _, event in ten_hours} == sources


def test_ids_are_unique_and_time_never_runs_back(ten_hours: list[Timed]) -> None:
    assert len({event["id"] for _, event in ten_hours}) == len(ten_hours)
    assert all(before[0] <= after[0] for before, after in pairwise(ten_hours))


def test_every_kind_that_bots_publish_occurs(ten_hours: list[Timed]) -> None:
    assert {event["type"] for _, event in ten_hours} == KINDS.keys() - set(OF_THE_OFFICE)


def sellers_a_day(events: list[Timed]) -> Counter[int]:
    """Return how many sellers came on each day, counted from the live hour's end."""
    first: dict[str, float] = {}
    for offset, event in events:
        if event["type"] == "jorge_qualification_progress":
            first.setdefault(event["data"]["contact_id"], offset)
    return Counter(int((offset - CALENDAR.past_s) // DAY) for offset in first.values())


@pytest.mark.parametrize("seed", [7, 8])
def test_a_live_day_brings_no_more_sellers_and_messages_than_a_busy_day_before_it(seed: int) -> None:
    stream = days(HistoryId(seed, CALENDAR.zero), CALENDAR, back=15)
    events = list(takewhile(lambda timed: timed[0] < CALENDAR.past_s + DAY, stream))
    came = sellers_a_day(events)
    assert (
        0.6 * max(came[-number] for number in range(2, 15))
        <= came[0]
        <= 1.5 * max(came[-number] for number in range(2, 15))
    )
    said = Counter(
        int((offset - CALENDAR.past_s) // DAY) for offset, event in events if event["type"] == "conversation_event"
    )
    assert said[0] <= 1.3 * max(said[-number] for number in range(2, 15))


@pytest.mark.parametrize("hour", [4, 14])
def test_whoever_looks_finds_the_bots_at_work_by_day_and_by_night(hour: int) -> None:
    calendar = Calendar(datetime(2026, 11, 23, hour, 0, tzinfo=AUSTIN))
    stream = days(HistoryId(7, calendar.zero), calendar, back=2)
    events = [timed for timed in takewhile(lambda timed: timed[0] < 4 * HOUR, stream) if timed[0] >= 0]
    steps = [offset for offset, event in events if event["type"] == "bot_status_update"]
    assert max(after - before for before, after in pairwise(steps)) < 4 * MINUTE
    for begin in range(4):
        authors = Counter(
            event["data"].get("author") for offset, event in events if begin * HOUR <= offset < (begin + 1) * HOUR
        )
        assert authors["contact"] >= 2
        assert authors["bot"] >= 2


def test_somebody_begins_to_write_within_the_first_minutes() -> None:
    came = [
        offset - CALENDAR.past_s
        for offset, event in timeline(7) + until(2, 7)
        if event["type"] == "contact_update" and "lead_source" in event["data"]["changed"]
    ]
    assert any(-10 * MINUTE < offset < 0 for offset in came)
    assert any(0 <= offset < 2 * MINUTE for offset in came)


def test_the_decoder_is_fast_with_rare_spikes_and_mostly_sure(ten_hours: list[Timed]) -> None:
    analyses = [event["data"] for _, event in ten_hours if event["type"] == "intent_analysis_complete"]
    within = sum(each["processing_time_ms"] <= 42 for each in analyses) / len(analyses)
    sure = sum(each["confidence_score"] > 0.85 for each in analyses) / len(analyses)
    assert 0.95 <= within < 1
    assert 0.75 <= sure < 1
