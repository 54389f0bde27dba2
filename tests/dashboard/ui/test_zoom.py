"""A span dragged along a chart is the page's period, a click on it a time to mark: of days or minutes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from jorge_data.dashboard.query.period_link import CUSTOM, ChosenPeriod
from jorge_data.dashboard.ui.zoom import clicked_moment, dragged_period

AUSTIN = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 25, 18, 30, 20, tzinfo=UTC)


def dragged(start: str, end: str, zone: str = "America/Chicago", **link: str) -> ChosenPeriod | None:
    return dragged_period({"from": start, "to": end, "zone": zone}, "ml", link, NOW, AUSTIN)


def test_a_long_span_is_of_the_days_that_it_covers_most_of() -> None:
    period = dragged("2026-11-02 11:20:31.4", "2026-11-09 13:00")
    assert period == ChosenPeriod(CUSTOM, (date(2026, 11, 2), date(2026, 11, 9)), "ml")
    period = dragged("2026-11-02 13:20", "2026-11-09 11:00")
    assert period == ChosenPeriod(CUSTOM, (date(2026, 11, 3), date(2026, 11, 8)), "ml")


def test_a_short_span_is_of_minutes_by_the_offices_clock_whatever_the_charts() -> None:
    period = dragged("2026-11-23 12:10:31.4", "2026-11-23 13:00:01", "Europe/Berlin")
    assert period == ChosenPeriod(CUSTOM, (datetime(2026, 11, 23, 5, 10), datetime(2026, 11, 23, 6, 1)), "ml")
    period = dragged("2026-11-23 12:10:31", "2026-11-23 12:10:32")
    assert period == ChosenPeriod(CUSTOM, (datetime(2026, 11, 23, 12, 10), datetime(2026, 11, 23, 12, 11)), "ml")


def test_it_ends_now_at_the_latest_and_is_for_every_page_where_the_period_was() -> None:
    period = dragged("2026-11-25 11:00", "2026-11-25 20:00", range="7 d")
    assert period == ChosenPeriod(CUSTOM, (datetime(2026, 11, 25, 11), datetime(2026, 11, 25, 12, 31)))


@pytest.mark.parametrize(
    "sent",
    [
        {},
        None,
        "all",
        {"from": "2026-11-23", "to": "2026-11-24"},
        {"from": "2026-11-23", "to": "2026-11-24", "zone": "Mars"},
        {"from": "yesterday", "to": "2026-11-24", "zone": "UTC"},
        {"from": "2026-11-24", "to": "2026-11-23", "zone": "UTC"},
        {"from": "2026-11-29", "to": "2026-11-30", "zone": "UTC"},
        {"from": "0001-01-01", "to": "9999-12-31", "zone": "Asia/Tokyo"},
    ],
)
def test_what_is_no_period_changes_nothing(sent: Any) -> None:
    assert dragged_period(sent, "ml", {}, NOW, AUSTIN) is None


WEEK, MORNING = timedelta(days=7), timedelta(hours=6)


def clicked(at: str, length: timedelta, zone: str = "America/Chicago") -> datetime | None:
    return clicked_moment({"at": at, "zone": zone, "chart": "trend"}, length)


def test_a_click_on_days_is_the_day_that_begins_nearest_and_on_hours_the_minute() -> None:
    assert clicked("2026-11-23 21:10:31.4", WEEK) == datetime(2026, 11, 24, tzinfo=AUSTIN)
    assert clicked("2026-11-23 03:10", WEEK) == datetime(2026, 11, 23, tzinfo=AUSTIN)
    assert clicked("2026-11-23 21:10:31.4", MORNING) == datetime(2026, 11, 23, 21, 10, tzinfo=AUSTIN)
    assert clicked("2026-11-23 21:10", MORNING, "UTC") == datetime(2026, 11, 23, 21, 10, tzinfo=UTC)


@pytest.mark.parametrize("at", ["", "yesterday", "1999-12-31", "9999-12-31 23:00"])
def test_a_click_that_is_at_no_time_marks_nothing(at: str) -> None:
    assert clicked(at, WEEK) is None
    assert clicked("2026-11-23", WEEK, "Mars") is None
    assert clicked_moment(None, WEEK) is None
