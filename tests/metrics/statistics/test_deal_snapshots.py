"""Deals as they were at a past moment, and the forecasts that would have been made then."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from jorge_data.events.timestamps import micros_of
from jorge_data.metrics import Targets
from jorge_data.metrics.commission import CommissionRates
from jorge_data.metrics.statistics.deal_snapshots import (
    DealState,
    deal_snapshots,
    open_deals,
    open_value,
    past_forecasts,
    reports,
    won,
)
from jorge_data.metrics.statistics.forecast import OpenDeal

AUSTIN = ZoneInfo("America/Chicago")
TARGETS = Targets(zone=AUSTIN, rates=CommissionRates.parse(0.06, "2026-10-15=0.07"))


def report(time: str, deal: str, value: float, status: str = "open", **more: Any) -> dict[str, Any]:
    return {"time": time, "seq": 1, "deal_id": deal, "deal_value": value, "status": status, **more}


REPORTS = reports(
    [
        report("2026-10-20T12:00:00Z", "elm", 120_000, "won", closed_at="2026-10-20"),
        report("2026-09-20T12:00:00Z", "elm", 100_000, stage="Under Contract", expected_close="2026-10-31"),
        report("2026-09-21T12:00:00Z", "oak", 200_000, probability=0.5),
        report("2026-10-02T12:00:00Z", "ash", 300_000, "won"),
    ],
    AUSTIN,
)


def at(day: str) -> int:
    return micros_of(day, AUSTIN)


def test_a_deal_stands_as_it_was_last_reported_before_the_moment() -> None:
    assert {name: deal.status for name, deal in deal_snapshots(REPORTS, at("2026-10-01")).items()} == {
        "elm": "open",
        "oak": "open",
    }
    assert deal_snapshots(REPORTS, at("2026-11-01"))["elm"].value == 120_000_00


def test_of_two_reports_of_one_moment_the_later_in_the_log_holds() -> None:
    moment = "2026-10-20T12:00:00Z"
    ordered = reports([report(moment, "elm", 2, seq=9), report(moment, "elm", 1, seq=8)], AUSTIN)
    assert deal_snapshots(ordered, at("2026-11-01"))["elm"].value == 2_00


def test_a_report_without_a_stage_leaves_the_deal_where_it_was() -> None:
    first = report("2026-09-20T12:00:00Z", "elm", 1, stage="offer", expected_close="2026-10-31")
    deals = deal_snapshots(reports([first, report("2026-09-21T12:00:00Z", "elm", 2)], AUSTIN), at("2026-11-01"))
    assert deals["elm"][3:7] == (2_00, "offer", None, date(2026, 10, 31))


def test_open_deals_have_the_probability_given_or_of_their_stage_and_the_newest_rate() -> None:
    deals = open_deals(deal_snapshots(REPORTS, at("2026-10-01")), TARGETS)
    assert deals == [OpenDeal(7_000_00, 0.9, date(2026, 10, 31)), OpenDeal(14_000_00, 0.5, None)]


def test_what_was_won_is_at_the_rate_of_its_day_and_without_a_day_at_that_of_the_report() -> None:
    deals = deal_snapshots(REPORTS, at("2026-11-01"))
    assert won(deals, at("2026-10-01"), at("2026-11-01"), TARGETS) == 8_400_00 + 18_000_00


def test_a_past_month_is_forecast_from_what_was_known_on_its_first_morning() -> None:
    ((made, actual),) = past_forecasts(REPORTS, [date(2026, 8, 1), date(2026, 10, 1)], TARGETS)
    assert (made.last, made.won, made.weighted) == (date(2026, 10, 31), 0, 6_300_00 + 7_000_00)
    assert actual == 26_400_00


def test_what_the_open_deals_of_a_book_are_worth_is_in_cents() -> None:
    result = open_value(deal_snapshots(REPORTS, at("2026-10-01")), TARGETS)
    assert result == DealState(300_000_00, 21_000_00, 6_300_00 + 7_000_00)
    assert open_value({}, TARGETS) == DealState(0, 0, None)
