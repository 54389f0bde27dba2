from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jorge_data.events import KINDS
from jorge_data.events.timestamps import micros
from jorge_data.metrics.entities import CENTS, CUBES, SCALE, Fact, Rules, event_facts
from tests.metrics.entities.memory_store import fold_at_once
from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON, LiveLocation


def facts(location: LiveLocation) -> list[Fact]:
    return list(event_facts(location.events[-1], Rules()))


def named(fact: Fact) -> dict[str, str | int]:
    return dict(zip(CUBES[fact.kind].dims, fact.dims, strict=True)) | dict(fact.measures)


def test_every_kind_of_event_has_a_cube_that_ends_with_its_source() -> None:
    assert {kind for kind in KINDS if CUBES[kind].dims[-1:] == ("source",)} == set(KINDS)


def test_a_fact_carries_the_dimensions_as_text_and_the_known_measures_as_integers(location: LiveLocation) -> None:
    location.qualify(stall_detected=True, stall_type="x" * 99, estimated_value=310_000.1, frs_score=None)
    fact, spread = facts(location)
    assert named(fact) == {
        "current_question": "1",
        "questions_answered": "1",
        "seller_temperature": "warm",
        "stall_detected": "true",
        "stall_type": "x" * 64,
        "source": "test",
        "confrontational_effectiveness": 61 * SCALE,
        "estimated_value": 31_000_010 * CENTS // 100,
    }
    assert spread == Fact("effectiveness_spread", micros(NOON), ("1", "60", "test"))


@pytest.mark.parametrize(
    ("ms", "confidence", "within", "above", "bin_"),
    [
        (42, 0.85, SCALE, 0, "0.85"),
        (42.1, 0.8501, 0, SCALE, "0.85"),
        (0, 1.0, SCALE, SCALE, "0.95"),
        (1, 0.35, SCALE, 0, "0.35"),
    ],
)
def test_an_analysis_is_held_against_its_targets(
    location: LiveLocation, ms: float, confidence: float, within: int, above: int, bin_: str
) -> None:
    location.analyse(ms, confidence_score=confidence, ml_features_triggered=[])
    fact, spread = facts(location)
    assert (named(fact)["within_target"], named(fact)["above_target"]) == (within, above)
    assert spread.dims == ("seller", bin_, "test")


def test_each_feature_counts_once_with_the_analysis_confidence(location: LiveLocation) -> None:
    location.analyse(10, confidence_score=0.5, ml_features_triggered=["price", "urgency", "price"])
    assert [fact[2:] for fact in facts(location)[2:]] == [
        (("price", "test"), (("confidence_score", SCALE // 2),)),
        (("urgency", "test"), (("confidence_score", SCALE // 2),)),
    ]


def test_an_analysis_with_features_beyond_reason_counts_a_hundred(location: LiveLocation) -> None:
    location.analyse(10, ml_features_triggered=[f"f{number}" for number in range(500)])
    assert len(facts(location)) == 102


@pytest.mark.parametrize(("score", "bin_"), [(0, "0"), (9.99, "0"), (10, "10"), (99.9, "90"), (100, "90")])
def test_an_alert_stands_in_the_tenth_of_its_score(location: LiveLocation, score: float, bin_: str) -> None:
    alert: dict[str, Any] = {"alert_id": "a", "property_id": "p", "match_score": score, "alert_type": "other"}
    location.publish("property_alert", contact_id="dana", **alert)
    assert facts(location)[0].dims == ("other", bin_, "test")


def test_what_no_bot_can_have_measured_is_counted_but_not_measured(location: LiveLocation) -> None:
    location.bot("lead-bot", "completed", processing_time_ms=1e300)
    assert facts(location) == [Fact("bot_status_update", micros(NOON), ("lead-bot", "completed", "test"))]


def test_zero_is_a_measure_and_missing_is_none(location: LiveLocation) -> None:
    location.step(retell_call_duration_seconds=0.0)
    location.step()
    cells = {
        key.measure: cell
        for key, cell in fold_at_once(location).cells.items()
        if key.grain == "day" and key.kind == "lead_bot_sequence_update"
    }
    assert (cells[""].n, cells["retell_call_duration_seconds"].n) == (2, 1)
    assert (cells["retell_call_duration_seconds"].lo, cells["retell_call_duration_seconds"].hi) == (0, 0)


def test_an_event_counts_in_its_minute_its_quarter_and_the_offices_day(location: LiveLocation) -> None:
    location.bot("lead-bot", "idle", NOON + timedelta(minutes=17, seconds=31))
    store = fold_at_once(location)
    assert store.buckets("bot_status_update", "minute") == [micros(NOON + 17 * MINUTE)]
    assert store.buckets("bot_status_update", "quarter") == [micros(NOON + 15 * MINUTE)]
    assert store.buckets("bot_status_update", "day") == [micros(NOON - 12 * HOUR)]


def test_days_are_the_offices_also_when_they_have_twenty_five_hours(location: LiveLocation) -> None:
    sunday = NOON.replace(month=11, day=1, hour=5)
    for hours in (0, 24.75, 25):
        location.bot("lead-bot", "idle", sunday + hours * HOUR)
    assert fold_at_once(location).buckets("bot_status_update", "day") == [micros(sunday), micros(sunday + 25 * HOUR)]


def test_a_zone_of_half_hours_has_its_midnight_on_a_quarter(location: LiveLocation) -> None:
    location.bot("lead-bot", "idle", NOON.replace(hour=18, minute=29))
    location.bot("lead-bot", "idle", NOON.replace(hour=18, minute=30))
    kolkata = fold_at_once(location, Rules(zone=ZoneInfo("Asia/Kolkata")))
    midnight = NOON.replace(hour=18, minute=30)
    assert kolkata.buckets("bot_status_update", "day") == [micros(midnight - DAY), micros(midnight)]


def test_an_event_of_year_one_is_counted_where_calendars_begin(location: LiveLocation) -> None:
    location.bot("lead-bot", "idle", NOON.replace(year=1))
    assert fold_at_once(location).count("bot_status_update") == 1
