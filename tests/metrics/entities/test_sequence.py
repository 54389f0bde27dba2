from typing import Any

import pytest

from jorge_data.metrics.entities import OTHER
from tests.metrics.entities.memory_store import fold_at_once, fold_each
from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON, LiveLocation

MIDNIGHT = -12 * 60
"""The office's midnight, in minutes after its noon."""
A_DAY = 24 * 60


def test_a_promised_step_is_done_when_the_next_comes_on_the_day_in_the_office(location: LiveLocation) -> None:
    location.step(next_action_date="2026-11-24")
    location.step(sequence_day=7, at=NOON + DAY + 11 * HOUR)
    assert fold_at_once(location).values("sequence_due") == [(MIDNIGHT + A_DAY, "3", "done")]


def test_after_the_end_of_the_day_it_is_late(location: LiveLocation) -> None:
    location.step(next_action_date="2026-11-24T15:00:00Z")
    location.step(sequence_day=7, at=NOON + DAY + 12 * HOUR)
    assert fold_at_once(location).values("sequence_due") == [(A_DAY - 3 * 60, "3", "late")]


def test_before_the_next_step_it_is_open_and_a_late_event_settles_it(location: LiveLocation) -> None:
    location.step(next_action_date="2026-11-30")
    opened = fold_each(location.events)
    assert [due[1:] for due in opened.values("sequence_due")] == [("3", "open")]
    assert opened.rows["contact", "priya"]["sequence_due"] == "2026-11-30T06:00:00Z"
    location.step(sequence_day=7, at=NOON + DAY)
    assert [due[1:] for due in fold_each(location.events).values("sequence_due")] == [("3", "done")]


def test_a_failed_step_keeps_no_promise(location: LiveLocation) -> None:
    location.step(at=NOON - 6 * DAY, next_action_date="2026-11-21")
    location.step(sequence_day=7, success=False, failure_reason="busy", at=NOON - 2 * DAY - 5 * HOUR)
    store = fold_each(location.events)
    assert [due[1:] for due in store.values("sequence_due")] == [("3", "open")]
    assert store.rows["contact", "priya"]["sequence_due"] == "2026-11-21T06:00:00Z"
    location.step(sequence_day=7, at=NOON)
    assert [due[1:] for due in fold_each(location.events).values("sequence_due")] == [("3", "late")]


@pytest.mark.parametrize("kind", ["message", "call_started", "appointment_booked", "opted_out"])
@pytest.mark.parametrize(("hours", "state"), [(35, "done"), (36, "late")])
def test_who_answers_calls_books_or_opts_out_settles_the_promise_at_that_moment(
    location: LiveLocation, kind: str, hours: int, state: str
) -> None:
    location.step(next_action_date="2026-11-24")
    location.converse(kind, "priya", NOON + hours * HOUR, direction="inbound")
    location.step(sequence_day=7, at=NOON + 9 * DAY)
    assert fold_each(location.events).values("sequence_due") == [(MIDNIGHT + A_DAY, "3", state)]


def test_what_settled_one_promise_leaves_the_next_one_open(location: LiveLocation) -> None:
    location.step(next_action_date="2026-11-24")
    location.converse("appointment_booked", "priya", NOON + HOUR)
    assert fold_each(location.events).rows["contact", "priya"]["sequence_due"] is None
    location.step(sequence_day=7, at=NOON + 2 * HOUR, next_action_date="2026-11-30")
    store = fold_each(location.events)
    assert [due[1:] for due in store.values("sequence_due")] == [("3", "done"), ("7", "open")]
    assert store.rows["contact", "priya"]["sequence_due"] == "2026-11-30T06:00:00Z"


def test_every_open_promise_counts_and_not_the_newest_alone(location: LiveLocation) -> None:
    location.step(at=NOON - 40 * DAY, next_action_date="2026-11-22")
    location.step(sequence_day=7, success=False, at=NOON - 39 * DAY, next_action_date="2026-11-23")
    store = fold_each(location.events)
    assert store.values("sequence_due") == [(MIDNIGHT - A_DAY, "3", "open"), (MIDNIGHT, "7", "open")]
    assert store.rows["contact", "priya"]["sequence_due"] == "2026-11-22T06:00:00Z"


def test_a_second_booking_does_not_make_late_what_the_first_settled(location: LiveLocation) -> None:
    location.step(next_action_date="2026-11-24")
    location.converse("appointment_booked", "priya", NOON + HOUR)
    location.converse("appointment_booked", "priya", NOON + 9 * DAY)
    assert fold_each(location.events).values("sequence_due") == [(MIDNIGHT + A_DAY, "3", "done")]


def test_a_day_of_twenty_five_hours_ends_at_its_midnight(location: LiveLocation) -> None:
    autumn = NOON.replace(month=10, day=30, hour=17)
    location.step(at=autumn, next_action_date="2026-11-01")
    location.step(sequence_day=7, at=NOON.replace(month=11, day=2, hour=5, minute=59))
    assert [due[1:] for due in fold_at_once(location).values("sequence_due")] == [("3", "done")]


@pytest.mark.parametrize(
    ("acts", "outcome"),
    [
        ([], "in_progress"),
        ([("message", {"direction": "inbound", "author": "contact"})], "replied"),
        ([("message", {"direction": "inbound"})], "replied"),
        ([("message", {"direction": "inbound", "author": "agent"})], "in_progress"),
        ([("message", {"direction": "outbound"})], "in_progress"),
        ([("call_started", {"direction": "inbound"})], "replied"),
        ([("call_started", {"direction": "outbound"})], "in_progress"),
        ([("call_ended", {"direction": "inbound"})], "in_progress"),
        ([("message", {"direction": "inbound"}), ("opted_out", {})], "opted_out"),
        ([("opted_out", {}), ("appointment_booked", {})], "appointment"),
    ],
)
def test_the_outcome_is_the_first_that_holds(
    location: LiveLocation, acts: list[tuple[str, dict[str, str]]], outcome: str
) -> None:
    location.step()
    for kind, data in acts:
        location.converse(kind, "priya", NOON + MINUTE, **data)
    assert fold_each(location.events).values("sequence_contact") == [(0, "3", outcome)]


def test_what_came_before_the_intake_is_no_outcome(location: LiveLocation) -> None:
    location.converse("appointment_booked", "priya", NOON - MINUTE)
    location.step()
    assert fold_each(location.events).values("sequence_contact") == [(0, "3", "in_progress")]


def test_a_late_intake_turns_a_message_into_a_reply(location: LiveLocation) -> None:
    location.step(sequence_day=7)
    location.converse("message", "priya", NOON - HOUR, direction="inbound")
    location.step(sequence_day=3, at=NOON - 2 * HOUR)
    assert fold_each(location.events).values("sequence_contact") == [(-120, "7", "replied")]


def test_a_failed_step_reaches_nothing_and_day_thirty_finishes(location: LiveLocation) -> None:
    location.step(success=False)
    assert fold_at_once(location).values("sequence_contact") == [(0, "0", "in_progress")]
    location.step(sequence_day=30, at=NOON + 27 * DAY)
    assert fold_at_once(location).values("sequence_contact") == [(0, "30", "finished")]


def test_the_flow_goes_from_day_to_day_and_on_to_the_outcome(location: LiveLocation) -> None:
    location.step()
    location.step(action_type="email_sent", at=NOON + MINUTE)
    location.step(sequence_day=7, at=NOON + 4 * DAY)
    location.converse("opted_out", "priya", NOON + 5 * DAY)
    store = fold_each(location.events)
    assert store.values("sequence_flow") == [(0, "day 3", "day 7"), (0, "day 7", "opted_out")]
    assert store.count("sequence_flow") == store.count("sequence_flow", "quarter") == 2


def test_past_two_hundred_reasons_further_ones_count_together(location: LiveLocation) -> None:
    for number in range(203):
        location.step(f"contact-{number}", success=False, failure_reason=f"reason {number}")
    store = fold_at_once(location)
    reasons = {
        key.dims[3]: cell.n
        for key, cell in store.cells.items()
        if key[1:3] == ("", "day") and key.dims[2:3] == ("false",)
    }
    assert (len(reasons), reasons["reason 199"], reasons[OTHER]) == (201, 1, 3)


def test_a_deleted_appointment_is_no_outcome_and_another_one_is(location: LiveLocation) -> None:
    location.step()
    for hour, name in ((1, "visit"), (2, "second")):
        location.converse("appointment_booked", "priya", NOON + hour * HOUR, appointment_id=name)
    gone = {"appointment_status": "deleted", "stage": "appointment deleted"}
    location.converse("stage_changed", "priya", NOON + 3 * HOUR, appointment_id="second", **gone)
    assert [outcome for _, _, outcome in fold_at_once(location).values("sequence_contact")] == ["appointment"]
    location.converse("stage_changed", "priya", NOON + 4 * HOUR, appointment_id="visit", **gone)
    for events in (location.events, location.events[::-1]):
        assert [outcome for _, _, outcome in fold_each(events).values("sequence_contact")] == ["in_progress"]
    location.converse("appointment_booked", "priya", NOON + 5 * HOUR, appointment_id="visit")
    assert [outcome for _, _, outcome in fold_at_once(location).values("sequence_contact")] == ["appointment"]


PROMISED: list[tuple[dict[str, Any], str]] = [
    ({"sequence_day": 3, "next_action_date": "2026-11-27"}, "call"),  # day 7
    ({"sequence_day": 3, "next_action_date": "2026-11-24"}, "call"),
    ({"sequence_day": 7, "action_type": "call_completed", "next_action_date": "2026-12-16"}, "sms"),  # day 30
    ({"sequence_day": 7, "action_type": "call_completed", "next_action_date": "2026-11-30"}, "email"),  # day 14
    ({"sequence_day": 14, "action_type": "email_sent", "next_action_date": "2026-12-09"}, "sms"),
    ({"sequence_day": 30, "next_action_date": "2026-12-23"}, "sms"),  # after the plan's last day: as that step was
    ({"sequence_day": 3, "success": False, "next_action_date": "2026-11-23T19:00:00Z"}, "sms"),  # tried again
    ({"sequence_day": 3, "success": False, "next_action_date": "2026-11-27"}, "call"),  # given up
    ({"sequence_day": 14, "action_type": "email_sent", "success": False, "next_action_date": "2026-11-24"}, "email"),
    ({"sequence_day": 3, "action_type": "call_scheduled", "next_action_date": "2026-11-23T19:00:00Z"}, "call"),
]


@pytest.mark.parametrize(("step", "promised"), PROMISED)
def test_a_step_is_due_no_more_once_its_channel_is_opted_out_of_and_by_another_channel_it_is(
    location: LiveLocation, step: dict[str, Any], promised: str
) -> None:
    location.step(**step)
    open_as_before = fold_each(location.events).rows["contact", "priya"]["sequence_due"]
    assert open_as_before is not None
    for channel in ("sms", "email", "call", "chat"):
        if channel != promised:
            location.converse("opted_out", "priya", NOON + MINUTE, channel=channel)
    assert fold_each(location.events).rows["contact", "priya"]["sequence_due"] == open_as_before
    location.converse("opted_out", "priya", NOON + 2 * MINUTE, channel="voicemail" if promised == "call" else promised)
    assert fold_each(location.events).rows["contact", "priya"]["sequence_due"] is None


def test_who_opts_out_of_everything_is_due_for_nothing(location: LiveLocation) -> None:
    for step, _ in PROMISED:
        location.step(**step)
    location.converse("opted_out", "priya", NOON + MINUTE)
    store = fold_each(location.events)
    assert store.rows["contact", "priya"]["sequence_due"] is None
    assert {due[2] for due in store.values("sequence_due")} == {"done"}


def test_what_is_promised_after_opting_out_is_never_due(location: LiveLocation) -> None:
    location.converse("opted_out", "priya", NOON - MINUTE, channel="call")
    location.step(next_action_date="2026-11-27")
    assert fold_each(location.events).values("sequence_due") == []


@pytest.mark.parametrize("before", [True, False], ids=["promised before", "promised after"])
def test_who_opts_in_again_before_the_day_is_over_is_due_again(location: LiveLocation, before: bool) -> None:
    location.step(at=NOON - 2 * MINUTE if before else NOON, next_action_date="2026-11-27")
    location.converse("opted_out", "priya", NOON - MINUTE, channel="call")
    location.converse("opted_in", "priya", NOON + 4 * DAY, channel="call")
    for events in (location.events, location.events[::-1]):
        assert [due[1:] for due in fold_each(events).values("sequence_due")] == [("3", "open")]
    location.converse("opted_out", "priya", NOON + 6 * DAY, channel="call")
    assert [due[1:] for due in fold_each(location.events).values("sequence_due")] == [("3", "late")]


def test_a_stop_settles_the_next_text_and_not_the_next_call(location: LiveLocation) -> None:
    stop = {"direction": "inbound", "author": "contact", "channel": "sms", "body": "STOP"}
    location.step("ann", next_action_date="2026-11-27")
    location.step("bob", sequence_day=7, action_type="call_completed", next_action_date="2026-12-16")
    for contact in ("ann", "bob"):
        location.converse(contact=contact, at=NOON + MINUTE, **stop)
    store = fold_each(location.events)
    assert sorted(due[1:] for due in store.values("sequence_due")) == [("3", "open"), ("7", "done")]
    assert [row[2] for row in store.values("sequence_contact")] == ["opted_out", "opted_out"]


def test_who_opted_in_again_did_not_opt_out(location: LiveLocation) -> None:
    location.step()
    location.converse("opted_out", "priya", NOON + MINUTE)
    location.converse("opted_in", "priya", NOON + 2 * MINUTE, channel="sms")
    assert [row[2] for row in fold_each(location.events).values("sequence_contact")] == ["opted_out"]
    location.converse("opted_in", "priya", NOON + 3 * MINUTE)
    assert [row[2] for row in fold_each(location.events).values("sequence_contact")] == ["in_progress"]
