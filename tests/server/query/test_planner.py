"""The plan: every moment of a span is covered once, by rows that lie within it."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jorge_data.events.timestamps import DAY, HOUR, MINUTE, QUARTER, micros, moment
from jorge_data.server.query.planner import cover
from jorge_data.server.query.time_buckets import AFTER_ALL, BEFORE_ALL, STEPS, time_buckets

OFFICES = [ZoneInfo(name) for name in ("America/Chicago", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")]
YEAR = micros(datetime(2025, 1, 1, tzinfo=UTC))
moments = st.integers(YEAR, YEAR + 400 * DAY)
lengths = st.one_of(st.integers(1, 3 * QUARTER), st.integers(1, 3 * DAY), st.integers(1, 90 * DAY))


@given(moments, lengths, st.sampled_from(OFFICES), moments)
def test_a_span_is_covered_once_and_exactly(start: int, length: int, office: ZoneInfo, minutes_from: int) -> None:
    minutes_from -= minutes_from % QUARTER
    pieces = list(cover(start, start + length, office, minutes_from))
    assert pieces[0].start == start
    assert pieces[-1].end == start + length
    assert all(before.end == after.start for before, after in pairwise(pieces))
    for piece in pieces:
        assert piece.start < piece.end
        if piece.grain == "minute":
            assert piece.start % MINUTE == piece.end % MINUTE == 0
            assert piece.start >= minutes_from
        if piece.grain == "quarter":
            assert piece.start % QUARTER == piece.end % QUARTER == 0
        if piece.grain == "hour":
            assert piece.start % HOUR == piece.end % HOUR == 0
        if piece.grain == "day":
            for edge in (piece.start, piece.end):
                assert moment(edge).astimezone(office).time().isoformat() == "00:00:00"


@given(moments, lengths, st.sampled_from(OFFICES))
def test_only_edges_shorter_than_a_minute_are_read_from_events(start: int, length: int, office: ZoneInfo) -> None:
    beside = [piece for piece in cover(start, start + length, office, 0) if piece.grain is None]
    assert all(piece.end - piece.start < 2 * MINUTE for piece in beside)
    assert len(beside) <= 2


def test_the_largest_grains_that_fit_are_read() -> None:
    def at(hour: int, minute: int, second: int = 0) -> int:
        return micros(datetime(2025, 3, 3, hour, minute, second, tzinfo=UTC))

    assert list(cover(at(12, 40, 30), at(15, 15), OFFICES[0], 0)) == [
        (None, at(12, 40, 30), at(12, 41)),
        ("minute", at(12, 41), at(12, 45)),
        ("quarter", at(12, 45), at(13, 0)),
        ("hour", at(13, 0), at(15, 0)),
        ("quarter", at(15, 0), at(15, 15)),
    ]
    kathmandu = time_buckets(at(13, 0), at(15, 0), "1h", OFFICES[1])[1]
    grains = [piece.grain for piece in cover(kathmandu.start, kathmandu.end, OFFICES[1], 0)]
    assert grains == ["quarter"]


def test_an_open_span_is_whole_days() -> None:
    assert list(cover(BEFORE_ALL, AFTER_ALL, OFFICES[0], 0)) == [("day", BEFORE_ALL, AFTER_ALL)]


@given(moments, st.integers(1, 5 * DAY), st.sampled_from([s for s in STEPS if s != "1m"]), st.sampled_from(OFFICES))
def test_steps_cut_a_span_without_a_gap(start: int, length: int, step: str, zone: ZoneInfo) -> None:
    cuts = time_buckets(start, start + length, step, zone)
    assert (cuts[0].start, cuts[-1].end) == (start, start + length)
    assert all(before.end == after.start for before, after in pairwise(cuts))
    assert all(cut.begins is None or cut.begins <= cut.start < cut.end for cut in cuts)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/Chicago", datetime(2025, 3, 9), 23),
        ("America/Chicago", datetime(2025, 11, 2), 25),
        ("Asia/Kathmandu", datetime(2025, 11, 2), 24),
    ],
)
def test_a_day_has_the_hours_that_its_zone_gives_it(zone: str, day: datetime, hours: int) -> None:
    office = ZoneInfo(zone)
    start, end = (micros(day.replace(day=number, tzinfo=office)) for number in (day.day, day.day + 1))
    assert len(time_buckets(start, end, "1d", office)) == 1
    assert len(time_buckets(start, end, "1h", office)) == hours
    assert len(time_buckets(start, end, "3h", office)) == -(-hours // 3)
