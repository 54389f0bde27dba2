from collections.abc import Iterator
from datetime import date, datetime, time

import pytest

from jorge_data.errors import SettingsError
from jorge_data.metrics.formatting import (
    cost,
    money,
    number,
    percent,
    plural,
    portions,
    short_money,
    write_clock,
    write_date,
    write_day,
    write_days,
    write_moment,
    write_month,
    write_weekday,
)
from jorge_data.metrics.office_locale import OfficeLocale, office_locale, write_in
from jorge_data.settings import read_settings

AT = datetime(2026, 11, 24, 14, 7, 9)


@pytest.fixture(autouse=True)
def _house_afterwards() -> Iterator[None]:
    yield
    write_in("")


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("", ["12,834.5", "$148,200", "-$5", "$2.47 M", "18.3 %"]),
        ("en-US", ["12,834.5", "$148,200", "-$5", "$2.47 M", "18.3%"]),
        ("de-DE", ["12.834,5", "148.200\xa0$", "-5\xa0$", "2,47 M\xa0$", "18,3\xa0%"]),
        ("en-IN", ["12,834.5", "$1,48,200", "-$5", "$2.47 M", "18.3%"]),
        ("ar-EG", ["12,834.5", "\u200f148,200\xa0US$", "\u200f-5\xa0US$", "\u200f2.47 M\xa0US$", "18.3%"]),
    ],
)
def test_numbers_money_and_shares_are_written_as_the_office_does(locale: str, written: list[str]) -> None:
    write_in(locale)
    shown = [number(12834.5, 1), money(14_820_000), money(-500), short_money(247_000_000), percent(0.183)]
    assert [each.replace("\u200e", "") for each in shown] == written


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("", ["24 Nov", "Tue 24 Nov", "24 Nov 2026", "Nov", "Nov 2026", "14:07", "14:07:09", "Tue 24 Nov, 14:07"]),
        (
            "en-US",
            [
                "Nov 24",
                "Tue, Nov 24",
                "Nov 24, 2026",
                "Nov",
                "Nov 2026",
                "2:07 PM",
                "2:07:09 PM",
                "Tue, Nov 24, 2:07 PM",
            ],
        ),
        (
            "de-DE",
            [
                "24. Nov.",
                "Di., 24. Nov.",
                "24. Nov. 2026",
                "Nov",
                "Nov. 2026",
                "14:07",
                "14:07:09",
                "Di., 24. Nov., 14:07",
            ],
        ),
    ],
)
def test_dates_and_clocks_are_written_as_the_office_does(locale: str, written: list[str]) -> None:
    write_in(locale)
    dates = [write_day(AT), write_weekday(AT), write_date(AT), write_month(AT), write_month(AT, with_year=True)]
    clocks = [write_clock(AT), write_clock(AT, seconds=True), write_moment(AT, weekday=True)]
    assert [each.replace("\u202f", " ") for each in (*dates, *clocks)] == written


def test_a_span_of_days_names_its_year_where_it_is_another() -> None:
    first, last = date(2026, 10, 1), date(2026, 11, 24)
    assert write_days(first, last, 2026) == "1 Oct to 24 Nov"
    assert write_days(first, last) == "1 Oct to 24 Nov 2026"
    assert write_days(date(2025, 12, 30), last) == "30 Dec 2025 to 24 Nov 2026"
    assert write_days(date(2026, 11, 20), last) == "20 to 24 Nov 2026"
    assert write_days(last, last) == "24 Nov 2026"
    assert write_days(last, last, 2026) == "24 Nov"


def test_a_clock_may_be_a_time_without_a_day_and_a_moment_may_have_its_year() -> None:
    assert write_clock(time(9)) == "09:00"
    assert write_moment(AT, year=True) == "24 Nov 2026, 14:07"


def test_what_is_counted_is_one_or_many() -> None:
    assert [plural(1, "deal"), plural(6, "deal"), plural(2, "reply", "replies")] == ["1 deal", "6 deals", "2 replies"]


def test_parts_of_a_whole_and_small_costs_follow_the_locale_too() -> None:
    write_in("de-DE")
    assert portions([999, 1]) == ["99,9\xa0%", "0,1\xa0%"]
    assert cost(0.0013) == "0,0013\xa0$"


@pytest.mark.parametrize(
    ("locale", "tag", "separators", "day", "hour"),
    [
        ("", "en-US-u-nu-latn", ".,", "%-d %b", "%H:%M"),
        ("en-US", "en-US-u-nu-latn", ".,", "%b %-d", "%-I:%M %p"),
        ("de-DE", "de-DE-u-nu-latn", ",.", "%-d.%-m.", "%H:%M"),
        ("ja-JP", "ja-JP-u-nu-latn", ".,", "%-m/%-d", "%H:%M"),
    ],
)
def test_the_browser_and_charts_write_in_the_same_locale(
    locale: str, tag: str, separators: str, day: str, hour: str
) -> None:
    written_in = OfficeLocale(locale)
    axis = written_in.axis_dates()
    assert (written_in.tag, written_in.separators, axis["day"], axis["hour"]) == (tag, separators, day, hour)


def test_a_locale_that_there_is_not_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(SettingsError, match=r"locale is 'xx-nowhere'.*as in en-US"):
        read_settings(locale="xx-nowhere")
    assert read_settings(locale="de-DE").locale == "de-DE"


def test_a_process_writes_in_one_locale() -> None:
    assert office_locale().is_house
    write_in("fr-FR")
    assert office_locale() == OfficeLocale("fr-FR")
