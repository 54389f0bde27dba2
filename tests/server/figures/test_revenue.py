from datetime import UTC, datetime

import pytest

from jorge_data.metrics import Targets
from jorge_data.metrics.commission import CommissionRates
from tests.metrics.live_location import DAY, HOUR, NOON
from tests.server.figures.followed_location import FollowedLocation, Following


def test_before_the_first_deal_there_is_no_data(followed: FollowedLocation) -> None:
    assert followed.tile("pipeline")["value"] == followed.tile("won")["value"] == "no data"
    revenue = followed.figures(NOON)["revenue"]
    assert revenue == {
        "pipeline_value": None,
        "commission_pipeline": None,
        "commission_won_month": None,
        "target": 25_000,
        "progress": None,
    }


def test_the_pipeline_is_the_rate_of_all_open_deals(followed: FollowedLocation) -> None:
    followed.deal("elm", 412_500)
    followed.deal("cedar", 2_057_500)
    followed.deal("oak", 999, "lost")
    tile = followed.tile("pipeline")
    assert (tile["value"], followed.note("pipeline")) == ("$148,200", "6 % of $2.47 M")


def test_money_is_added_in_cents(followed: FollowedLocation) -> None:
    for number in range(10):
        followed.deal(f"deal-{number}", 0.1)
    assert followed.figures(NOON)["revenue"]["pipeline_value"] == 1.0


def test_a_deal_counts_once_at_its_newest_value(followed: FollowedLocation) -> None:
    followed.deal("elm", 100_000, at=NOON)
    followed.deal("elm", 200_000, at=NOON + HOUR)
    followed.deal("elm", 300_000, at=NOON - HOUR)
    assert followed.figures(NOON)["revenue"]["pipeline_value"] == 200_000


def test_won_deals_count_in_the_offices_month_of_their_closing(followed: FollowedLocation) -> None:
    followed.deal("elm", 322_500, "won", closed_at="2026-11-01")
    followed.deal("oak", 900_000, "won", closed_at="2026-10-31")
    followed.deal("ash", 900_000, "won", closed_at="2026-12-01T06:00:00Z")
    tile = followed.tile("won")
    assert (tile["value"], followed.note("won"), tile["progress"]) == ("$19,350", "77 % of $25,000", 0.774)


def test_without_a_closing_date_the_event_time_counts(followed: FollowedLocation) -> None:
    last_minute = datetime(2026, 12, 1, 5, 59, tzinfo=UTC)
    followed.deal("elm", 100_000, "won", at=last_minute)
    assert followed.figures(last_minute)["revenue"]["commission_won_month"] == 6_000


def test_a_won_deal_leaves_the_pipeline_and_progress_stops_at_full(followed: FollowedLocation) -> None:
    followed.deal("elm", 1_000_000, at=NOON - HOUR)
    followed.deal("elm", 1_000_000, "won")
    assert followed.tile("pipeline")["value"] == "$0"
    assert (followed.tile("won")["progress"], followed.note("won")) == (1.0, "240 % of $25,000")


@pytest.fixture
def raised(following: Following) -> FollowedLocation:
    """A location whose rate rises from 6 % to 7 % with 15 November."""
    return following(Targets(rates=CommissionRates.parse(0.06, "2026-11-15=0.07")))


def test_a_won_deal_earns_the_rate_of_the_offices_day_on_which_it_closed(raised: FollowedLocation) -> None:
    raised.deal("elm", 100_000, "won", closed_at="2026-11-14")
    raised.deal("oak", 100_000, "won", closed_at="2026-11-15T05:59:59Z")
    raised.deal("ash", 100_000, "won", closed_at="2026-11-15T06:00:00Z")
    assert raised.figures(NOON)["revenue"]["commission_won_month"] == 6_000 + 6_000 + 7_000


def test_an_open_deal_is_reckoned_at_the_newest_rate(raised: FollowedLocation) -> None:
    raised.deal("elm", 100_000, at=NOON - 20 * DAY)
    assert (raised.tile("pipeline")["value"], raised.note("pipeline")) == ("$7,000", "7 % of $100,000")


def test_what_was_folded_is_reckoned_anew_at_the_rates_that_hold(followed: FollowedLocation) -> None:
    followed.deal("elm", 100_000, "won", closed_at="2026-11-20")
    followed.deal("oak", 100_000)
    assert followed.figures()["revenue"]["commission_won_month"] == 6_000
    followed.targets = Targets(rates=CommissionRates.parse(0.05))
    revenue = followed.figures()["revenue"]
    assert (revenue["commission_won_month"], revenue["commission_pipeline"]) == (5_000, 5_000)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01", "9999-12-31"])
def test_a_close_at_the_end_of_all_calendars_stops_nothing(followed: FollowedLocation, moment: str) -> None:
    followed.deal("elm", 100_000, "won", closed_at=moment)
    followed.deal("oak", 200_000)
    assert followed.figures(NOON)["revenue"]["pipeline_value"] == 200_000
