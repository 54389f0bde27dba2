from datetime import UTC, datetime

import pytest

from jorge_data.metrics import LiveState, Targets, dashboard
from jorge_data.metrics.commission import CommissionRates
from tests.metrics.live_location import DAY, HOUR, NOON, LiveLocation


def test_before_the_first_deal_there_is_no_data(location: LiveLocation) -> None:
    assert location.tile("pipeline")["value"] == location.tile("won")["value"] == "no data"
    revenue = dashboard(location.state, NOON)["revenue"]
    assert revenue == {
        "pipeline_value": None,
        "commission_pipeline": None,
        "commission_won_month": None,
        "target": 25_000,
        "progress": None,
    }


def test_the_pipeline_is_the_rate_of_all_open_deals(location: LiveLocation) -> None:
    location.deal("elm", 412_500)
    location.deal("cedar", 2_057_500)
    location.deal("oak", 999, "lost")
    tile = location.tile("pipeline")
    assert (tile["value"], location.note("pipeline")) == ("$148,200", "6 % of $2.47 M")


def test_money_is_added_in_cents(location: LiveLocation) -> None:
    for number in range(10):
        location.deal(f"deal-{number}", 0.1)
    assert dashboard(location.state, NOON)["revenue"]["pipeline_value"] == 1.0


def test_a_deal_counts_once_at_its_newest_value(location: LiveLocation) -> None:
    location.deal("elm", 100_000, at=NOON)
    location.deal("elm", 200_000, at=NOON + HOUR)
    location.deal("elm", 300_000, at=NOON - HOUR)
    assert dashboard(location.state, NOON)["revenue"]["pipeline_value"] == 200_000


def test_won_deals_count_in_the_offices_month_of_their_closing(location: LiveLocation) -> None:
    location.deal("elm", 322_500, "won", closed_at="2026-11-01")
    location.deal("oak", 900_000, "won", closed_at="2026-10-31")
    location.deal("ash", 900_000, "won", closed_at="2026-12-01T06:00:00Z")
    tile = location.tile("won")
    assert (tile["value"], location.note("won"), tile["progress"]) == ("$19,350", "77 % of $25,000", 0.774)


def test_without_a_closing_date_the_event_time_counts(location: LiveLocation) -> None:
    last_minute = datetime(2026, 12, 1, 5, 59, tzinfo=UTC)
    location.deal("elm", 100_000, "won", at=last_minute)
    assert dashboard(location.state, last_minute)["revenue"]["commission_won_month"] == 6_000


def test_a_won_deal_leaves_the_pipeline_and_progress_stops_at_full(location: LiveLocation) -> None:
    location.deal("elm", 1_000_000, at=NOON - HOUR)
    location.deal("elm", 1_000_000, "won")
    assert location.tile("pipeline")["value"] == "$0"
    assert (location.tile("won")["progress"], location.note("won")) == (1.0, "240 % of $25,000")


def test_closed_deals_are_dropped_after_a_hundred_days_and_open_ones_stay(location: LiveLocation) -> None:
    location.deal("elm", 100_000, "won")
    location.deal("oak", 100_000)
    location.report("redis", "healthy", NOON + 101 * DAY)
    assert set(location.state.dump()["revenue"]) == {"oak"}


@pytest.fixture
def raised() -> LiveLocation:
    """A location whose rate rises from 6 % to 7 % with 15 November."""
    return LiveLocation(Targets(rates=CommissionRates.parse(0.06, "2026-11-15=0.07")))


def test_a_won_deal_earns_the_rate_of_the_offices_day_on_which_it_closed(raised: LiveLocation) -> None:
    raised.deal("elm", 100_000, "won", closed_at="2026-11-14")
    raised.deal("oak", 100_000, "won", closed_at="2026-11-15T05:59:59Z")
    raised.deal("ash", 100_000, "won", closed_at="2026-11-15T06:00:00Z")
    assert dashboard(raised.state, NOON)["revenue"]["commission_won_month"] == 6_000 + 6_000 + 7_000


def test_an_open_deal_is_reckoned_at_the_newest_rate(raised: LiveLocation) -> None:
    raised.deal("elm", 100_000, at=NOON - 20 * DAY)
    assert (raised.tile("pipeline")["value"], raised.note("pipeline")) == ("$7,000", "7 % of $100,000")


def test_a_checkpoint_is_reckoned_anew_at_the_rates_that_hold(location: LiveLocation) -> None:
    location.deal("elm", 100_000, "won", closed_at="2026-11-20")
    location.deal("oak", 100_000)
    later = LiveState.load(location.state.dump(), Targets(rates=CommissionRates.parse(0.05)))
    revenue = dashboard(later, NOON)["revenue"]
    assert (revenue["commission_won_month"], revenue["commission_pipeline"]) == (5_000, 5_000)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01", "9999-12-31"])
def test_a_close_at_the_end_of_all_calendars_stops_nothing(location: LiveLocation, moment: str) -> None:
    location.deal("elm", 100_000, "won", closed_at=moment)
    location.deal("oak", 200_000)
    assert dashboard(location.state, NOON)["revenue"]["pipeline_value"] == 200_000
