"""Stays: how long stages and answers take, with what is still under way."""

from datetime import UTC, datetime

from jorge_data.metrics.statistics.response import WITHIN_S, responses
from jorge_data.metrics.statistics.velocity import STEPS, ages, velocity
from tests.metrics.statistics.frames import frame

DAY = 86_400.0
NOON = datetime(2026, 11, 3, 18, tzinfo=UTC)


def test_stages_stand_in_their_order_and_unknown_ones_after() -> None:
    done = {"offer": [[DAY, 1]], "prospect": [[DAY, 1]], "Nurture": [[DAY, 1]]}
    assert [stay.stage for stay in velocity(done, {})] == ["prospect", "offer", "Nurture"]
    assert [stay.stage for stay in velocity({"hot": [], "Q2": []}, {}, STEPS)] == ["Q2", "hot"]


def test_a_stage_counts_what_is_still_there() -> None:
    (stay,) = velocity({"offer": [[DAY, 2], [2 * DAY, 2]]}, {"offer": [(5 * DAY, 3)]})
    assert (stay.done, stay.open, stay.median) == (4, 3, 2 * DAY)
    (slow,) = velocity({"offer": [[DAY, 2]]}, {"offer": [(5 * DAY, 3)]})
    assert slow.median is None


def test_ages_are_from_the_start_of_the_step_to_now() -> None:
    entered = frame(
        "t stage value", ("2026-11-02T12:00:00-06:00", "offer", 2), ("2026-11-03T12:15:00-06:00", "showing", 1)
    )
    assert ages(entered, "stage", NOON) == {"offer": [(DAY, 2)], "showing": [(0.0, 1)]}
    assert ages(entered.iloc[:0], "stage", NOON) == {}


def test_answers_come_with_their_share_its_interval_and_the_median_time() -> None:
    answered = {"new_match": [[60.0, 30], [3600.0, 30]], "price_drop": [[600.0, 1]]}
    waiting = {"new_match": [(DAY, 40)]}
    first, second = responses(answered, waiting)
    assert (first.alert_type, first.alerts, first.answered, first.share, first.median_s) == (
        "new_match",
        100,
        60,
        0.6,
        3600,
    )
    assert first.interval is not None
    assert (second.alert_type, second.share, second.median_s) == ("price_drop", 1.0, 600)


def test_nobody_is_watched_for_longer_than_an_answer_would_count() -> None:
    (late,) = responses({"new_match": [[WITHIN_S - 1, 2]]}, {"new_match": [(30 * DAY, 2)]})
    assert late.median_s == WITHIN_S - 1


def test_an_answer_in_the_last_moment_is_before_those_who_wait_have_left() -> None:
    (sketched,) = responses({"new_match": [[WITHIN_S * 1.005, 1]]}, {"new_match": [(30 * DAY, 9)]})
    assert sketched.median_s is None


def test_without_alerts_there_are_no_responses() -> None:
    assert responses({}, {}) == []
