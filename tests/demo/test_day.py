import json
from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice, pairwise

from jorge_data.demo import day
from jorge_data.demo.story import Timed
from jorge_data.events import KINDS, Reception, admit
from tests.demo.conftest import until

RECEPTION = Reception(datetime(2026, 11, 23, 22, 0, tzinfo=UTC))


def fingerprint(events: list[Timed]) -> str:
    return sha256(json.dumps(events).encode()).hexdigest()


def test_the_same_seed_gives_the_same_day() -> None:
    assert fingerprint(until(2, 7)) == fingerprint(until(2, 7))


def test_another_seed_gives_another_day() -> None:
    assert fingerprint(until(1, 7)) != fingerprint(until(1, 8))


def test_the_anchor_is_all_that_tells_two_plays_of_a_seed_apart() -> None:
    one, other = (json.dumps(list(islice(day(7, anchor=anchor), 2000))) for anchor in ("one-play", "other-play"))
    assert one != other
    assert one.replace("one-play", "other-play") == other


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
    assert {event["type"] for _, event in ten_hours} == set(KINDS) - {"attention_update"}


def test_each_minute_brings_thirty_to_sixty_events(ten_hours: list[Timed]) -> None:
    minutes = Counter(int(offset // 60) for offset, _ in ten_hours if offset >= 0)
    assert min(minutes[number] for number in range(600)) >= 30
    assert max(minutes.values()) <= 65
    assert 35 <= sum(minutes.values()) / 600 <= 50


def test_a_bot_takes_a_step_every_two_or_three_seconds(ten_hours: list[Timed]) -> None:
    steps = [offset for offset, event in ten_hours if event["type"] == "bot_status_update"]
    gaps = sorted(after - before for before, after in pairwise(steps))
    assert gaps[len(gaps) // 2] <= 3
    assert gaps[len(gaps) * 99 // 100] <= 3.5
    assert gaps[-1] <= 8


def test_the_decoder_is_fast_with_rare_spikes_and_mostly_sure(ten_hours: list[Timed]) -> None:
    analyses = [event["data"] for _, event in ten_hours if event["type"] == "intent_analysis_complete"]
    within = sum(each["processing_time_ms"] <= 42 for each in analyses) / len(analyses)
    sure = sum(each["confidence_score"] > 0.85 for each in analyses) / len(analyses)
    assert 0.95 <= within < 1
    assert 0.75 <= sure < 1
