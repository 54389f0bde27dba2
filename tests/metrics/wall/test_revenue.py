from datetime import UTC, datetime

import pytest

from jorge_data.metrics import LiveState, Targets, dashboard
from jorge_data.metrics.commission import CommissionRates
from tests.metrics.wall.live_office import DAY, HOUR, NOON, Office


def test_before_the_first_deal_there_is_no_data(office: Office) -> None:
    assert office.tile("pipeline")["value"] == office.tile("won")["value"] == "no data"
    revenue = dashboard(office.state, NOON)["revenue"]
    assert revenue == {
        "pipeline_value": None,
        "commission_pipeline": None,
        "commission_won_month": None,
        "target": 25_000,
        "progress": None,
    }


def test_the_pipeline_is_the_rate_of_all_open_deals(office: Office) -> None:
    office.deal("elm", 412_500)
    office.deal("cedar", 2_057_500)
    office.deal("oak", 999, "lost")
    tile = office.tile("pipeline")
    assert (tile["value"], office.note("pipeline")) == ("$148,200", "6 % of $2.47 M")


def test_money_is_added_in_cents(office: Office) -> None:
    for number in range(10):
        office.deal(f"deal-{number}", 0.1)
    assert dashboard(office.state, NOON)["revenue"]["pipeline_value"] == 1.0


def test_a_deal_counts_once_at_its_newest_value(office: Office) -> None:
    office.deal("elm", 100_000, at=NOON)
    office.deal("elm", 200_000, at=NOON + HOUR)
    office.deal("elm", 300_000, at=NOON - HOUR)
    assert dashboard(office.state, NOON)["revenue"]["pipeline_value"] == 200_000


def test_won_deals_count_in_the_offices_month_of_their_closing(office: Office) -> None:
    office.deal("elm", 322_500, "won", closed_at="2026-11-01")
    office.deal("oak", 900_000, "won", closed_at="2026-10-31")
    office.deal("ash", 900_000, "won", closed_at="2026-12-01T06:00:00Z")
    tile = office.tile("won")
    assert (tile["value"], office.note("won"), tile["progress"]) == ("$19,350", "77 % of $25,000", 0.774)


def test_without_a_closing_date_the_event_time_counts(office: Office) -> None:
    last_minute = datetime(2026, 12, 1, 5, 59, tzinfo=UTC)
    office.deal("elm", 100_000, "won", at=last_minute)
    assert dashboard(office.state, last_minute)["revenue"]["commission_won_month"] == 6_000


def test_a_won_deal_leaves_the_pipeline_and_progress_stops_at_full(office: Office) -> None:
    office.deal("elm", 1_000_000, at=NOON - HOUR)
    office.deal("elm", 1_000_000, "won")
    assert office.tile("pipeline")["value"] == "$0"
    assert (office.tile("won")["progress"], office.note("won")) == (1.0, "240 % of $25,000")


def test_closed_deals_are_dropped_after_a_hundred_days_and_open_ones_stay(office: Office) -> None:
    office.deal("elm", 100_000, "won")
    office.deal("oak", 100_000)
    office.report("redis", "healthy", NOON + 101 * DAY)
    assert set(office.state.dump()["revenue"]) == {"oak"}


@pytest.fixture
def raised() -> Office:
    """An office whose rate rises from 6 % to 7 % with 15 November."""
    return Office(Targets(rates=CommissionRates.parse(0.06, "2026-11-15=0.07")))


def test_a_won_deal_earns_the_rate_of_the_offices_day_on_which_it_closed(raised: Office) -> None:
    raised.deal("elm", 100_000, "won", closed_at="2026-11-14")
    raised.deal("oak", 100_000, "won", closed_at="2026-11-15T05:59:59Z")
    raised.deal("ash", 100_000, "won", closed_at="2026-11-15T06:00:00Z")
    assert dashboard(raised.state, NOON)["revenue"]["commission_won_month"] == 6_000 + 6_000 + 7_000


def test_an_open_deal_is_reckoned_at_the_newest_rate(raised: Office) -> None:
    raised.deal("elm", 100_000, at=NOON - 20 * DAY)
    assert (raised.tile("pipeline")["value"], raised.note("pipeline")) == ("$7,000", "7 % of $100,000")


def test_a_checkpoint_is_reckoned_anew_at_the_rates_that_hold(office: Office) -> None:
    office.deal("elm", 100_000, "won", closed_at="2026-11-20")
    office.deal("oak", 100_000)
    later = LiveState.load(office.state.dump(), Targets(rates=CommissionRates.parse(0.05)))
    revenue = dashboard(later, NOON)["revenue"]
    assert (revenue["commission_won_month"], revenue["commission_pipeline"]) == (5_000, 5_000)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01", "9999-12-31"])
def test_a_close_at_the_end_of_all_calendars_stops_nothing(office: Office, moment: str) -> None:
    office.deal("elm", 100_000, "won", closed_at=moment)
    office.deal("oak", 200_000)
    assert dashboard(office.state, NOON)["revenue"]["pipeline_value"] == 200_000
