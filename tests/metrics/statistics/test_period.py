"""Periods: whole steps of a zone, also where the clocks change, and the change between two."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from jorge_data.events.timestamps import micros
from jorge_data.metrics.statistics.period import Period, Step, aligned, change, fill, floor
from jorge_data.server.query.time_buckets import time_buckets

AUSTIN = ZoneInfo("America/Chicago")
KATHMANDU = ZoneInfo("Asia/Kathmandu")  # UTC+05:45
SANTIAGO = ZoneInfo("America/Santiago")  # changes its clocks at midnight


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def months(first: int, end: int, step: Step = "1d") -> Period:
    return Period(datetime(2026, first, 1, tzinfo=AUSTIN), datetime(2026, end, 1, tzinfo=AUSTIN), step, AUSTIN)


@pytest.mark.parametrize(
    ("step", "starts"),
    [
        ("1m", "2026-11-23T14:07:00-06:00"),
        ("5m", "2026-11-23T14:05:00-06:00"),
        ("15m", "2026-11-23T14:00:00-06:00"),
        ("30m", "2026-11-23T14:00:00-06:00"),
        ("1h", "2026-11-23T14:00:00-06:00"),
        ("3h", "2026-11-23T12:00:00-06:00"),
        ("1d", "2026-11-23T00:00:00-06:00"),
        ("1w", "2026-11-23T00:00:00-06:00"),
        ("1mo", "2026-11-01T00:00:00-05:00"),
    ],
)
def test_a_step_begins_by_the_clock_of_its_zone(step: Step, starts: str) -> None:
    assert floor(utc("2026-11-23T20:07:31.5"), step, AUSTIN).isoformat() == starts


def test_hours_are_those_of_a_zone_with_odd_minutes() -> None:
    assert floor(utc("2026-11-23T20:07"), "1h", KATHMANDU).isoformat() == "2026-11-24T01:00:00+05:45"


def test_weeks_begin_on_monday() -> None:
    assert floor(utc("2026-11-22T12:00"), "1w", AUSTIN).date().isoformat() == "2026-11-16"


def test_a_period_covers_what_was_asked_in_whole_steps() -> None:
    period = aligned(utc("2026-11-20T17:00"), utc("2026-11-23T17:00"), "1d", AUSTIN)
    assert [f"{day:%d %H}" for day in period.buckets()] == ["20 00", "21 00", "22 00", "23 00"]
    assert aligned(period.start, period.end, "1d", AUSTIN) == period


def test_a_day_is_an_hour_longer_when_the_clocks_go_back() -> None:
    period = aligned(utc("2026-11-01T05:00"), utc("2026-11-02T06:00"), "1h", AUSTIN)
    assert (period.seconds, len(period.buckets())) == (25 * 3600, 25)
    assert [f"{hour:%H%z}" for hour in period.buckets()[:4]] == ["00-0500", "01-0500", "01-0600", "02-0600"]


def test_a_period_may_end_within_the_hour_that_comes_twice() -> None:
    period = aligned(utc("2026-11-01T05:00"), utc("2026-11-01T07:00"), "1h", AUSTIN)
    assert [f"{hour:%H%z}" for hour in period.buckets()] == ["00-0500", "01-0500"]


def test_a_day_is_an_hour_shorter_when_the_clocks_go_forward() -> None:
    period = aligned(utc("2026-03-08T06:00"), utc("2026-03-09T05:00"), "1h", AUSTIN)
    assert (period.seconds, len(period.buckets())) == (23 * 3600, 23)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        ("2026-11-01", "00 02 05 08 11 14 17 20 23"),
        ("2026-03-08", "00 04 07 10 13 16 19 22"),
        ("2026-03-09", "00 03 06 09 12 15 18 21"),
    ],
)
def test_three_hours_are_counted_from_midnight_and_the_last_of_them_are_cut_by_the_next(day: str, hours: str) -> None:
    begins = datetime.fromisoformat(day).replace(tzinfo=AUSTIN)
    period = aligned(begins, begins + timedelta(days=1), "3h", AUSTIN)
    assert [f"{at:%H}" for at in period.buckets()] == hours.split()


@pytest.mark.parametrize("zone", [AUSTIN, KATHMANDU, SANTIAGO, ZoneInfo("Australia/Lord_Howe")])
@pytest.mark.parametrize("step", ["1h", "3h", "1d", "1w"])
def test_steps_are_those_that_the_server_answers_in(step: Step, zone: ZoneInfo) -> None:
    start, end = utc("2026-03-01T00:00"), utc("2026-11-20T00:00")
    begins = [micros(at) for at in aligned(start, end, step, zone).buckets()]
    assert begins == [slot.begins for slot in time_buckets(micros(start), micros(end), step, zone)]


def test_a_day_without_midnight_begins_when_it_can() -> None:
    assert floor(utc("2026-09-06T12:00"), "1d", SANTIAGO).isoformat() == "2026-09-06T01:00:00-03:00"


def answer(*rows: tuple[str, str, float, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["t", "kind", "value", "n"])


DAYS = aligned(utc("2026-10-31T05:00"), utc("2026-11-03T06:00"), "1d", AUSTIN)


def test_what_was_not_counted_is_zero_for_every_split_that_occurs() -> None:
    filled = fill(
        answer(("2026-11-01T00:00:00-05:00", "a", 3, 3), ("2026-11-02T00:00:00-06:00", "b", 1, 1)), DAYS, ["kind"]
    )
    assert filled[filled["kind"] == "a"]["value"].tolist() == [0, 3, 0]
    assert filled[filled["kind"] == "b"]["n"].tolist() == [0, 0, 1]


def test_what_does_not_exist_without_facts_stays_missing() -> None:
    filled = fill(answer(("2026-11-01T00:00:00-05:00", "a", 0.5, 2)).drop(columns="kind"), DAYS, empty=None)
    assert filled["value"].isna().tolist() == [True, False, True]
    assert filled["n"].tolist() == [0, 2, 0]


def test_an_empty_answer_is_filled_too() -> None:
    assert fill(answer().drop(columns="kind"), DAYS)["value"].tolist() == [0, 0, 0]
    assert fill(answer(), DAYS, ["kind"]).empty


def test_filled_hours_keep_the_two_that_the_clock_shows_alike_apart() -> None:
    night = aligned(utc("2026-11-01T06:00"), utc("2026-11-01T08:00"), "1h", AUSTIN)
    both = answer(("2026-11-01T01:00:00-05:00", "a", 1, 1), ("2026-11-01T01:00:00-06:00", "a", 2, 2)).drop(
        columns="kind"
    )
    assert fill(both, night)["value"].tolist() == [1, 2]


def test_a_change_is_relative_to_the_size_of_what_was_before() -> None:
    assert (change(12, 10), change(8, 10), change(-5, -10)) == (0.2, -0.2, 0.5)


def test_a_change_from_nothing_or_of_the_unknown_has_no_share() -> None:
    assert change(3, 0) is change(3, None) is change(None, 3) is None
