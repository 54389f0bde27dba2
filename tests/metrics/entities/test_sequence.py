import pytest

from jorge_data.metrics.entities import OTHER
from tests.metrics.entities.ledger import fold_each, fold_office
from tests.metrics.wall.live_office import DAY, HOUR, MINUTE, NOON, Office

MIDNIGHT = -12 * 60
"""The office's midnight, in minutes after its noon."""
A_DAY = 24 * 60


def test_a_promised_step_is_done_when_the_next_comes_on_the_day_in_the_office(office: Office) -> None:
    office.step(next_action_date="2026-11-24")
    office.step(sequence_day=7, at=NOON + DAY + 11 * HOUR)
    assert fold_office(office).told("sequence_due") == [(MIDNIGHT + A_DAY, "3", "done")]


def test_after_the_end_of_the_day_it_is_late(office: Office) -> None:
    office.step(next_action_date="2026-11-24T15:00:00Z")
    office.step(sequence_day=7, at=NOON + DAY + 12 * HOUR)
    assert fold_office(office).told("sequence_due") == [(A_DAY - 3 * 60, "3", "late")]


def test_before_the_next_step_it_is_open_and_a_late_event_settles_it(office: Office) -> None:
    office.step(next_action_date="2026-11-30")
    opened = fold_each(office.events)
    assert [due[1:] for due in opened.told("sequence_due")] == [("3", "open")]
    assert opened.rows["contact", "priya"]["sequence_due"] == "2026-11-30T06:00:00Z"
    office.step(sequence_day=7, success=False, failure_reason="busy", at=NOON + DAY)
    assert [due[1:] for due in fold_each(office.events).told("sequence_due")] == [("3", "done")]


@pytest.mark.parametrize("kind", ["message", "appointment_booked", "opted_out"])
@pytest.mark.parametrize(("hours", "state"), [(35, "done"), (36, "late")])
def test_who_answers_books_or_opts_out_settles_the_promise_at_that_moment(
    office: Office, kind: str, hours: int, state: str
) -> None:
    office.step(next_action_date="2026-11-24")
    office.converse(kind, "priya", NOON + hours * HOUR, direction="inbound")
    office.step(sequence_day=7, at=NOON + 9 * DAY)
    assert fold_each(office.events).told("sequence_due") == [(MIDNIGHT + A_DAY, "3", state)]


def test_what_settled_one_promise_leaves_the_next_one_open(office: Office) -> None:
    office.step(next_action_date="2026-11-24")
    office.converse("appointment_booked", "priya", NOON + HOUR)
    assert fold_each(office.events).rows["contact", "priya"]["sequence_due"] is None
    office.step(sequence_day=7, at=NOON + 2 * HOUR, next_action_date="2026-11-30")
    told = fold_each(office.events)
    assert [due[1:] for due in told.told("sequence_due")] == [("3", "done"), ("7", "open")]
    assert told.rows["contact", "priya"]["sequence_due"] == "2026-11-30T06:00:00Z"


def test_a_second_booking_does_not_make_late_what_the_first_settled(office: Office) -> None:
    office.step(next_action_date="2026-11-24")
    office.converse("appointment_booked", "priya", NOON + HOUR)
    office.converse("appointment_booked", "priya", NOON + 9 * DAY)
    assert fold_each(office.events).told("sequence_due") == [(MIDNIGHT + A_DAY, "3", "done")]


def test_a_day_of_twenty_five_hours_ends_at_its_midnight(office: Office) -> None:
    autumn = NOON.replace(month=10, day=30, hour=17)
    office.step(at=autumn, next_action_date="2026-11-01")
    office.step(sequence_day=7, at=NOON.replace(month=11, day=2, hour=5, minute=59))
    assert [due[1:] for due in fold_office(office).told("sequence_due")] == [("3", "done")]


@pytest.mark.parametrize(
    ("acts", "outcome"),
    [
        ([], "in_progress"),
        ([("message", {"direction": "inbound", "author": "contact"})], "replied"),
        ([("message", {"direction": "inbound"})], "replied"),
        ([("message", {"direction": "inbound", "author": "agent"})], "in_progress"),
        ([("message", {"direction": "outbound"})], "in_progress"),
        ([("message", {"direction": "inbound"}), ("opted_out", {})], "opted_out"),
        ([("opted_out", {}), ("appointment_booked", {})], "appointment"),
    ],
)
def test_the_outcome_is_the_first_that_holds(
    office: Office, acts: list[tuple[str, dict[str, str]]], outcome: str
) -> None:
    office.step()
    for kind, data in acts:
        office.converse(kind, "priya", NOON + MINUTE, **data)
    assert fold_each(office.events).told("sequence_contact") == [(0, "3", outcome)]


def test_what_came_before_the_intake_is_no_outcome(office: Office) -> None:
    office.converse("appointment_booked", "priya", NOON - MINUTE)
    office.step()
    assert fold_each(office.events).told("sequence_contact") == [(0, "3", "in_progress")]


def test_a_late_intake_turns_a_message_into_a_reply(office: Office) -> None:
    office.step(sequence_day=7)
    office.converse("message", "priya", NOON - HOUR, direction="inbound")
    office.step(sequence_day=3, at=NOON - 2 * HOUR)
    assert fold_each(office.events).told("sequence_contact") == [(-120, "7", "replied")]


def test_a_failed_step_reaches_nothing_and_day_thirty_finishes(office: Office) -> None:
    office.step(success=False)
    assert fold_office(office).told("sequence_contact") == [(0, "0", "in_progress")]
    office.step(sequence_day=30, at=NOON + 27 * DAY)
    assert fold_office(office).told("sequence_contact") == [(0, "30", "finished")]


def test_the_flow_goes_from_day_to_day_and_on_to_the_outcome(office: Office) -> None:
    office.step()
    office.step(action_type="email_sent", at=NOON + MINUTE)
    office.step(sequence_day=7, at=NOON + 4 * DAY)
    office.converse("opted_out", "priya", NOON + 5 * DAY)
    ledger = fold_each(office.events)
    assert ledger.told("sequence_flow") == [(0, "day 3", "day 7"), (0, "day 7", "opted_out")]
    assert ledger.count("sequence_flow") == ledger.count("sequence_flow", "quarter") == 2


def test_past_two_hundred_reasons_further_ones_count_together(office: Office) -> None:
    for number in range(203):
        office.step(f"contact-{number}", success=False, failure_reason=f"reason {number}")
    ledger = fold_office(office)
    reasons = {
        key.dims[3]: cell.n
        for key, cell in ledger.cells.items()
        if key[1:3] == ("", "day") and key.dims[2:3] == ("false",)
    }
    assert (len(reasons), reasons["reason 199"], reasons[OTHER]) == (201, 1, 3)
