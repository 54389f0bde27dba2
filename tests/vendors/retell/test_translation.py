"""What a call means as events."""

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from jorge_data.events import Reception, admit, parse_moment
from jorge_data.vendors.retell.translation import CALLS, call_events
from tests.vendors.retell.calls import DOCUMENTED, END_MS, START_MS, analyzed, placed, unanswered

NOW = datetime(2024, 5, 2, 0, 10, tzinfo=UTC)


def nobody(number: str) -> str | None:
    return None


def events_of(body: dict[str, Any], received: datetime = NOW) -> dict[str, dict[str, Any]]:
    """Return the events of a webhook by their kind, each checked against the contract."""
    events = call_events(body, received, nobody)
    for event in events:
        admit(event, Reception(received))
    return {event["type"]: event for event in events}


def data(body: dict[str, Any], kind: str) -> dict[str, Any]:
    data: dict[str, Any] = events_of(body)[kind]["data"]
    return data


def test_a_start_says_that_the_lead_bot_is_on_its_call() -> None:
    events = events_of(placed("call_started"))
    assert events["bot_status_update"]["data"] == {
        "bot_type": "lead-bot",
        "status": "active",
        "contact_id": "seller-1",
        "current_step": "day_7_call",
    }
    assert events["conversation_event"]["data"] == {
        "conversation_id": "Jabr9TXYYJHfvl6Syypi88rdAHYHmcq6",
        "contact_id": "seller-1",
        "kind": "call_started",
        "channel": "call",
        "direction": "outbound",
        "author": "bot",
    }


def test_an_end_is_the_step_of_day_7_with_its_duration() -> None:
    step = data(placed(), "lead_bot_sequence_update")
    assert step == {
        "contact_id": "seller-1",
        "sequence_day": 7,
        "action_type": "call_completed",
        "success": True,
        "retell_call_duration_seconds": (END_MS - START_MS) / 1000,
        "call_id": "Jabr9TXYYJHfvl6Syypi88rdAHYHmcq6",
    }
    assert data(placed(duration_ms=91_500), "lead_bot_sequence_update")["retell_call_duration_seconds"] == 91.5


@pytest.mark.parametrize("reason", ["dial_no_answer", "dial_busy", "dial_failed", "invalid_destination", "dial_new"])
def test_a_call_that_nobody_took_ends_without_a_start_and_failed(reason: str) -> None:
    step = data(unanswered(reason), "lead_bot_sequence_update")
    assert (step["success"], step["failure_reason"]) == (False, reason)


def test_an_agent_that_breaks_is_an_error_of_the_lead_bot() -> None:
    events = events_of(placed(disconnection_reason="error_llm_websocket_open"))
    assert events["lead_bot_sequence_update"]["data"]["success"] is False
    status = events["bot_status_update"]["data"]
    assert (status["status"], status["error_message"]) == ("error", "error_llm_websocket_open")


@pytest.mark.parametrize("reason", ["user_hangup", "agent_hangup", "voicemail_reached", "something_new", None])
def test_a_call_that_was_taken_succeeded_whoever_ended_it(reason: str | None) -> None:
    assert data(placed(disconnection_reason=reason), "lead_bot_sequence_update")["success"] is True


def test_an_analysis_brings_sentiment_and_summary() -> None:
    body = analyzed(call_summary="Wants to sell in May.", user_sentiment="Positive", call_successful=True)
    conversation = data(body, "conversation_event")
    assert conversation["kind"] == "call_analyzed"
    assert (conversation["sentiment"], conversation["summary"]) == ("positive", "Wants to sell in May.")
    assert conversation["call_successful"] is True


@pytest.mark.parametrize("sentiment", ["Unknown", None, 3, "furious", ["Positive"]])
def test_a_sentiment_that_is_not_known_is_left_out(sentiment: object) -> None:
    assert "sentiment" not in data(analyzed(user_sentiment=sentiment), "conversation_event")


def test_a_long_summary_is_cut_to_what_an_event_may_hold() -> None:
    assert len(data(analyzed(call_summary="x" * 9000), "conversation_event")["summary"]) == 4000


@pytest.mark.parametrize("day", [3, "30"])
def test_the_day_is_the_one_that_the_metadata_names(day: object) -> None:
    step = data(placed(metadata={"contact_id": "seller-1", "sequence_day": day}), "lead_bot_sequence_update")
    assert step["sequence_day"] == int(str(day))


@pytest.mark.parametrize("day", [8, "seven", None, 7.5, []])
def test_a_day_that_the_sequence_has_not_is_day_7(day: object) -> None:
    step = data(placed(metadata={"contact_id": "seller-1", "sequence_day": day}), "lead_bot_sequence_update")
    assert step["sequence_day"] == 7


def test_the_documented_sample_is_a_person_who_rang_and_no_step() -> None:
    events = events_of(DOCUMENTED)
    assert events.keys() == {"bot_status_update", "conversation_event"}
    conversation = events["conversation_event"]["data"]
    assert (conversation["direction"], conversation["contact_id"]) == ("inbound", "phone:+12137771234")


def test_without_a_name_the_contact_is_who_has_the_number() -> None:
    find_contact = {"+12137771235": "seller-2"}.get
    events = call_events(placed(metadata=None), NOW, find_contact)
    assert {event["data"]["contact_id"] for event in events} == {"seller-2"}


def test_a_web_call_without_number_or_name_is_its_own_contact() -> None:
    body = placed(to_number=None, from_number=None, metadata={}, direction=None, call_id="web-1")
    assert data(body, "conversation_event")["contact_id"] == "call:web-1"


def test_each_webhook_tells_the_same_in_whatever_order_they_come() -> None:
    bodies = [placed(kind) for kind in CALLS]
    translations = {str(sorted(str(events_of(body)) for body in order)) for order in permutations(bodies)}
    assert len(translations) == 1
    ids = [event["id"] for body in bodies for event in call_events(body, NOW, nobody)]
    assert len(ids) == len(set(ids)) == 6


def test_an_event_happened_when_the_call_did() -> None:
    started, ended = events_of(placed("call_started")), events_of(placed())
    assert parse_moment(started["conversation_event"]["time"]).timestamp() == START_MS / 1000
    assert parse_moment(ended["conversation_event"]["time"]).timestamp() == END_MS / 1000
    assert parse_moment(events_of(analyzed())["conversation_event"]["time"]) == NOW


def test_a_clock_that_runs_ahead_does_not_make_the_future() -> None:
    ahead = placed("call_started", start_timestamp=START_MS * 2)
    assert parse_moment(events_of(ahead)["conversation_event"]["time"]) == NOW


@pytest.mark.parametrize("odd", [None, "x", True, -5, 10**20, float("nan"), [], {}])
@pytest.mark.parametrize("field", ["start_timestamp", "end_timestamp", "duration_ms", "metadata", "direction"])
def test_a_field_of_the_wrong_type_counts_as_missing(field: str, odd: Any) -> None:
    assert "conversation_event" in events_of(placed(**{field: odd}))


@pytest.mark.parametrize("event", ["transcript_updated", "chat_started", None, 5, {}])
def test_other_webhooks_make_no_event(event: Any) -> None:
    assert call_events(placed() | {"event": event}, NOW, nobody) == []


@pytest.mark.parametrize("call", [None, [], {}, {"call_id": 7}, {"call_id": ""}])
def test_a_call_without_an_id_is_refused_by_name(call: object) -> None:
    with pytest.raises(ValueError, match=r"call\.call_id is missing"):
        call_events({"event": "call_ended", "call": call}, NOW, nobody)


def test_an_id_beyond_a_name_s_length_still_names_its_call_alone() -> None:
    first, second = (events_of(placed(call_id="c" * 200 + end)) for end in "ab")
    assert first["conversation_event"]["id"] != second["conversation_event"]["id"]
    assert len(first["conversation_event"]["id"]) <= 128
