"""The period in a link: read for a page, refused in a sentence, carried along, and replaced by what is chosen."""

from datetime import date, datetime
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest

from jorge_data.dashboard.query.period_link import (
    CUSTOM,
    ChosenPeriod,
    WrongPeriod,
    carried_periods,
    moments_of,
    read_period,
    replaced_by,
)

TODAY = date(2026, 11, 23)
DAYS = (date(2026, 11, 1), date(2026, 11, 3))
CUSTOM_LINK = "range=Custom&from=2026-11-01&to=2026-11-03"
MINUTES = (datetime(2026, 11, 23, 9, 30), datetime(2026, 11, 23, 11, 15))
MINUTES_LINK = "range=Custom&from=2026-11-23T09:30&to=2026-11-23T11:15"


def link(text: str) -> dict[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True))


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("", None),
        ("location=austin", None),
        ("range=", None),
        ("range=7 d", ChosenPeriod("7 d")),
        ("range=This month", ChosenPeriod("This month")),
        ("range_ml=1 h", ChosenPeriod("1 h", page="ml")),
        ("range_ml=1 h&range=7 d", ChosenPeriod("1 h", page="ml")),
        ("range_system=1 h", None),
        ("range_system=1 h&range=7 d", ChosenPeriod("7 d")),
        (CUSTOM_LINK, ChosenPeriod(CUSTOM, DAYS)),
        ("from=2026-11-01&to=2026-11-03", ChosenPeriod(CUSTOM, DAYS)),
        ("range_ml=Custom&from_ml=2026-11-01&to_ml=2026-11-03", ChosenPeriod(CUSTOM, DAYS, "ml")),
        ("range=Custom&from=2026-11-23&to=2026-11-23", ChosenPeriod(CUSTOM, (TODAY, TODAY))),
        (MINUTES_LINK, ChosenPeriod(CUSTOM, MINUTES)),
        ("from=2026-11-23T09:30&to=2026-11-23", ChosenPeriod(CUSTOM, (MINUTES[0], TODAY))),
        ("from=2026-11-23T09:30&to=2026-11-24T00:00", ChosenPeriod(CUSTOM, (MINUTES[0], datetime(2026, 11, 24)))),
    ],
)
def test_a_link_names_a_period_for_all_pages_or_for_one(text: str, period: ChosenPeriod | None) -> None:
    assert read_period(link(text), "ml", TODAY) == period


DAYS_ALLOWED = "allowed are days such as 2026-11-23 and minutes such as 2026-11-23T09:30, from 2000-01-01 to today"
NAMES_ALLOWED = "allowed are 15 m, 1 h, 24 h, 7 d, 30 d, 90 d, This month, This quarter and Custom"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("range=foo", f"range is 'foo': {NAMES_ALLOWED}"),
        ("range_ml=7d", f"range_ml is '7d': {NAMES_ALLOWED}"),
        (f"range={'x' * 90}", f"range is '{'x' * 40}': {NAMES_ALLOWED}"),
        ("range=Custom", f"from is missing: {DAYS_ALLOWED}"),
        ("range=Custom&from=2026-11-01", f"to is missing: {DAYS_ALLOWED}"),
        ("from=2026-13-01&to=2026-11-03", f"from is '2026-13-01', which is no day and no minute: {DAYS_ALLOWED}"),
        ("from=2026-02-30&to=2026-11-03", f"from is '2026-02-30', which is no day and no minute: {DAYS_ALLOWED}"),
        ("from=20261101&to=2026-11-03", f"from is '20261101', which is no day and no minute: {DAYS_ALLOWED}"),
        ("from=&to=2026-11-03", f"from is '', which is no day and no minute: {DAYS_ALLOWED}"),
        ("from=2026-11-01&to=2026-11-24", f"to is '2026-11-24', in the future: {DAYS_ALLOWED}"),
        ("from=0001-01-01&to=2026-11-03", f"from is '0001-01-01', too early: {DAYS_ALLOWED}"),
        (
            "from=2026-11-01T9:30&to=2026-11-03",
            f"from is '2026-11-01T9:30', which is no day and no minute: {DAYS_ALLOWED}",
        ),
        (
            "from=2026-11-01T25:00&to=2026-11-03",
            f"from is '2026-11-01T25:00', which is no day and no minute: {DAYS_ALLOWED}",
        ),
        ("from=2026-11-01&to=2026-11-24T00:01", f"to is '2026-11-24T00:01', in the future: {DAYS_ALLOWED}"),
        (
            "from=2026-11-03T10:00&to=2026-11-03T10:00",
            "to is 2026-11-03T10:00, before from: allowed are days from 2026-11-03T10:00 to today",
        ),
        ("from=2026-11-03&to=2026-11-01", "to is 2026-11-01, before from: allowed are days from 2026-11-03 to today"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_is_allowed(text: str, sentence: str) -> None:
    with pytest.raises(WrongPeriod) as refusal:
        read_period(link(text), "ml", TODAY)
    assert str(refusal.value) == sentence


def test_every_period_goes_along_and_nothing_that_cannot_be_read() -> None:
    text = f"{CUSTOM_LINK}&range_ml=1 h&range_revenue=foo&from_system=2026-11-01&range_nopage=7 d&drill=x"
    assert carried_periods(link(text), ("ml", "revenue", "system"), TODAY) == link(f"{CUSTOM_LINK}&range_ml=1 h")


@pytest.mark.parametrize(
    ("period", "left"),
    [
        (ChosenPeriod("7 d"), {"location"}),
        (None, {"location"}),
        (ChosenPeriod("7 d", page="ml"), {"location", "range_system"}),
    ],
)
def test_a_chosen_period_takes_the_place_of_those_that_it_contradicts(
    period: ChosenPeriod | None, left: set[str]
) -> None:
    link_before = {"location", "range", "from", "to", "range_ml", "from_ml", "range_system"}
    assert link_before - replaced_by(period, link_before) == left


@pytest.mark.parametrize("page", ["", "ml"])
@pytest.mark.parametrize(("name", "days"), [("24 h", None), ("This quarter", None), (CUSTOM, DAYS), (CUSTOM, MINUTES)])
def test_what_is_written_is_read_again(name: str, days: tuple[date, date] | None, page: str) -> None:
    period = ChosenPeriod(name, days, page)
    assert read_period(period.parameters, "ml", TODAY) == period


def test_days_begin_at_the_offices_midnight_and_minutes_when_its_clock_shows_them() -> None:
    office = ZoneInfo("America/Chicago")
    assert [f"{at:%d %H:%M}" for at in moments_of(MINUTES, office)] == ["23 15:30", "23 17:15"]
    assert [f"{at:%d %H:%M}" for at in moments_of(DAYS, office)] == ["01 05:00", "04 06:00"]
    assert [f"{at:%d %H:%M}" for at in moments_of((MINUTES[0], TODAY), office)] == ["23 15:30", "24 06:00"]
