"""A source that is silent against its own rhythm."""

from zoneinfo import ZoneInfo

from jorge_data.events.timestamps import DAY, HOUR, micros
from jorge_data.metrics.alerts.evaluation import Episode
from jorge_data.metrics.alerts.silence import silences, spans_of, unheard_hours
from tests.metrics.live_location import NOON

ZONE = ZoneInfo("America/Chicago")
START = micros(NOON) // DAY * DAY - 70 * DAY
HOURS = [START + HOUR * number for number in range(24 * 70)]


def working(per_hour: int) -> dict[int, int]:
    """Return a source that works from 14 to 22 h UTC each day, so often in an hour."""
    return {hour: per_hour for hour in HOURS if 14 <= hour // HOUR % 24 < 22}


def day(number: int, hour: int = 0) -> int:
    return START + number * DAY + hour * HOUR


def test_nights_are_no_silence() -> None:
    assert list(silences("bot", working(20), HOURS, (), ZONE)) == []


def test_a_busy_source_is_missed_within_the_hour_and_until_it_is_heard_again() -> None:
    counts = working(20)
    for hour in (16, 17, 18):
        del counts[day(60, hour)]
    assert list(silences("bot", counts, HOURS, (), ZONE)) == [Episode("bot", day(60, 17), day(60, 20))]


def test_a_source_of_few_words_is_missed_later() -> None:
    counts = {hour: n for hour, n in working(3).items() if not day(60, 15) <= hour < day(61, 16)}
    # 3 an hour are missing from 15 to 19 h: ten are after the fourth hour.
    assert list(silences("bot", counts, HOURS, (), ZONE)) == [Episode("bot", day(60, 19), day(61, 17))]


def test_what_began_not_long_ago_has_no_rhythm_yet() -> None:
    counts = {hour: 20 for hour in working(20) if hour < day(9)}
    assert list(silences("bot", counts, HOURS[: 24 * 14], (), ZONE)) == []


def test_an_hour_in_which_nothing_at_all_was_heard_is_claimed_of_no_single_source() -> None:
    all_counts = working(20)
    deaf = [day(60, hour) for hour in range(15, 20)]
    for hour in deaf:
        del all_counts[hour]
    unheard = unheard_hours(all_counts, HOURS, ZONE)
    assert unheard == frozenset(deaf)
    assert list(silences("bot", all_counts, HOURS, unheard, ZONE)) == []
    assert list(silences("", all_counts, HOURS, (), ZONE)) == [Episode("", day(60, 16), day(60, 21))]


def test_a_week_that_was_not_heard_is_no_part_of_the_rhythm() -> None:
    counts = working(20)
    for hour in range(14, 22):
        del counts[day(53, hour)]
    unheard = unheard_hours(counts, HOURS, ZONE)
    del counts[day(60, 16)]
    assert list(silences("bot", counts, HOURS, unheard, ZONE)) == [Episode("bot", day(60, 17), day(60, 18))]


def test_a_silence_that_goes_on_has_no_end_yet() -> None:
    counts = {hour: n for hour, n in working(20).items() if hour < day(60, 16)}
    assert list(silences("bot", counts, HOURS[: 24 * 61], (), ZONE)) == [Episode("bot", day(60, 17))]


def test_each_hour_is_judged_by_what_was_known_then() -> None:
    counts = working(20)
    for hour in range(14, 22):
        del counts[day(60, hour)]
    whole = list(silences("bot", counts, HOURS, (), ZONE))
    for cut in range(24 * 59, 24 * 62):
        then = {hour: n for hour, n in counts.items() if hour < HOURS[cut]}
        known = list(silences("bot", then, HOURS[:cut], (), ZONE))
        assert known == [
            each._replace(ended=each.ended if each.ended and each.ended <= HOURS[cut] else None)
            for each in whole
            if each.began <= HOURS[cut]
        ]


def test_hours_that_follow_one_another_are_one_span() -> None:
    assert spans_of({2 * HOUR, 0, HOUR, 5 * HOUR}) == [(0, 3 * HOUR), (5 * HOUR, 6 * HOUR)]


def test_a_source_that_never_spoke_is_not_missed() -> None:
    assert list(silences("bot", {}, HOURS, (), ZONE)) == []
    assert unheard_hours({}, HOURS, ZONE) == frozenset()
