"""What a page asks about: spans that reruns share, days of the office, and the period before."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from jorge_data.dashboard.query.page_query import ChosenFilter, PageQuery, Scope, days_before, page_query_for, span
from jorge_data.events.timestamps import midnight, moment

OFFICE = ZoneInfo("America/Chicago")
NOW = datetime(2026, 11, 23, 18, 7, 31, tzinfo=UTC)
DAY = timedelta(days=1)


def query_of(
    length: timedelta, rolling: str = "a while", end: datetime = NOW, now: datetime = NOW, zone: ZoneInfo = OFFICE
) -> PageQuery:
    scope = Scope("home", "home", end - length, end, False, 5, False, False, ZoneInfo("Asia/Kolkata"), rolling, True)
    return page_query_for(scope, now, zone)


def local(moment: datetime) -> str:
    return f"{moment.astimezone(OFFICE):%Y-%m-%d %H:%M}"


def test_reruns_within_a_minute_ask_the_same() -> None:
    assert query_of(DAY, now=NOW) == query_of(DAY, now=NOW + timedelta(seconds=20))


def test_what_happens_now_is_within_the_span() -> None:
    query = query_of(timedelta(hours=1))
    assert query.start < NOW <= query.end
    whole_minutes = NOW - query.start, query.end - query.start
    assert all(timedelta(hours=1) <= each <= timedelta(hours=1, minutes=1) for each in whole_minutes)


def test_a_span_of_days_is_whole_days_of_the_office_today_included() -> None:
    query = query_of(7 * DAY)
    assert local(query.start) == "2026-11-17 00:00"
    assert local(query.end) == "2026-11-23 12:15"


def test_a_span_of_days_is_compared_with_the_same_part_of_the_days_before() -> None:
    before = query_of(7 * DAY).before
    assert (local(before.start), local(before.end)) == ("2026-11-10 00:00", "2026-11-16 12:15")


def test_days_are_compared_by_the_clock_across_daylight_saving() -> None:
    now = datetime(2026, 11, 4, 18, tzinfo=UTC)  # the clocks went back on 1 November
    before = query_of(7 * DAY, end=now, now=now).before
    assert (local(before.start), local(before.end)) == ("2026-10-22 00:00", "2026-10-28 12:00")


def days_of(first: date, last: date, now: datetime = datetime(2027, 3, 1, 18, tzinfo=UTC)) -> PageQuery:
    start, end = (moment(midnight(day, OFFICE)) for day in (first, last + DAY))
    return query_of(end - start, rolling="", end=end, now=now)


def test_days_with_one_of_25_hours_are_compared_with_as_many_days_before() -> None:
    before = days_of(date(2026, 11, 1), date(2026, 11, 29)).before
    assert (local(before.start), local(before.end)) == ("2026-10-03 00:00", "2026-11-01 00:00")


@pytest.mark.parametrize(
    ("first", "last", "begins", "says"),
    [
        (date(2026, 10, 1), date(2026, 10, 31), "2026-09-01", "the month before, 1 to 30 Sep"),
        (date(2026, 3, 1), date(2026, 3, 31), "2026-02-01", "the month before, 1 to 28 Feb"),
        (date(2026, 1, 1), date(2026, 1, 31), "2025-12-01", "the month before, 1 to 31 Dec 2025"),
        (date(2026, 7, 1), date(2026, 9, 30), "2026-04-01", "the quarter before, 1 Apr to 30 Jun"),
        (date(2026, 8, 1), date(2026, 10, 31), "2026-05-01", "the 3 months before, 1 May to 31 Jul"),
        (date(2026, 1, 1), date(2026, 12, 31), "2025-01-01", "the year before, 1 Jan to 31 Dec 2025"),
    ],
)
def test_whole_months_are_compared_with_as_many_months_before(first: date, last: date, begins: str, says: str) -> None:
    query = days_of(first, last)
    assert (local(query.before.start), query.before.end) == (f"{begins} 00:00", query.start)
    assert query.sentence.endswith(f", against {says}")
    assert "month" not in days_of(first, last - DAY).before.label


def test_a_month_that_is_not_over_is_compared_with_as_many_days_before() -> None:
    query = days_of(date(2026, 11, 1), date(2026, 11, 30), NOW)
    assert (local(query.before.start), query.before.label) == ("2026-10-09 00:00", "23 d before")


@pytest.mark.parametrize(
    ("name", "first"),  # a day that begins at 01:00, because the clocks skip its first hour
    [
        ("America/Santiago", date(2026, 9, 6)),
        ("Asia/Beirut", date(2026, 3, 29)),
        ("America/Havana", date(2026, 3, 8)),
        ("Africa/Cairo", date(2026, 4, 24)),
    ],
)
def test_a_day_that_begins_at_one_is_a_day_like_others(name: str, first: date) -> None:
    zone = ZoneInfo(name)

    def begins(days: int) -> datetime:
        return moment(midnight(first + days * DAY, zone))

    chosen = query_of(begins(3) - begins(0), "", begins(3), begins(9), zone)
    assert (chosen.start, chosen.end) == (begins(0), begins(3))
    assert (chosen.before.start, chosen.before.end) == (begins(-3), begins(0))
    earlier = query_of(begins(0) - begins(-3), "", begins(0), begins(9), zone)
    assert (earlier.start, earlier.end) == (begins(-3), begins(0))
    assert (earlier.before.start, earlier.before.end) == (begins(-6), begins(-3))


def test_chosen_days_of_which_today_is_one_end_now_and_move_with_it() -> None:
    tomorrow = datetime(2026, 11, 24, 6, tzinfo=UTC)
    query = query_of(3 * DAY, rolling="", end=tomorrow)
    assert (local(query.start), local(query.end)) == ("2026-11-21 00:00", "2026-11-23 12:15")
    assert query_of(3 * DAY, rolling="", end=tomorrow, now=NOW + timedelta(minutes=1)) == query
    later = query_of(3 * DAY, rolling="", end=tomorrow, now=NOW + timedelta(hours=1))
    assert local(later.end) == "2026-11-23 13:15"
    assert later.moving_period == query.moving_period != ""  # so that a stale response can stand in
    assert query_of(3 * DAY, rolling="", end=NOW - DAY).moving_period == ""


def test_a_short_span_is_compared_with_what_came_just_before_it() -> None:
    query = query_of(timedelta(hours=1), "1 h")
    assert (query.before.start, query.before.end) == (query.start - timedelta(hours=1), query.start)


@pytest.mark.parametrize(
    ("first", "last", "label", "before"),
    [
        ((20, 15, 30), (20, 17, 15), "20 Nov 2026, 09:30 to 11:15", ("2026-11-19 09:30", "2026-11-19 11:15")),
        ((15, 6, 1), (20, 6, 0), "15 Nov, 00:01 to 20 Nov 2026, 00:00", ("2026-11-10 00:01", "2026-11-15 00:00")),
    ],
)
def test_minutes_are_asked_as_they_are_and_compared_with_those_of_days_before(
    first: tuple[int, int, int], last: tuple[int, int, int], label: str, before: tuple[str, str]
) -> None:
    start, end = (datetime(2026, 11, *each, tzinfo=UTC) for each in (first, last))
    query = query_of(end - start, rolling="", end=end)
    assert (query.start, query.end, query.label) == (start, end, label)
    assert (local(query.before.start), local(query.before.end)) == before


def test_a_custom_day_is_compared_with_the_day_before() -> None:
    midnight = datetime(2026, 11, 23, 6, tzinfo=UTC)
    query = query_of(NOW - midnight, rolling="")
    assert (query.before.start, query.before.end) == (midnight - DAY, NOW - DAY)


@pytest.mark.parametrize(
    ("rolling", "now", "begins", "before"),
    [
        ("This month", (2026, 11, 23, 18, 7), "2026-11-01 00:00", ("2026-10-01 00:00", "2026-10-23 12:15")),
        ("This quarter", (2026, 11, 23, 18, 7), "2026-10-01 00:00", ("2026-07-01 00:00", "2026-08-23 12:15")),
        ("This quarter", (2026, 1, 1, 7, 0), "2026-01-01 00:00", ("2025-10-01 00:00", "2025-10-01 01:00")),
        ("This month", (2026, 3, 31, 18, 0), "2026-03-01 00:00", ("2026-02-01 00:00", "2026-03-01 00:00")),
    ],
)
def test_this_month_and_quarter_begin_with_the_offices_and_are_compared_with_the_same_days_of_the_last(
    rolling: str, now: tuple[int, ...], begins: str, before: tuple[str, str]
) -> None:
    year, month, day, hour, minute = now
    at = datetime(year, month, day, hour, minute, tzinfo=UTC)
    start, end = span(rolling, at, OFFICE)
    query = query_of(end - start, rolling, at, at)
    assert local(query.start) == begins
    assert (local(query.before.start), local(query.before.end)) == before
    assert query.label == query.during == rolling.lower()
    assert query.before.label == f"same days of last {rolling.removeprefix('This ')}"


def test_this_quarter_is_asked_with_the_same_request_until_its_next_quarter_of_an_hour() -> None:
    first, second = (query_of(30 * DAY, "This quarter", at, at) for at in (NOW, NOW + timedelta(minutes=5)))
    assert first.series("property_alert") == second.series("property_alert")


@pytest.mark.parametrize(
    ("days", "label", "during"),
    [
        (1, "22 Nov 2026", "on 22 Nov 2026"),
        (3, "20 to 22 Nov 2026", "from 20 to 22 Nov 2026"),
        (30, "24 Oct to 22 Nov 2026", "from 24 Oct to 22 Nov 2026"),
        (365, "23 Nov 2025 to 22 Nov 2026", "from 23 Nov 2025 to 22 Nov 2026"),
    ],
)
def test_chosen_days_are_worded_as_short_as_they_can_be(days: int, label: str, during: str) -> None:
    ends = datetime(2026, 11, 23, 6, tzinfo=UTC)
    begins = datetime.combine(date(2026, 11, 23) - days * DAY, datetime.min.time(), OFFICE)
    query = query_of(ends - begins, "", ends)
    assert (query.label, query.during) == (label, during)


@pytest.mark.parametrize(
    ("length", "step"),
    [
        (timedelta(minutes=15), "1m"),
        (timedelta(hours=1), "1m"),
        (DAY, "1h"),
        (7 * DAY, "1d"),
        (90 * DAY, "1d"),
        (500 * DAY, "1w"),
    ],
)
def test_the_step_gives_few_enough_points_to_read(length: timedelta, step: str) -> None:
    assert query_of(length).step == step


def test_days_are_the_offices_and_hours_the_viewers() -> None:
    query = query_of(DAY)
    assert query.series("property_alert", step="1d").zone == "America/Chicago"
    assert query.series("property_alert", step="1h").zone == "Asia/Kolkata"


def filtered_query() -> PageQuery:
    category = ("intent_analysis_complete", "intent_category"), ("intent_label", "predicted")
    urgency = (("intent_analysis_complete", "urgency_level"),)
    chosen = (
        ChosenFilter("category", category, ("buyer", "seller")),
        ChosenFilter("urgency", urgency, ("immediate",)),
        ChosenFilter("model", (), ()),
    )
    return replace(query_of(DAY), filters=chosen)


def test_a_filter_narrows_the_kinds_that_have_its_field_and_no_other() -> None:
    query = filtered_query()
    both = ("intent_category:in:buyer,seller", "urgency_level:in:immediate")
    assert query.series("intent_analysis_complete").where == both
    assert query.rows("intent_label", "right:eq:no").where == ("right:eq:no", "predicted:in:buyer,seller")
    assert query.series("intent_feature").where == ()


def test_a_request_is_told_from_the_filters_that_are_set_and_do_not_narrow_it() -> None:
    query = filtered_query()
    assert query.not_by(query.series("intent_analysis_complete")) == ()
    assert query.not_by(query.before.rows("intent_label", "right:eq:no")) == ("urgency",)
    assert query.not_by(query.series("intent_feature")) == ("category", "urgency")


def test_a_request_that_leaves_a_filters_condition_out_is_not_narrowed_by_it() -> None:
    query = filtered_query()
    without = replace(query.series("intent_analysis_complete"), where=("urgency_level:in:immediate",))
    assert query.not_by(without) == ("category",)


@pytest.mark.parametrize(
    ("length", "rolling", "sentence"),
    [
        (
            90 * DAY,
            "This quarter",
            "This quarter: 1 Oct to 23 Nov, 38 days left, against the same days of last quarter, 1 Jul to 23 Aug",
        ),
        (7 * DAY, "7 d", "Last 7 d: 17 to 23 Nov, against the 7 d before, 10 to 16 Nov"),
        (
            timedelta(hours=1),
            "1 h",
            "Last 1 h: 23 Nov, 11:07 to 12:08, against the 1 h before, 23 Nov, 10:07 to 11:07",
        ),
    ],
)
def test_a_period_says_its_dates_and_with_which_it_is_compared(length: timedelta, rolling: str, sentence: str) -> None:
    assert query_of(length, rolling).sentence == sentence


def test_a_period_says_its_last_day_and_a_year_that_is_another() -> None:
    last = datetime(2026, 12, 31, 18, tzinfo=UTC)
    quarter = query_of(90 * DAY, "This quarter", end=last, now=last)
    assert quarter.sentence.startswith("This quarter: 1 Oct to 31 Dec, the last day, against the ")
    january = datetime(2027, 1, 9, 18, tzinfo=UTC)
    month = query_of(9 * DAY, "This month", end=january, now=january)
    assert month.sentence.endswith(", against the same days of last month, 1 to 9 Dec 2026")
    assert replace(month, compare=False).sentence == "This month: 1 to 9 Jan, 22 days left"


def test_a_day_into_the_next_says_both_moments() -> None:
    assert query_of(DAY, "24 h").dates == "22 Nov, 12:07 to 23 Nov, 12:08"


@pytest.mark.parametrize(
    ("name", "now", "first", "last"),
    [
        ("This month", (2026, 12, 3, 8), date(2026, 11, 1), date(2026, 11, 30)),
        ("This quarter", (2026, 12, 3, 8), date(2026, 7, 1), date(2026, 9, 30)),
        ("This month", (2027, 1, 1, 7), date(2026, 12, 1), date(2026, 12, 31)),
        ("This quarter", (2027, 1, 1, 7), date(2026, 10, 1), date(2026, 12, 31)),
        ("This month", (2027, 1, 1, 5), date(2026, 11, 1), date(2026, 11, 30)),  # the office still has December
    ],
)
def test_the_month_or_quarter_that_is_over_is_whole(
    name: str, now: tuple[int, int, int, int], first: date, last: date
) -> None:
    assert days_before(name, datetime(*now, tzinfo=UTC), OFFICE) == (first, last)
