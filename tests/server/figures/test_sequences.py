import pytest

from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON
from tests.server.figures.followed_location import FollowedLocation


def test_before_the_first_step_there_is_no_data(followed: FollowedLocation) -> None:
    assert followed.tile("sequences")["value"] == "no data"
    assert set(followed.figures(NOON)["sequences"].values()) == {None}


def test_today_is_what_was_done_of_that_and_what_is_still_due(followed: FollowedLocation) -> None:
    followed.step("priya", next_action_date="2026-11-27")
    followed.step("noor", success=False, next_action_date="2026-11-23")
    followed.step("sam", NOON - DAY, next_action_date="2026-11-23T22:00:00Z")
    followed.step("ann", NOON - 4 * DAY, next_action_date="2026-11-22")
    tile = followed.tile("sequences")
    assert (tile["value"], tile["tail"], followed.note("sequences")) == ("1", "of 3", "1 overdue, dealt with or not")
    assert followed.figures(NOON)["sequences"] == {
        "due_today": 2, "overdue": 1, "done_today": 1, "success_rate_24h": 2 / 3,
    }  # fmt: skip


def test_the_day_is_the_offices(followed: FollowedLocation) -> None:
    midnight = NOON - 12 * HOUR
    followed.step("priya", midnight - MINUTE)
    followed.step("noor", midnight)
    assert followed.tile("sequences")["value"] == "1"


def test_a_later_step_settles_what_was_overdue(followed: FollowedLocation) -> None:
    followed.step(at=NOON - 4 * DAY, next_action_date="2026-11-22")
    followed.step(at=NOON)
    assert followed.note("sequences") == "none overdue"


@pytest.mark.parametrize(
    ("kind", "data", "settles"),
    [
        ("message", {"direction": "inbound", "author": "contact"}, True),
        ("appointment_booked", {}, True),
        ("opted_out", {}, True),
        ("call_started", {"direction": "inbound"}, True),
        ("message", {"direction": "inbound", "author": "agent"}, False),
        ("message", {"direction": "outbound"}, False),
        ("handoff", {}, False),
    ],
)
def test_who_answers_books_or_opts_out_waits_for_no_step(
    followed: FollowedLocation, kind: str, data: dict[str, str], settles: bool
) -> None:
    followed.step(at=NOON - 4 * DAY, next_action_date="2026-11-22")
    followed.converse(kind, "priya", NOON - 3 * DAY, **data)
    assert followed.note("sequences") == ("none overdue" if settles else "1 overdue, dealt with or not")


def test_of_one_moment_what_comes_later_in_the_log_settles(followed: FollowedLocation) -> None:
    followed.step(at=NOON - 4 * DAY, next_action_date="2026-11-22")
    followed.converse("opted_out", "priya", NOON - 4 * DAY)
    assert followed.note("sequences") == "none overdue"


def test_an_answer_settles_what_was_promised_before_it_alone_whichever_comes_first(followed: FollowedLocation) -> None:
    followed.converse("appointment_booked", "priya", NOON - 3 * DAY)
    followed.step(at=NOON - 4 * DAY, next_action_date="2026-11-22")
    assert followed.note("sequences") == "none overdue"
    followed.step(at=NOON - 2 * DAY, next_action_date="2026-11-22")
    assert followed.note("sequences") == "1 overdue, dealt with or not"


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1)], ids=["in order", "the answer late"])
def test_an_answer_settles_the_promise_that_a_failed_step_took_over(
    followed: FollowedLocation, order: tuple[int, ...]
) -> None:
    def happen(number: int) -> None:
        match number:
            case 0:
                followed.step(at=NOON - 4 * DAY, next_action_date="2026-11-22")
            case 1:
                followed.converse("message", "priya", NOON - 4 * DAY + HOUR, direction="inbound")
            case _:
                followed.step(at=NOON - 3 * DAY, success=False)

    for number in order:
        happen(number)
    assert followed.note("sequences") == "none overdue"


def test_a_failed_step_without_a_next_try_is_still_to_be_done(followed: FollowedLocation) -> None:
    followed.step(at=NOON - DAY, next_action_date="2026-11-23")
    followed.step(at=NOON, success=False)
    assert followed.tile("sequences")["tail"] == "of 1"


def test_a_late_step_does_not_bring_back_an_older_date(followed: FollowedLocation) -> None:
    followed.step(at=NOON, next_action_date="2026-11-27")
    followed.step(at=NOON - DAY, next_action_date="2026-11-22")
    assert followed.note("sequences") == "none overdue"
