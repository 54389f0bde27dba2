"""Moments in every usual spelling, and those that are unclear."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jorge_data.vendors.moments import first_moment, read_moment, zone_of

AT = datetime(2026, 11, 30, 20, 5, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-30T20:05:00Z",
        "2026-11-30T14:05:00-06:00",
        "2026-11-30T14:05:00.000-0600",
        "20261130T200500Z",
        "2026-11-30 14:05",
        "11/30/2026 2:05 PM",
        "11/30/26 2:05pm",
        "30.11.2026 14:05",
        "30/11/2026 14:05",
        "Nov 30, 2026 2:05 PM",
        "Monday, November 30th, 2026 | 2:05 pm",
        "Mon, 30 Nov 2026 20:05:00 GMT",
        "Mon Nov 30 2026 14:05:00 GMT-0600 (Central Standard Time)",
        "2026-11-30 14:05 CST",
        "2026-11-30 15:05:00 EST",
        "1796069100",
        "1796069100000",
        "1796069100000000",
        1796069100,
        1796069100.0,
        1796069100000,
        1796069100000000,
    ],
)
def test_a_moment_is_the_same_however_it_is_written(written: Any) -> None:
    assert read_moment(written, CHICAGO) == AT


@pytest.mark.parametrize(
    "written",
    [
        *(None, "", "tomorrow", "12", "May", "10am", "Wednesday", "2026-11", "46356", 46356, True, [1], "2/30/2026"),
        *(
            "9" * 30 + "m",
            10**400,
            "2026-11-30T25:00",
            "2026-11-30 14:05 IST",
            "0000-00-00",
            "9" * 30,
            "x" * 200,
            float("inf"),
            float("nan"),
        ),
    ],
)
def test_what_is_unclear_is_no_moment(written: Any) -> None:
    assert read_moment(written) is None


def test_milliseconds_in_a_text_are_no_day_of_the_year_1768() -> None:
    assert read_moment("1768010112345") == datetime(2026, 1, 10, 1, 55, 12, 345_000, UTC)


def test_the_month_comes_first_as_in_america_but_for_points() -> None:
    assert read_moment("02/03/2026") == datetime(2026, 2, 3, tzinfo=UTC)
    assert read_moment("02.03.2026") == datetime(2026, 3, 2, tzinfo=UTC)


@given(st.text(max_size=40))
def test_any_text_is_a_moment_in_utc_or_none(text: str) -> None:
    moment = read_moment(text)
    assert moment is None or moment.tzinfo is UTC


def test_the_first_field_that_has_one_counts() -> None:
    assert first_moment({"a": "soon", "b": "2026-11-30T20:05:00Z"}, "a", "b", "c") == AT
    assert first_moment({}, "a") is None


@pytest.mark.parametrize("name", [None, "", 7, "Mars/Olympus", "../etc/passwd", "America"])
def test_what_is_no_zone_is_none(name: Any) -> None:
    assert zone_of(name) is None
    names = ("CST", "Central Time (US & Canada)", "GMT-06:00 America/Chicago (CST)", "Central Standard Time")
    assert {zone_of(each) for each in ("America/Chicago", *names)} == {CHICAGO}
    assert zone_of("US/Eastern") == ZoneInfo("US/Eastern")
