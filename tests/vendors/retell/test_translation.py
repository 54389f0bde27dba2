"""What a call means as events."""

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from jorge_data.events import Reception, admit, parse_moment
from jorge_data.vendors.retell.end_reasons import END_REASONS, MEANINGS
from jorge_data.vendors.retell.translation import CALLS, call_events
from tests.vendors.retell.calls import DOCUMENTED, END_MS, START_MS, analyzed, placed, unanswered

NOW = datetime(2024, 5, 2, 0, 10, tzinfo=UTC)
WORDS = {reason: end.words for reason, end in END_REASONS.items()}
MEANING: dict[str, list[str]] = {
    meaning: [reason for reason, end in END_REASONS.items() if end.meaning == meaning] for meaning in MEANINGS
}


def nobody(number: str) -> str | None:
    return None


def events_of(body: dict[str, Any], received: datetime = NOW) -> dict[str, dict[str, Any]]:
    """Return the events of a webhook by their kind, each checked against the contract."""
    events = call_events(body, received, nobody)
    for event in events:
        admit(event, Reception(received))
    return {event["type"]: event for event in reversed(events)}


def conversations(body: dict[str, Any], received: datetime = NOW) -> dict[str, dict[str, Any]]:
    """Return what the events of a webhook say in the conversation, by what happened."""
    told = [event["data"] for event in call_events(body, received, nobody) if event["type"] == "conversation_event"]
    return {data["kind"]: data for data in told}


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


@pytest.mark.parametrize(
    ("reason", "words"),
    [("dial_no_answer", "no answer"), ("dial_busy", "busy"), ("ivr_reached", "a telephone menu answered")],
)
def test_a_call_that_nobody_took_ends_without_a_start_and_failed(reason: str, words: str) -> None:
    step = data(unanswered(reason), "lead_bot_sequence_update")
    assert (step["success"], step["failure_reason"], step["failure_detail"]) == (False, reason, words)


def test_a_call_that_was_not_connected_failed_whatever_reason_it_names() -> None:
    step = data(placed(call_status="not_connected", disconnection_reason="manual_stopped"), "lead_bot_sequence_update")
    assert (step["success"], step["failure_reason"]) == (False, "manual_stopped")
    step = data(placed(call_status="not_connected", disconnection_reason=None), "lead_bot_sequence_update")
    assert (step["success"], step["failure_reason"]) == (False, "not connected")


@pytest.mark.parametrize("reason", MEANING["agent"] + MEANING["account"])
def test_an_agent_or_an_account_that_fails_is_an_error_of_the_lead_bot_in_words(reason: str) -> None:
    events = events_of(placed(disconnection_reason=reason))
    step, status = (events[kind]["data"] for kind in ("lead_bot_sequence_update", "bot_status_update"))
    assert (step["success"], step["failure_reason"], step["failure_detail"]) == (False, reason, WORDS[reason])
    assert (status["status"], status["error_message"]) == ("error", f"{WORDS[reason]} ({reason})")


@pytest.mark.parametrize("reason", MEANING["line"] + MEANING["not reached"])
def test_a_line_or_a_person_that_fails_is_no_error_of_the_lead_bot(reason: str) -> None:
    events = events_of(placed(call_status="error", disconnection_reason=reason))
    assert events["bot_status_update"]["data"]["status"] == "completed"
    assert events["lead_bot_sequence_update"]["data"]["success"] is False


@pytest.mark.parametrize("reason", [*MEANING["reached"], *MEANING["handed over"], *MEANING["callback"]])
def test_a_call_that_was_taken_succeeded_whoever_ended_it(reason: str | None) -> None:
    step = data(placed(disconnection_reason=reason), "lead_bot_sequence_update")
    assert step["success"] is True
    assert "failure_reason" not in step


def test_a_voicemail_reached_nobody() -> None:
    events = events_of(placed(disconnection_reason="voicemail_reached"))
    step = events["lead_bot_sequence_update"]["data"]
    assert (step["success"], step["failure_reason"], step["failure_detail"]) == (
        False,
        "voicemail_reached",
        "voicemail",
    )
    assert events["conversation_event"]["data"]["channel"] == "voicemail"


@pytest.mark.parametrize("in_voicemail", [True, "true"])
def test_an_analysis_tells_that_it_was_a_voicemail(in_voicemail: object) -> None:
    analysis = data(analyzed(in_voicemail=in_voicemail), "conversation_event")
    assert (analysis["channel"], analysis["in_voicemail"]) == ("voicemail", True)


@pytest.mark.parametrize("reason", ["something_new", "dial_new", "error_new", "x" * 5000])
@pytest.mark.parametrize("status", ["ended", "not_connected"])
def test_an_unknown_reason_is_shown_and_is_neither_success_nor_failure(reason: str, status: str) -> None:
    events = events_of(placed(disconnection_reason=reason, call_status=status))
    assert events.keys() == {"bot_status_update", "conversation_event"}
    assert events["bot_status_update"]["data"]["status"] == "completed"
    ended = events["conversation_event"]["data"]
    assert (ended["disconnection_reason"], ended["summary"]) == (reason, f"unknown reason: {reason[:200]}")


def test_how_a_call_ended_is_told_in_words() -> None:
    for reason, words in WORDS.items():
        told = conversations(placed(disconnection_reason=reason))["call_ended"]
        assert (told["disconnection_reason"], told["summary"]) == (reason, words)


@pytest.mark.parametrize("reason", MEANING["handed over"])
def test_a_call_that_a_person_took_over_is_a_handoff_beside_the_step(reason: str) -> None:
    body = placed(disconnection_reason=reason, transfer_destination="+15125550177")
    assert data(body, "lead_bot_sequence_update")["success"] is True
    handoff = conversations(body)["handoff"]
    assert (handoff["author"], handoff["contact_id"]) == ("agent", "seller-1")
    assert handoff["summary"] == "transferred to +15125550177"


@pytest.mark.parametrize("destination", [{"number": "+15125550177"}, "+15125550177", None, 7, {}, {"number": []}])
def test_a_bridged_transfer_is_the_same_handoff_whichever_webhook_is_first(destination: object) -> None:
    bridged = placed("transfer_bridged") | {"transfer_destination": destination}
    bodies = (
        bridged,
        placed(disconnection_reason="call_transfer"),
        placed("call_analyzed", disconnection_reason="call_transfer"),
    )
    told = [
        event for body in bodies for event in call_events(body, NOW, nobody) if event["data"].get("kind") == "handoff"
    ]
    assert [event["id"] for event in told] == ["Jabr9TXYYJHfvl6Syypi88rdAHYHmcq6:handoff"] * 3
    assert ("+15125550177" in told[0]["data"].get("summary", "")) is ("+15125550177" in str(destination))


def test_a_transferred_call_is_told_the_same_in_whatever_order_and_how_often_its_webhooks_come() -> None:
    bodies = [placed(kind, disconnection_reason="call_transfer") for kind in (*CALLS, "transfer_bridged", "call_ended")]
    told = {
        frozenset(event["id"] for body in order for event in call_events(body, NOW, nobody))
        for order in permutations(bodies)
    }
    assert len(told) == 1
    assert sum("handoff" in identifier for identifier in told.pop()) == 1


def test_a_transfer_that_was_cancelled_is_told_and_no_handoff() -> None:
    assert conversations(placed("transfer_cancelled")) == {
        "note": {
            "conversation_id": "Jabr9TXYYJHfvl6Syypi88rdAHYHmcq6",
            "contact_id": "seller-1",
            "kind": "note",
            "channel": "call",
            "direction": "outbound",
            "author": "bot",
            "summary": "a transfer was cancelled: no person took the call",
        }
    }
    assert conversations(placed(disconnection_reason="transfer_cancelled")).keys() == {"call_ended"}


@pytest.mark.parametrize("kind", ["call_ended", "call_analyzed"])
@pytest.mark.parametrize(("reason", "what"), [("user_requested_dnc", "opted_out"), ("user_requested_callback", "task")])
def test_what_a_contact_asked_for_in_a_call_is_told_once_by_whichever_webhook(
    kind: str, reason: str, what: str
) -> None:
    (asked,) = [
        event
        for event in call_events(placed(kind, disconnection_reason=reason), NOW, nobody)
        if event["data"].get("kind") == what
    ]
    assert asked["id"] == f"Jabr9TXYYJHfvl6Syypi88rdAHYHmcq6:{what}"
    assert parse_moment(asked["time"]).timestamp() == END_MS / 1000
    assert (asked["data"]["author"], asked["data"]["channel"], asked["data"]["summary"]) == (
        "contact",
        "call",
        WORDS[reason],
    )


def test_an_analysis_brings_sentiment_and_summary() -> None:
    body = analyzed(call_summary="Wants to sell in May.", user_sentiment="Positive", call_successful=True)
    conversation = data(body, "conversation_event")
    assert conversation["kind"] == "call_analyzed"
    assert (conversation["sentiment"], conversation["summary"]) == ("positive", "Wants to sell in May.")
    assert conversation["call_successful"] is True


@pytest.mark.parametrize(
    ("cost", "dollars"),
    [
        (12.3456, "0.123456"),
        (6.908333333333333, "0.069083333333"),
        (1e-20, "0"),
        (0, "0"),
        (700, "7"),
        ("7", "0.07"),
        (None, None),
        ("much", None),
        (-1, None),
        ([1], None),
    ],
)
def test_what_a_call_cost_is_told_once_in_exact_dollars(cost: object, dollars: str | None) -> None:
    body = analyzed(call_summary="x")
    body["call"]["call_cost"] = {"combined_cost": cost}
    assert data(body, "conversation_event").get("cost_usd") == dollars
    ended = placed(call_cost={"combined_cost": cost})
    assert all("cost_usd" not in event["data"] for event in events_of(ended).values())


@pytest.mark.parametrize("reason", [None, "", 5])
def test_an_end_without_a_reason_is_shown_as_unknown_and_is_neither_success_nor_failure(reason: object) -> None:
    events = events_of(placed(disconnection_reason=reason))
    assert "lead_bot_sequence_update" not in events
    assert events["conversation_event"]["data"]["summary"] == "unknown reason: none is given"


def test_a_voicemail_that_the_analysis_knows_at_the_end_reached_nobody() -> None:
    call = placed(disconnection_reason="agent_hangup", call_analysis={"in_voicemail": True})
    step = data(call, "lead_bot_sequence_update")
    assert (step["success"], step["failure_reason"]) == (False, "voicemail_reached")


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
    assert events.keys() == {"bot_status_update", "contact_update", "conversation_event"}
    conversation = events["conversation_event"]["data"]
    assert (conversation["direction"], conversation["contact_id"]) == ("inbound", "phone:+12137771234")
    told = events["contact_update"]["data"]
    assert (told["contact_id"], told["phone"]) == ("phone:+12137771234", "+12137771234")


def test_without_a_name_the_contact_is_who_has_the_number() -> None:
    find_contact = {"+12137771235": "seller-2"}.get
    events = call_events(placed(metadata=None), NOW, find_contact)
    assert {event["data"]["contact_id"] for event in events} == {"seller-2"}


def test_a_web_call_without_number_or_name_is_its_own_contact() -> None:
    body = placed(to_number=None, from_number=None, metadata={}, direction=None, call_id="web-1")
    assert data(body, "conversation_event")["contact_id"] == "call:web-1"


@pytest.mark.parametrize("metadata", [{}, {"contact_id": "seller-1", "sequence_day": 7}])
@pytest.mark.parametrize("call_type", ["web_call", None])
def test_a_web_call_is_nobodys_step_whatever_its_metadata(call_type: str | None, metadata: dict[str, Any]) -> None:
    absent: dict[str, Any] = dict.fromkeys(("to_number", "from_number", "direction"))
    events = events_of(placed(call_type=call_type, metadata=metadata, **absent))
    assert events.keys() == {"bot_status_update", "conversation_event"}
    assert events["bot_status_update"]["data"]["current_step"] == "web_call"


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


def test_a_number_that_is_spelled_as_text_is_read() -> None:
    spelled = placed(start_timestamp=str(START_MS), end_timestamp=f"{END_MS}.0", duration_ms=None)
    assert events_of(spelled) == events_of(placed())
    assert data(placed(duration_ms="91500"), "lead_bot_sequence_update")["retell_call_duration_seconds"] == 91.5


@pytest.mark.parametrize("odd", [True, [], {}, "", "x" * 200, "a\0b"])
def test_a_contact_that_is_no_name_is_found_by_its_number(odd: object) -> None:
    assert data(placed(metadata={"contact_id": odd}), "conversation_event")["contact_id"] == "phone:+12137771235"


def test_a_contact_that_is_a_number_is_its_text() -> None:
    assert data(placed(metadata={"contact_id": 1207}), "conversation_event")["contact_id"] == "1207"


@pytest.mark.parametrize("odd", [None, 5, [], {"a": 1}, True, "x", ""])
@pytest.mark.parametrize("field", ["disconnection_reason", "call_status", "call_type", "call_analysis", "from_number"])
def test_a_bad_value_costs_that_field_alone(field: str, odd: Any) -> None:
    events = events_of(placed(**{field: odd}))
    assert events["conversation_event"]["data"]["duration_seconds"] == (END_MS - START_MS) / 1000
    assert events["conversation_event"]["data"]["contact_id"] == "seller-1"


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
