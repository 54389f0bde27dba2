from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from jorge_data.events.timestamps import micros
from jorge_data.metrics.office_hours import OfficeHours
from jorge_data.metrics.rules import Rules

CHICAGO = ZoneInfo("America/Chicago")
HOURS = "Mon-Fri 8:00-12:00, mon-fri 13:00-18:00, Sat 9:30-14:00"


def is_open(hours: OfficeHours, text: str) -> bool:
    return hours.are_open(micros(datetime.fromisoformat(text).replace(tzinfo=CHICAGO).astimezone(UTC)), CHICAGO)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-30T08:00", True),  # a Monday
        ("2026-11-30T07:59:59.999999", False),
        ("2026-11-30T12:00", False),
        ("2026-11-30T13:00", True),
        ("2026-11-30T17:59:59.999999", True),
        ("2026-11-30T18:00", False),
        ("2026-12-05T09:29", False),  # a Saturday
        ("2026-12-05T09:30", True),
        ("2026-12-06T12:00", False),
        ("2026-11-26T10:00", False),  # a holiday
        ("2026-12-25T10:00", False),
        ("2026-12-28T10:00", True),
    ],
)
def test_the_office_is_open_by_its_own_clock_and_not_on_holidays(at: str, expected: bool) -> None:
    hours = OfficeHours.parse(HOURS, "2026-11-26, 2026-12-24/2026-12-26")
    assert is_open(hours, at) is expected


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    hours = OfficeHours.parse("Sun 1:00-2:00")
    moments = [datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (5, 6, 7, 8)]
    assert [hours.are_open(micros(at), CHICAGO) for at in moments] == [False, True, True, False]


def test_without_hours_it_is_open_but_for_its_holidays() -> None:
    hours = OfficeHours.parse("", "2026-12-25")
    assert is_open(hours, "2026-12-06T03:00")
    assert not is_open(hours, "2026-12-25T12:00")


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ("", "at any hour"),
        ("Mon-Fri 8:00-18:00,Sat 9:00-14:00", "Mon to Fri 8:00 to 18:00, Sat 9:00 to 14:00"),
        ("Mon 8:00-12:00,Mon 13:00-17:30,Wed 8:00-12:00", "Mon 8:00 to 12:00 and 13:00 to 17:30, Wed 8:00 to 12:00"),
        ("Sat-Mon 0:00-24:00", "Mon 0:00 to 24:00, Sat to Sun 0:00 to 24:00"),
    ],
)
def test_hours_are_said_in_words(hours: str, words: str) -> None:
    assert OfficeHours.parse(hours).words() == words


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ("9:00-18:00", "'9:00-18:00' is no day with its hours"),
        ("Moo 9:00-18:00", "'Moo 9:00-18:00' is no day with its hours"),
        ("Mon 18:00-9:00", "'Mon 18:00-9:00' does not open before it closes, both from 0:00 to 24:00"),
        ("Mon 9:00-25:00", "'Mon 9:00-25:00' does not open before it closes, both from 0:00 to 24:00"),
        ("Mon 9:61-18:00", "'Mon 9:61-18:00' does not open before it closes, both from 0:00 to 24:00"),
        ("Mon-Wed 9:00-18:00,Tue 12:00-13:00", "'Tue 12:00-13:00' overlaps other hours of Tue"),
    ],
)
def test_wrong_hours_are_named_with_what_is_allowed(hours: str, said: str) -> None:
    with pytest.raises(ValueError, match="; allowed: days and their hours") as refused:
        OfficeHours.parse(hours)
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    ("holidays", "said"),
    [
        ("Christmas", "'Christmas' is no date"),
        ("2026-12-26/2026-12-24", "'2026-12-26/2026-12-24' is no span of 1 to 366 days"),
        ("2026-01-01/2027-06-01", "'2026-01-01/2027-06-01' is no span of 1 to 366 days"),
    ],
)
def test_a_wrong_holiday_is_named_with_what_is_allowed(holidays: str, said: str) -> None:
    with pytest.raises(ValueError, match="; allowed: dates and spans of dates") as refused:
        OfficeHours.parse("", holidays)
    assert str(refused.value).startswith(said)


def test_other_hours_or_holidays_count_the_history_anew() -> None:
    versions = {
        Rules(hours=OfficeHours.parse(*each)).version
        for each in [("", ""), ("Mon 8:00-9:00", ""), ("", "2026-12-25"), ("", "2026-12-24,2026-12-25")]
    }
    assert len(versions) == 4
    assert Rules(hours=OfficeHours.parse("", "2026-12-25,2026-12-24")).version in versions
