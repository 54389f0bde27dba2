"""How finely the ages of what is under way are asked for."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from jorge_data.dashboard.query.page_query import DAY, PageQuery
from jorge_data.dashboard.query.requests import SeriesRequest, equals
from jorge_data.dashboard.query.responses import SeriesResponse
from jorge_data.dashboard.ui.page_data import PageData
from jorge_data.dashboard.ui.time_in_stage import RECENT, age_requests, read_ages
from jorge_data.events import Cursor

AUSTIN, KATHMANDU = ZoneInfo("America/Chicago"), ZoneInfo("Asia/Kathmandu")
NOW = datetime(2026, 11, 23, 18, 15, tzinfo=UTC)
WHERE = (equals("state", "open"),)


def requests_for(span: timedelta) -> dict[str, SeriesRequest]:
    query = PageQuery("home", NOW - span, NOW, KATHMANDU, AUSTIN, "")
    return age_requests("open", query, "seller_step", "step", WHERE)


@pytest.mark.parametrize("days", [1, 7])
def test_of_a_week_every_quarter_of_an_hour_is_asked(days: int) -> None:
    (request,) = requests_for(timedelta(days=days)).values()
    assert (request.start, request.end, request.step) == (NOW - days * DAY, NOW, "15m")


@pytest.mark.parametrize("days", [9, 30, 365])
def test_of_more_the_last_week_is_asked_by_the_hour_and_what_was_before_by_the_day(days: int) -> None:
    older, newer = requests_for(timedelta(days=days)).values()
    assert (older.step, older.zone) == ("1d", AUSTIN.key), "days are the office's"
    assert (newer.step, newer.zone) == ("1h", KATHMANDU.key)
    assert older.end is not None
    assert (older.start, older.end, newer.end) == (NOW - days * DAY, newer.start, NOW)
    assert NOW - RECENT - DAY < older.end <= NOW - RECENT
    assert older.end.astimezone(AUSTIN).time() == datetime.min.time()


def test_both_answers_make_the_ages_of_a_stage() -> None:
    requests = requests_for(30 * DAY)
    rows = ("2026-11-10T00:00:00-06:00", "Q1", 2, 2), ("2026-11-23T12:00:00-06:00", "Q1", 3, 3)
    frames = [pd.DataFrame([row], columns=["t", "step", "value", "n"]) for row in rows]
    responses = [
        SeriesResponse(Cursor("e", 1), NOW, None, each, frame, True)
        for each, frame in zip(requests.values(), frames, strict=True)
    ]
    page_data = PageData(requests, dict(zip(requests, responses, strict=True)))
    since_midnight = timedelta(days=13, hours=12, minutes=15)
    assert read_ages(page_data, "open", "step") == {"Q1": [(since_midnight.total_seconds(), 2), (900.0, 3)]}
