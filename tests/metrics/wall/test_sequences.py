import pytest

from jorge_data.metrics import dashboard
from tests.metrics.wall.live_office import DAY, HOUR, MINUTE, NOON, Office


def test_before_the_first_step_there_is_no_data(office: Office) -> None:
    assert office.tile("sequences")["value"] == "no data"
    assert set(dashboard(office.state, NOON)["sequences"].values()) == {None}


def test_today_is_what_was_done_of_that_and_what_is_still_due(office: Office) -> None:
    office.step("priya", next_action_date="2026-11-27")
    office.step("noor", success=False, next_action_date="2026-11-23")
    office.step("sam", NOON - DAY, next_action_date="2026-11-23T22:00:00Z")
    office.step("ann", NOON - 4 * DAY, next_action_date="2026-11-22")
    tile = office.tile("sequences")
    assert (tile["value"], tile["tail"], office.note("sequences")) == ("1", "of 3", "1 overdue")
    assert dashboard(office.state, NOON)["sequences"] == {"due_today": 2, "overdue": 1, "success_rate_24h": 0.5}


def test_the_day_is_the_offices(office: Office) -> None:
    midnight = NOON - 12 * HOUR
    office.step("priya", midnight - MINUTE)
    office.step("noor", midnight)
    assert office.tile("sequences")["value"] == "1"


def test_a_later_step_settles_what_was_overdue(office: Office) -> None:
    office.step(at=NOON - 4 * DAY, next_action_date="2026-11-22")
    office.step(at=NOON)
    assert office.note("sequences") == "none overdue"


@pytest.mark.parametrize(
    ("kind", "data", "settles"),
    [
        ("message", {"direction": "inbound", "author": "contact"}, True),
        ("appointment_booked", {}, True),
        ("opted_out", {}, True),
        ("message", {"direction": "inbound", "author": "agent"}, False),
        ("message", {"direction": "outbound"}, False),
        ("handoff", {}, False),
    ],
)
def test_who_answers_books_or_opts_out_waits_for_no_step(
    office: Office, kind: str, data: dict[str, str], settles: bool
) -> None:
    office.step(at=NOON - 4 * DAY, next_action_date="2026-11-22")
    office.converse(kind, "priya", NOON - 3 * DAY, **data)
    assert office.note("sequences") == ("none overdue" if settles else "1 overdue")


def test_of_one_moment_what_comes_later_in_the_log_settles(office: Office) -> None:
    office.step(at=NOON - 4 * DAY, next_action_date="2026-11-22")
    office.converse("opted_out", "priya", NOON - 4 * DAY)
    assert office.note("sequences") == "none overdue"


def test_an_answer_settles_what_was_promised_before_it_alone_whichever_comes_first(office: Office) -> None:
    office.converse("opted_out", "priya", NOON - 3 * DAY)
    office.step(at=NOON - 4 * DAY, next_action_date="2026-11-22")
    assert office.note("sequences") == "none overdue"
    office.step(at=NOON - 2 * DAY, next_action_date="2026-11-22")
    assert office.note("sequences") == "1 overdue"


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1)], ids=["in order", "the answer late"])
def test_an_answer_settles_the_promise_that_a_failed_step_took_over(office: Office, order: tuple[int, ...]) -> None:
    def happen(number: int) -> None:
        match number:
            case 0:
                office.step(at=NOON - 4 * DAY, next_action_date="2026-11-22")
            case 1:
                office.converse("message", "priya", NOON - 4 * DAY + HOUR, direction="inbound")
            case _:
                office.step(at=NOON - 3 * DAY, success=False)

    for number in order:
        happen(number)
    assert office.note("sequences") == "none overdue"


def test_a_failed_step_without_a_next_try_is_still_to_be_done(office: Office) -> None:
    office.step(at=NOON - DAY, next_action_date="2026-11-23")
    office.step(at=NOON, success=False)
    assert office.tile("sequences")["tail"] == "of 1"


def test_a_late_step_does_not_bring_back_an_older_date(office: Office) -> None:
    office.step(at=NOON, next_action_date="2026-11-27")
    office.step(at=NOON - DAY, next_action_date="2026-11-22")
    assert office.note("sequences") == "none overdue"
