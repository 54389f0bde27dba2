"""What bots sent to who had opted out: the same items and promises in whatever order events arrive."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jorge_data.events import Event
from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.entities.opt_out import MOST_SENDS
from jorge_data.metrics.rules import Rules
from tests.metrics.entities.memory_store import MemoryStore, fold_each
from tests.metrics.live_location import DAY, HOUR, MINUTE, NOON, LiveLocation, make

SECOND = MINUTE / 60
STOP: dict[str, Any] = {"direction": "inbound", "author": "contact", "channel": "sms", "body": "Stop."}
BY_BOT: dict[str, Any] = {"direction": "outbound", "author": "bot", "channel": "sms", "body": "Still selling?"}
STOPPED = {**BY_BOT, "body": "You won't hear from us again."}


def found(location: LiveLocation) -> list[tuple[float, str, float]]:
    """Return the breaches of dana as (minutes after noon, channel, minutes after noon of the opting out)."""
    contact = Contact("dana")
    for event in location.events:
        contact.apply(event, Rules())
    minutes = [((b.send.at, b.send.channel, b.opt_out.at)) for b in contact.breaches]
    noon = round(NOON.timestamp() * 1_000_000)
    return [((at - noon) / 60e6, channel, (out - noon) / 60e6) for at, channel, out in minutes]


def test_what_a_bot_texts_after_a_stop_is_found_with_both_events(location: LiveLocation) -> None:
    location.converse(at=NOON - MINUTE, **BY_BOT)
    location.converse(**STOP)
    location.converse(at=NOON + 40 * MINUTE, **BY_BOT)
    assert found(location) == [(40, "sms", 0)]


@pytest.mark.parametrize(
    ("data", "counts"),
    [
        ({}, True),
        ({"author": None}, True),  # a person who sends something has a name
        ({"author": "agent"}, False),
        ({"direction": "inbound", "author": "contact"}, False),
        ({"channel": "email"}, False),
        ({"channel": None}, False),
        ({"delivery": "delivered"}, True),
        ({"delivery": "failed"}, False),
        ({"delivery": "undelivered"}, False),
        ({"delivery": "bounced"}, False),
    ],
)
def test_only_what_a_bot_sent_by_that_channel_and_what_arrived_counts(
    location: LiveLocation, data: dict[str, Any], counts: bool
) -> None:
    location.converse(**STOP)
    location.converse(at=NOON + HOUR, **BY_BOT | data)
    assert bool(found(location)) is counts


@pytest.mark.parametrize("channel", ["sms", "email", "call", "voicemail", "chat", "other", None])
def test_who_opted_out_of_everything_is_written_to_by_no_channel(location: LiveLocation, channel: str | None) -> None:
    location.converse("opted_out")
    location.converse(at=NOON + HOUR, **BY_BOT | {"channel": channel})
    assert len(found(location)) == 1


def test_a_call_counts_at_its_start_and_once_whatever_is_told_of_it(location: LiveLocation) -> None:
    call = {"direction": "outbound", "author": "bot", "channel": "call"}
    location.converse("call_started", at=NOON - 2 * MINUTE, **call)
    location.converse("opted_out", at=NOON, channel="call")  # asked during the call
    location.converse("call_ended", at=NOON + MINUTE, duration_seconds=180, **call)
    location.step("dana", NOON + MINUTE, action_type="call_completed", retell_call_duration_seconds=180)
    assert found(location) == []
    location.converse("call_ended", at=NOON + HOUR, duration_seconds=60, **call)  # its start is missing
    location.step("dana", NOON + HOUR + SECOND, action_type="call_completed", retell_call_duration_seconds=61)
    assert found(location) == [(59, "call", 0)]


@pytest.mark.parametrize(
    ("action", "success", "counts"),
    [
        ("sms_sent", True, True),
        ("sms_sent", False, False),
        ("email_sent", True, False),
        ("call_scheduled", True, False),
    ],
)
def test_a_step_that_was_taken_by_that_channel_counts(
    location: LiveLocation, action: str, success: bool, counts: bool
) -> None:
    location.converse(**STOP)
    location.step("dana", NOON + HOUR, action_type=action, success=success)
    assert found(location) == ([(60, "sms", 0)] if counts else [])


def test_a_step_and_its_message_are_one_sending(location: LiveLocation) -> None:
    location.converse(**STOP)
    location.converse(at=NOON + HOUR, **BY_BOT)
    location.step("dana", NOON + HOUR + 2 * SECOND)
    assert found(location) == [(60, "sms", 0)]


def test_one_confirmation_within_five_minutes_is_no_breach_and_its_step_neither(location: LiveLocation) -> None:
    location.converse(**STOP)
    location.converse(at=NOON + SECOND, **STOPPED)
    location.step("dana", NOON + 2 * SECOND)
    location.converse("opted_out", at=NOON + 3 * SECOND, channel="sms")
    assert found(location) == []


def test_the_same_confirmation_told_by_the_bot_and_by_the_crm_is_one(location: LiveLocation) -> None:
    location.converse(**STOP)
    location.converse(at=NOON + SECOND, **STOPPED)
    location.converse(at=NOON + 3 * SECOND, **STOPPED, message_id="m-1", delivery="delivered")
    assert found(location) == []


def test_a_second_confirmation_a_late_one_and_a_message_within_five_minutes_are_breaches(
    location: LiveLocation,
) -> None:
    location.converse(**STOP)
    location.converse(at=NOON + SECOND, **STOPPED)
    location.converse(at=NOON + 2 * MINUTE, **BY_BOT)
    location.converse(at=NOON + 3 * MINUTE, **STOPPED)
    location.converse(at=NOON + 6 * MINUTE, **STOPPED)
    assert [at for at, _, _ in found(location)] == [2, 3, 6]


def test_who_says_stop_again_may_be_told_again_and_the_breach_stays(location: LiveLocation) -> None:
    location.converse(**STOP)
    location.converse(at=NOON + 40 * MINUTE, **BY_BOT)
    location.converse(at=NOON + 41 * MINUTE, **STOP)
    location.converse(at=NOON + 42 * MINUTE, **STOPPED)
    assert found(location) == [(40, "sms", 0)]


def test_who_opted_in_since_is_no_breach_and_an_older_opting_out_does_not_count(location: LiveLocation) -> None:
    location.converse(**STOP)
    location.converse(at=NOON + HOUR, **BY_BOT)
    location.converse(at=NOON + 2 * HOUR, **STOP | {"body": "START"})
    location.converse(at=NOON + 3 * HOUR, **BY_BOT)
    assert found(location) == []
    location.converse("opted_out", at=NOON + 4 * HOUR, channel="sms")
    assert found(location) == []
    location.converse(at=NOON + 5 * HOUR, **BY_BOT)
    assert found(location) == [(300, "sms", 240)]


def test_opting_in_to_one_channel_leaves_the_others(location: LiveLocation) -> None:
    location.converse("opted_out")
    location.converse("opted_in", at=NOON + MINUTE, channel="email")
    location.converse(at=NOON + HOUR, **BY_BOT | {"channel": "email"})
    location.converse(at=NOON + HOUR, **BY_BOT)
    assert found(location) == [(60, "sms", 0)]


def test_a_message_that_turns_out_to_have_failed_is_none_in_any_order(location: LiveLocation) -> None:
    location.converse(**STOP)
    location.converse(at=NOON + HOUR, **BY_BOT, message_id="m-1", delivery="sent")
    assert len(found(location)) == 1
    location.converse(at=NOON + HOUR, **BY_BOT, message_id="m-1", delivery="undelivered")
    assert found(location) == []
    assert fold_each(location.events[::-1]).states == fold_each(location.events).states


def test_the_newest_messages_are_kept_in_any_order(location: LiveLocation) -> None:
    location.converse(**STOP)
    for number in range(1, MOST_SENDS + 20):
        location.converse(at=NOON + number * MINUTE * 2, **BY_BOT | {"body": f"number {number}"})
    assert len(found(location)) == MOST_SENDS
    assert MemoryStore().fold(location.events[::-1]).states == MemoryStore().fold(location.events).states


def test_a_stop_is_no_answer_and_waits_for_nobody(location: LiveLocation) -> None:
    location.converse(at=NOON, direction="inbound", author="contact", channel="sms", body="How much is it worth?")
    assert fold_each(location.events).rows["contact", "dana"]["waiting"] is True
    location.converse(at=NOON + MINUTE, **STOP)
    assert fold_each(location.events).rows["contact", "dana"]["waiting"] is False


@pytest.mark.parametrize(("channel", "waits"), [("sms", False), ("email", True), (None, False)])
def test_who_opts_out_of_another_channel_still_waits_for_an_answer(
    location: LiveLocation, channel: str | None, waits: bool
) -> None:
    location.converse(direction="inbound", author="contact", channel="sms", body="How much is it worth?")
    location.converse("opted_out", at=NOON + MINUTE, channel=channel)
    assert fold_each(location.events).rows["contact", "dana"]["waiting"] is waits
    location.converse("opted_in", at=NOON + 2 * MINUTE)
    assert fold_each(location.events).rows["contact", "dana"]["waiting"] is True


_seconds = st.integers(-10, 400) | st.sampled_from([0, 1, 299, 300, 301, 3_600, 86_400, 7 * 86_400])
_channels = st.sampled_from([None, "sms", "sms", "email", "call", "voicemail", "other"])
_bodies = st.sampled_from([None, "STOP", "START", "stop calling me", "hello", "You won't hear from us again."])
_talk = st.fixed_dictionaries(
    {
        "conversation_id": st.just("talk"),
        "contact_id": st.just("dana"),
        "kind": st.sampled_from(
            ["message", "message", "message", "opted_out", "opted_in", "call_started", "call_ended"]
        ),
        "direction": st.sampled_from(["inbound", "outbound"]),
        "author": st.sampled_from([None, "bot", "contact", "agent"]),
        "channel": _channels,
        "body": _bodies,
        "message_id": st.sampled_from([None, None, "m-1", "m-2"]),
        "delivery": st.sampled_from([None, "sent", "failed"]),
        "duration_seconds": st.sampled_from([None, 0, 200]),
    }
)
_steps = st.fixed_dictionaries(
    {
        "contact_id": st.just("dana"),
        "sequence_day": st.sampled_from([3, 7, 14, 30]),
        "action_type": st.sampled_from(["sms_sent", "email_sent", "call_scheduled", "call_completed"]),
        "success": st.booleans(),
        "next_action_date": st.sampled_from([None, "2026-11-23", "2026-11-27", "2026-12-16"]),
        "retell_call_duration_seconds": st.sampled_from([None, 200]),
    }
)
_happening = st.tuples(_seconds, _talk.map(lambda d: ("conversation_event", d))) | st.tuples(
    _seconds, _steps.map(lambda d: ("lead_bot_sequence_update", d))
)


def _log(drawn: list[tuple[int, tuple[str, dict[str, Any]]]]) -> list[Event]:
    return [make(kind, NOON + SECOND * at, seq, **data) for seq, (at, (kind, data)) in enumerate(drawn, 1)]


_logs = st.lists(_happening, min_size=1, max_size=14).map(_log)


@settings(deadline=None)
@given(_logs.flatmap(lambda events: st.tuples(st.just(events), st.permutations(events))))
def test_any_order_of_arrival_of_consents_messages_and_steps_comes_to_the_same_items_and_promises(
    logs: tuple[list[Event], list[Event]],
) -> None:
    in_order, shuffled = (fold_each(events) for events in logs)
    for kind in ("open_item", "sequence_due", "sequence_contact", "contact_state", "conversation_edge"):
        assert sorted(shuffled.values(kind)) == sorted(in_order.values(kind)), kind
    assert shuffled.states == in_order.states


@settings(deadline=None)
@given(_logs)
def test_a_contact_that_is_stored_and_read_again_is_the_same(events: list[Event]) -> None:
    contact = Contact("dana")
    for event in events:
        contact.apply(event, Rules())
    again = Contact.load("dana", contact.dump())
    assert again.dump() == contact.dump()
    assert (again.breaches, again.opt_out, again.waiting) == (contact.breaches, contact.opt_out, contact.waiting)


def test_the_days_of_a_week_do_not_hide_it(location: LiveLocation) -> None:
    location.converse("opted_out", at=NOON - 30 * DAY, channel="email")
    location.step("dana", NOON, sequence_day=14, action_type="email_sent")
    assert found(location) == [(0, "email", -30 * 24 * 60)]
