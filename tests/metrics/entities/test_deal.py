from datetime import date
from decimal import Decimal
from typing import Any

from jorge_data.metrics.entities import SCALE, CommissionRates, Rules
from tests.metrics.entities.ledger import Ledger, fold_each, fold_office
from tests.metrics.wall.live_office import DAY, HOUR, NOON, Office, make

H = 3600 * SCALE
LATER = Rules(rates=CommissionRates(Decimal("0.06"), ((date(2026, 12, 1), Decimal("0.05")),)))


def test_an_open_deal_counts_from_its_first_day_weighted_by_its_stage(office: Office) -> None:
    office.deal("elm", 400_000, stage="Prospect", lead_source="zillow", pipeline_id="p1")
    office.deal("elm", 412_500, stage="Under Contract", at=NOON + HOUR)
    assert fold_each(office.events).told("deal_state") == [
        (0, "open", "Under Contract", "zillow", "p1", 41_250_000, 2_475_000, 2_227_500)
    ]


def test_a_given_probability_goes_before_the_stages_and_without_either_nothing_is_weighted(office: Office) -> None:
    office.deal("elm", 100_000, stage="offer", probability=0.5)
    office.deal("oak", 100_000, stage="somewhere")
    assert sorted(fact.measures for fact in fold_office(office).facts("deal_state")) == [
        (("value", 10_000_000), ("commission", 600_000)),
        (("value", 10_000_000), ("commission", 600_000), ("weighted", 300_000)),
    ]


def test_the_rate_of_the_close_date_in_the_office_holds(office: Office) -> None:
    office.deal("elm", 100_000, "won", closed_at="2026-12-01T05:59:59Z")
    office.deal("oak", 100_000, "won", closed_at="2026-12-01T06:00:00Z")
    office.deal("ash", 100_000, "won", closed_at="2026-12-01")
    office.deal("fir", 100_000)
    facts = {key: next(iter(found)).measures for (_, key), found in fold_office(office, LATER).current.items()}
    commission = {key: dict(measures)["commission"] for key, measures in facts.items()}
    assert commission == {"elm": 600_000, "oak": 500_000, "ash": 500_000, "fir": 500_000}


def test_cents_are_exact_however_many_are_added(office: Office) -> None:
    for number in range(1000):
        office.deal(f"deal-{number}", 0.1)
    cells = fold_office(office).cells
    [total] = {cell.sum for key, cell in cells.items() if key[:2] == ("deal_state", "value")}
    assert total == 10_000


def test_a_deal_that_closes_leaves_the_open_ones_without_residue(office: Office) -> None:
    office.deal("elm", 100_000, stage="offer")
    office.deal("elm", 120_000, "won", at=NOON + DAY, closed_at="2026-11-25")
    ledger = fold_each(office.events)
    [state] = ledger.told("deal_state")
    assert state[1:3] + state[5:] == ("won", "offer", 12_000_000, 720_000)
    assert {key.dims[0] for key in ledger.cells if key.kind == "deal_state"} == {"won"}


def test_a_closed_deal_reopened_counts_as_open_again_and_begins_a_stay(office: Office) -> None:
    office.deal("elm", 100_000, stage="offer")
    office.deal("elm", 100_000, "lost", at=NOON + 2 * HOUR)
    office.deal("elm", 100_000, at=NOON + 5 * HOUR)
    ledger = fold_each(office.events)
    assert [state[:3] for state in ledger.told("deal_state")] == [(0, "open", "offer")]
    assert ledger.told("deal_stage") == [(0, "offer", "done", 2 * H), (300, "offer", "open")]


def test_a_stay_ends_with_the_next_stage_or_the_close(office: Office) -> None:
    office.deal("elm", 100_000)
    office.deal("elm", 100_000, stage="showing", at=NOON + HOUR)
    office.deal("elm", 100_000, at=NOON + 2 * HOUR)
    office.deal("elm", 100_000, stage="offer", at=NOON + 4 * HOUR)
    office.deal("elm", 100_000, "won", stage="closed", at=NOON + 9 * HOUR)
    assert fold_each(office.events).told("deal_stage") == [
        (60, "showing", "done", 3 * H),
        (240, "offer", "done", 5 * H),
    ]


def test_a_deal_cannot_close_before_it_began(office: Office) -> None:
    office.deal("elm", 100_000, stage="offer")
    office.deal("elm", 100_000, "won", at=NOON + HOUR, closed_at="2026-11-01")
    assert fold_office(office).told("deal_stage") == [(0, "offer", "done", 0)]


def test_the_deals_row_is_its_newest_version_in_dollars(office: Office) -> None:
    named: dict[str, Any] = {"name": "12 Elm St", "contact_id": "dana", "expected_close": "2026-12-20"}
    office.hear("commission_update", deal_id="elm", deal_value=412_500.5, status="open", stage="offer", **named)
    office.deal("elm", 400_000, stage="showing", at=NOON - HOUR)
    row = fold_each(office.events).rows["deal", "elm"]
    assert (row["name"], row["contact_id"], row["status"], row["stage"]) == ("12 Elm St", "dana", "open", "offer")
    assert (row["value"], row["commission"], row["probability"]) == (412_500.5, 24_750.03, 0.65)
    assert (row["opened_at"], row["stage_since"]) == ("2026-11-23T17:00:00Z", "2026-11-23T18:00:00Z")
    assert (row["expected_close"], row["closed_at"]) == ("2026-12-20", None)


def test_dates_beyond_all_calendars_are_taken_for_the_nearest_believable() -> None:
    closed: dict[str, Any] = {"deal_value": 1.0, "status": "won"}
    elm = make("commission_update", NOON, 1, deal_id="elm", closed_at="9999-12-31", **closed)
    oak = make("commission_update", NOON, 2, deal_id="oak", closed_at="0001-01-01T00:00:00Z", **closed)
    assert Ledger().fold([elm, oak]).count("deal_state") == 2
