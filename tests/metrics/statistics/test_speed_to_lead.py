from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jorge_data.metrics.statistics.speed_to_lead import (
    Wait,
    curve,
    group,
    groups,
    in_ten,
    share_within,
    slow_headline,
    slow_times,
    wait_of,
    week,
)
from tests.reconciliation.exact_statistics import median, survival

_numbers = count()
M = 60.0


def heard(minutes: float, hour: str = "Mon 08", agent: str = "amara") -> Wait:
    return Wait(f"c{next(_numbers)}", 0, "heard", minutes * M, agent, hour=hour)


def waiting(minutes: float, hour: str = "Mon 08", agent: str = "") -> Wait:
    return Wait(f"c{next(_numbers)}", 0, "waiting", minutes * M, agent, hour=hour)


def test_who_still_waits_counts_for_as_long_as_she_has_waited() -> None:
    waits = [heard(2), heard(4), waiting(5), heard(10), waiting(60)]
    shown = curve(waits)
    assert (shown.n, shown.done, shown.median) == (5, 3, 10 * M)
    assert [share_within(shown, minutes * M) for minutes in (1, 2, 4, 9.9)] == pytest.approx([0, 0.2, 0.4, 0.4])
    assert share_within(shown, 10 * M) == pytest.approx(0.7)
    assert share_within(curve([]), 60) is None


@given(
    done=st.lists(st.integers(0, 50), max_size=30),
    open_=st.lists(st.integers(0, 50), max_size=30),
    within=st.integers(0, 60),
)
def test_the_share_within_a_time_is_that_of_exact_fractions(done: list[int], open_: list[int], within: int) -> None:
    waits = [*map(heard, done), *map(waiting, open_)]
    steps = [share for time, share in survival(done, open_) if time <= within]
    if waits:
        assert share_within(curve(waits), within * M) == pytest.approx(float(1 - steps[-1]) if steps else 0.0)
    expected = median(done, open_)
    assert curve(waits).median == (None if expected is None else expected * M)


def test_who_opted_out_waits_no_more_and_has_not_heard() -> None:
    left = Wait("c", 0, "out", 3 * M)
    part = group("all", [heard(1), heard(9), left, waiting(20)])
    assert (part.n, part.waiting) == (4, 1)
    assert part.median == 9 * M


def test_an_age_is_counted_from_turning_hot_to_now_and_never_below_nothing() -> None:
    assert wait_of("c", 1_000_000, "waiting", None, 61_000_000, "", "", "Mon 08", True).seconds == 60
    assert wait_of("c", 1_000_000, "waiting", None, 0, "", "", "Mon 08", True).seconds == 0
    assert wait_of("c", 1_000_000, "heard", 5.0, 61_000_000, "", "", "Mon 08", True).seconds == 5


def test_of_fewer_than_three_there_is_no_figure() -> None:
    assert group("few", [heard(1), waiting(2)])[1:] == (2, 1, 2, None, None, None, None)
    enough = group("enough", [heard(1), heard(2), heard(30)])
    assert (enough.n, enough.waiting, enough.median, enough.ninety) == (3, 0, 2 * M, 30 * M)
    assert (enough.soon, enough.later) == pytest.approx((2 / 3, 2 / 3))


def test_the_shares_within_minutes_are_of_those_who_turned_hot_in_office_hours() -> None:
    at_night = [heard(600)._replace(in_hours=False) for _ in range(9)]
    part = group("amara", [heard(4), heard(9), heard(20), *at_night])
    assert (part.n, part.in_hours, part.median) == (12, 3, 600 * M)
    assert (part.soon, part.later) == pytest.approx((1 / 3, 2 / 3))
    assert group("by night", at_night)[-2:] == (None, None)


def test_agents_are_ranked_by_their_median_with_too_few_after_those_and_nobody_last() -> None:
    waits = [
        *(heard(9, agent="tom") for _ in range(12)),
        *(heard(6, agent="amara") for _ in range(12)),
        *(heard(1, agent="lucia") for _ in range(11)),
        *(waiting(5, agent="idle") for _ in range(12)),
        *(waiting(5) for _ in range(20)),
    ]
    ranked = groups(waits, lambda wait: wait.agent)
    assert [part.name for part in ranked] == ["amara", "tom", "idle", "lucia", ""]
    assert [part.is_ranked for part in ranked] == [True, True, True, False, True]


def test_the_week_is_counted_by_day_and_by_two_hours() -> None:
    waits = [heard(5, "Sun 19"), heard(7, "Mon 08"), heard(8, "Mon 09"), heard(9, "Mon 09"), heard(1, "Mon 10")]
    assert [(part.day, part.slot, part.waits.n, part.waits.median) for part in week(waits)] == [
        ("Mon", 8, 3, 8 * M),
        ("Mon", 10, 1, None),
        ("Sun", 18, 1, None),
    ]


def test_evenings_and_days_that_are_slow_beyond_chance_are_found() -> None:
    waits = [
        heard(minutes, f"{day} {hour}") for minutes in [*range(5, 15)] * 6 for day in ("Mon", "Tue") for hour in ("08",)
    ]
    waits += [heard(minutes, "Mon 20") for minutes in range(40, 65)]
    waits += [heard(minutes, "Tue 22") for minutes in range(40, 65)]
    waits += [heard(minutes, "Sun 09") for minutes in range(31, 56)]
    waits += [heard(minutes % 10 + 5, "Wed 12") for minutes in range(80)]
    found = slow_times(waits)
    assert [words for words, _ in found] == ["after 20:00", "on Sundays"]
    assert slow_headline(found, "plain") == "After 20:00 and on Sundays, half wait longer than 30 minutes"


def test_hours_in_the_middle_of_the_day_are_named_by_themselves() -> None:
    waits = [heard(minutes % 10 + 5, f"{day} 16") for minutes in range(40) for day in ("Mon", "Thu")]
    waits += [heard(60 + minutes % 10, f"{day} 12") for minutes in range(15) for day in ("Mon", "Thu")]
    found = slow_times(waits)
    assert [words for words, _ in found] == ["from 12 to 14 h"]
    assert slow_headline(found, "plain") == "From 12 to 14 h, half wait longer than an hour"


def test_hours_that_follow_one_another_are_named_as_one() -> None:
    waits = [heard(minutes % 10 + 5, f"{day} 08") for minutes in range(60) for day in ("Mon", "Thu")]
    waits += [heard(minutes % 10 + 5, f"{day} 20") for minutes in range(60) for day in ("Mon", "Thu")]
    waits += [
        heard(60 + minutes % 10, f"{day} {at}") for minutes in range(12) for day in ("Mon", "Thu") for at in (12, 14)
    ]
    found = slow_times(waits)
    assert [words for words, _ in found] == ["from 12 to 16 h"]
    assert found[0][1] == median([wait.seconds for wait in waits if wait.seconds >= 60 * M], [])


def test_nothing_is_claimed_of_few_or_of_what_chance_makes() -> None:
    alike = [heard(5 + number % 7, f"{day} 10") for number in range(25) for day in ("Mon", "Sun")]
    assert slow_times(alike) == []
    few = [*alike, *(heard(90, "Sat 21") for _ in range(19))]
    assert slow_times(few) == []
    nobody = [waiting(5) for _ in range(40)]
    assert slow_times(nobody) == []


@pytest.mark.parametrize(
    ("slow", "headline"),
    [
        ([], "plain"),
        ([("on Sundays", None)], "plain"),
        ([("on Sundays", 200.0)], "plain"),
        (
            [("after 18:00", 1300.0), ("on Saturdays", None)],
            "After 18:00 and on Saturdays, half wait longer than 20 minutes",
        ),
        ([("on Mondays", 9000.0)], "On Mondays, half wait longer than 2 hours"),
        (
            [("on Mondays", 700.0), ("on Fridays", 900.0), ("on Sundays", 601.0)],
            "On Mondays, on Fridays and on Sundays, half wait longer than 10 minutes",
        ),
    ],
)
def test_a_headline_claims_a_round_number_that_all_of_them_exceed(
    slow: list[tuple[str, float | None]], headline: str
) -> None:
    assert slow_headline(slow, "plain") == headline


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0, "Nobody"),
        (0.03, "Hardly anybody"),
        (0.55, "Six in ten"),
        (0.96, "Nearly all"),
        (1, "All"),
        (0.1, "One in ten"),
    ],
)
def test_a_share_is_so_many_in_ten(share: float, words: str) -> None:
    assert in_ten(share) == words
