import pytest

from jorge_data.metrics import dashboard
from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON, LiveLocation


def test_before_the_first_step_there_is_no_data(location: LiveLocation) -> None:
    assert location.tile("sequences")["value"] == "no data"
    assert set(dashboard(location.state, NOON)["sequences"].values()) == {None}


def test_today_is_what_was_done_of_that_and_what_is_still_due(location: LiveLocation) -> None:
    location.step("priya", next_action_date="2026-11-27")
    location.step("noor", success=False, next_action_date="2026-11-23")
    location.step("sam", NOON - DAY, next_action_date="2026-11-23T22:00:00Z")
    location.step("ann", NOON - 4 * DAY, next_action_date="2026-11-22")
    tile = location.tile("sequences")
    assert (tile["value"], tile["tail"], location.note("sequences")) == ("1", "of 3", "1 overdue")
    assert dashboard(location.state, NOON)["sequences"] == {"due_today": 2, "overdue": 1, "success_rate_24h": 0.5}


def test_the_day_is_the_offices(location: LiveLocation) -> None:
    midnight = NOON - 12 * HOUR
    location.step("priya", midnight - MINUTE)
    location.step("noor", midnight)
    assert location.tile("sequences")["value"] == "1"


def test_a_later_step_settles_what_was_overdue(location: LiveLocation) -> None:
    location.step(at=NOON - 4 * DAY, next_action_date="2026-11-22")
    location.step(at=NOON)
    assert location.note("sequences") == "none overdue"


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
    location: LiveLocation, kind: str, data: dict[str, str], settles: bool
) -> None:
    location.step(at=NOON - 4 * DAY, next_action_date="2026-11-22")
    location.converse(kind, "priya", NOON - 3 * DAY, **data)
    assert location.note("sequences") == ("none overdue" if settles else "1 overdue")


def test_of_one_moment_what_comes_later_in_the_log_settles(location: LiveLocation) -> None:
    location.step(at=NOON - 4 * DAY, next_action_date="2026-11-22")
    location.converse("opted_out", "priya", NOON - 4 * DAY)
    assert location.note("sequences") == "none overdue"


def test_an_answer_settles_what_was_promised_before_it_alone_whichever_comes_first(location: LiveLocation) -> None:
    location.converse("opted_out", "priya", NOON - 3 * DAY)
    location.step(at=NOON - 4 * DAY, next_action_date="2026-11-22")
    assert location.note("sequences") == "none overdue"
    location.step(at=NOON - 2 * DAY, next_action_date="2026-11-22")
    assert location.note("sequences") == "1 overdue"


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1)], ids=["in order", "the answer late"])
def test_an_answer_settles_the_promise_that_a_failed_step_took_over(
    location: LiveLocation, order: tuple[int, ...]
) -> None:
    def happen(number: int) -> None:
        match number:
            case 0:
                location.step(at=NOON - 4 * DAY, next_action_date="2026-11-22")
            case 1:
                location.converse("message", "priya", NOON - 4 * DAY + HOUR, direction="inbound")
            case _:
                location.step(at=NOON - 3 * DAY, success=False)

    for number in order:
        happen(number)
    assert location.note("sequences") == "none overdue"


def test_a_failed_step_without_a_next_try_is_still_to_be_done(location: LiveLocation) -> None:
    location.step(at=NOON - DAY, next_action_date="2026-11-23")
    location.step(at=NOON, success=False)
    assert location.tile("sequences")["tail"] == "of 1"


def test_a_late_step_does_not_bring_back_an_older_date(location: LiveLocation) -> None:
    location.step(at=NOON, next_action_date="2026-11-27")
    location.step(at=NOON - DAY, next_action_date="2026-11-22")
    assert location.note("sequences") == "none overdue"
