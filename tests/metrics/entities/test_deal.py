from datetime import date
from decimal import Decimal
from typing import Any

from jorge_data.metrics.entities import SCALE, CommissionRates, Rules
from tests.metrics.entities.memory_store import MemoryStore, fold_at_once, fold_each
from tests.metrics.live_location import DAY, HOUR, NOON, LiveLocation, make

H = 3600 * SCALE
LATER = Rules(rates=CommissionRates(Decimal("0.06"), ((date(2026, 12, 1), Decimal("0.05")),)))


def test_an_open_deal_counts_from_its_first_day_weighted_by_its_stage(location: LiveLocation) -> None:
    location.deal("elm", 400_000, stage="Prospect", lead_source="zillow", pipeline_id="p1")
    location.deal("elm", 412_500, stage="Under Contract", at=NOON + HOUR)
    assert fold_each(location.events).values("deal_state") == [
        (0, "open", "under_contract", "zillow", "p1", 41_250_000, 2_475_000, 2_227_500)
    ]


def test_7e_a_stage_that_is_spelled_differently_is_one_stage(location: LiveLocation) -> None:
    location.deal("elm", 1_000_000, stage="under_contract")
    location.deal("oak", 300_000, stage="Under Contract")
    location.deal("ash", 500_000, stage="offer")
    location.deal("oak", 300_000, stage="under-contract", at=NOON + HOUR)
    store = fold_each(location.events)
    by_stage: dict[str, int] = {}
    for fact in store.facts("deal_state"):
        by_stage[fact.dims[1]] = by_stage.get(fact.dims[1], 0) + dict(fact.measures)["value"]
    assert by_stage == {"under_contract": 130_000_000, "offer": 50_000_000}
    assert sorted(store.values("deal_stage")) == [
        (0, "offer", "open"),
        (0, "under_contract", "open"),
        (0, "under_contract", "open"),
    ]


def test_a_given_probability_goes_before_the_stages_and_without_either_nothing_is_weighted(
    location: LiveLocation,
) -> None:
    location.deal("elm", 100_000, stage="offer", probability=0.5)
    location.deal("oak", 100_000, stage="somewhere")
    assert sorted(fact.measures for fact in fold_at_once(location).facts("deal_state")) == [
        (("value", 10_000_000), ("commission", 600_000)),
        (("value", 10_000_000), ("commission", 600_000), ("weighted", 300_000)),
    ]


def test_the_rate_of_the_close_date_in_the_office_holds(location: LiveLocation) -> None:
    location.deal("elm", 100_000, "won", closed_at="2026-12-01T05:59:59Z")
    location.deal("oak", 100_000, "won", closed_at="2026-12-01T06:00:00Z")
    location.deal("ash", 100_000, "won", closed_at="2026-12-01")
    location.deal("fir", 100_000)
    deals = {key: facts for (family, key), facts in fold_at_once(location, LATER).current.items() if family == "deal"}
    facts = {key: next(iter(result)).measures for key, result in deals.items()}
    commission = {key: dict(measures)["commission"] for key, measures in facts.items()}
    assert commission == {"elm": 600_000, "oak": 500_000, "ash": 500_000, "fir": 500_000}


def test_cents_are_exact_however_many_are_added(location: LiveLocation) -> None:
    for number in range(1000):
        location.deal(f"deal-{number}", 0.1)
    cells = fold_at_once(location).cells
    [total] = {cell.sum for key, cell in cells.items() if key[:2] == ("deal_state", "value")}
    assert total == 10_000


def test_a_deal_that_closes_leaves_the_open_ones_without_residue(location: LiveLocation) -> None:
    location.deal("elm", 100_000, stage="offer")
    location.deal("elm", 120_000, "won", at=NOON + DAY, closed_at="2026-11-25")
    store = fold_each(location.events)
    [state] = store.values("deal_state")
    assert state[1:3] + state[5:] == ("won", "offer", 12_000_000, 720_000)
    assert {key.dims[0] for key in store.cells if key.kind == "deal_state"} == {"won"}


def test_a_closed_deal_reopened_counts_as_open_again_and_begins_a_stay(location: LiveLocation) -> None:
    location.deal("elm", 100_000, stage="offer")
    location.deal("elm", 100_000, "lost", at=NOON + 2 * HOUR)
    location.deal("elm", 100_000, at=NOON + 5 * HOUR)
    store = fold_each(location.events)
    assert [state[:3] for state in store.values("deal_state")] == [(0, "open", "offer")]
    assert store.values("deal_stage") == [(0, "offer", "done", 2 * H), (300, "offer", "open")]


def test_a_stay_ends_with_the_next_stage_or_the_close(location: LiveLocation) -> None:
    location.deal("elm", 100_000)
    location.deal("elm", 100_000, stage="showing", at=NOON + HOUR)
    location.deal("elm", 100_000, at=NOON + 2 * HOUR)
    location.deal("elm", 100_000, stage="offer", at=NOON + 4 * HOUR)
    location.deal("elm", 100_000, "won", stage="closed", at=NOON + 9 * HOUR)
    assert fold_each(location.events).values("deal_stage") == [
        (60, "showing", "done", 3 * H),
        (240, "offer", "done", 5 * H),
    ]


def test_a_deal_cannot_close_before_it_began(location: LiveLocation) -> None:
    location.deal("elm", 100_000, stage="offer")
    location.deal("elm", 100_000, "won", at=NOON + HOUR, closed_at="2026-11-01")
    assert fold_at_once(location).values("deal_stage") == [(0, "offer", "done", 0)]


def test_the_deals_row_is_its_newest_version_in_dollars(location: LiveLocation) -> None:
    named: dict[str, Any] = {"name": "12 Elm St", "contact_id": "dana", "expected_close": "2026-12-20"}
    location.publish("commission_update", deal_id="elm", deal_value=412_500.5, status="open", stage="offer", **named)
    location.deal("elm", 400_000, stage="showing", at=NOON - HOUR)
    row = fold_each(location.events).rows["deal", "elm"]
    assert (row["name"], row["contact_id"], row["status"], row["stage"]) == ("12 Elm St", "dana", "open", "offer")
    assert (row["value"], row["commission"], row["probability"]) == (412_500.5, 24_750.03, 0.65)
    assert (row["opened_at"], row["stage_since"]) == ("2026-11-23T17:00:00Z", "2026-11-23T18:00:00Z")
    assert (row["expected_close"], row["closed_at"]) == ("2026-12-20", None)


def test_dates_beyond_all_calendars_are_taken_for_the_nearest_believable() -> None:
    closed: dict[str, Any] = {"deal_value": 1.0, "status": "won"}
    elm = make("commission_update", NOON, 1, deal_id="elm", closed_at="9999-12-31", **closed)
    oak = make("commission_update", NOON, 2, deal_id="oak", closed_at="0001-01-01T00:00:00Z", **closed)
    assert MemoryStore().fold([elm, oak]).count("deal_state") == 2


def test_by_status_and_by_deal_a_value_is_the_same_cents(location: LiveLocation) -> None:
    location.deal("elm", 0.125)
    cells = fold_at_once(location).cells.items()
    kinds = ("deal_state", "value"), ("commission_update", "deal_value")
    assert [{cell.sum for key, cell in cells if key[:2] == kind} for kind in kinds] == [{12}, {12}]


def test_a_deal_that_is_there_again_was_never_away_from_its_stage(location: LiveLocation) -> None:
    location.deal("elm", 100_000, stage="offer")
    location.deal("elm", 100_000, "deleted", at=NOON + DAY)
    assert fold_each(location.events).values("deal_stage") == []
    location.deal("elm", 100_000, stage="offer", at=NOON + DAY + HOUR)
    for events in (location.events, location.events[::-1]):
        assert fold_each(events).values("deal_stage") == [(0, "offer", "open")]
