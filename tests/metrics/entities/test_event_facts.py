from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jorge_data.events import KINDS
from jorge_data.events.timestamps import micros
from jorge_data.metrics.entities import CENTS, CUBES, PICODOLLARS, SCALE, Fact, Rules, event_facts
from jorge_data.metrics.entities.event_facts import scaled
from tests.metrics.entities.memory_store import fold_at_once
from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON, LiveLocation


def facts(location: LiveLocation) -> list[Fact]:
    return list(event_facts(location.events[-1], Rules()))


def named(fact: Fact) -> dict[str, str | int]:
    return dict(zip(CUBES[fact.kind].dims, fact.dims, strict=True)) | dict(fact.measures)


COSTLY = {kind for kind, fields in KINDS.items() if "cost_usd" in fields.__annotations__}
"""The kinds that tell what they cost."""


def test_every_kind_of_event_has_a_cube_that_ends_with_its_source_and_its_script() -> None:
    ends = {kind: CUBES[kind].dims[CUBES[kind].dims.index("source") :] for kind in KINDS}
    assert ends == {kind: ("source", "script_version") if kind in COSTLY else ("source",) for kind in KINDS}


def test_a_cost_counts_exactly_with_its_tokens_and_its_script(location: LiveLocation) -> None:
    for cost in ("0.000125", 0.000125, "1000.000000000001"):
        location.bot("lead-bot", "completed", cost_usd=cost, tokens_in=1200, tokens_out=80, script_version="2026-11")
    told = [named(next(event_facts(event, Rules()))) for event in location.events]
    assert [each.pop("cost_usd", None) for each in told] == [125_000_000, 125_000_000, None]  # the last: beyond LARGEST
    rest = {"bot_type": "lead-bot", "status": "completed", "source": "test", "script_version": "2026-11"}
    assert told == [{**rest, "tokens_in": 1200 * SCALE, "tokens_out": 80 * SCALE}] * 3


@given(st.integers(0, 10**15))
def test_every_cost_that_can_be_written_is_read_to_its_last_digit(picodollars: int) -> None:
    text = f"{picodollars // PICODOLLARS}.{picodollars % PICODOLLARS:012}"
    assert scaled(text, PICODOLLARS) == picodollars


def test_costs_add_up_to_the_same_in_any_order(location: LiveLocation) -> None:
    for cost in (0.1, "0.2", 0.3, "0.000000000001", 7):
        location.bot("lead-bot", "completed", cost_usd=cost)
    location.bot("lead-bot", "completed")
    sums = []
    for events in (location.events, location.events[::-1]):
        location.events = events
        cells = fold_at_once(location).cells
        (cell,) = (cells[key] for key in cells if key.grain == "day" and key.measure == "cost_usd")
        sums.append((cell.n, cell.sum))
    assert sums == [(5, 7_600_000_000_001)] * 2


@pytest.mark.parametrize("told", ["free", "-1", "1e-3", -1, True, {"usd": 1}, "1.2.3", ".5", ""])
def test_what_was_told_before_the_contract_had_costs_is_none_where_it_is_no_amount(
    location: LiveLocation, told: object
) -> None:
    location.bot("lead-bot", "completed")
    old = location.events[-1]
    (fact,) = event_facts(old._replace(data=old.data | {"cost_usd": told, "tokens_in": "many"}), Rules())
    assert fact.measures == ()


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
        "script_version": "",
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
    assert facts(location)[0].dims == ("other", bin_, "test", "")


def test_what_no_bot_can_have_measured_is_counted_but_not_measured(location: LiveLocation) -> None:
    location.bot("lead-bot", "completed", processing_time_ms=1e300)
    assert facts(location) == [Fact("bot_status_update", micros(NOON), ("lead-bot", "completed", "test", ""))]


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
