from typing import Any

import pytest

from jorge_data.events import KINDS
from jorge_data.metrics import Targets, contact_of, line_of
from jorge_data.metrics.wall.view import Line
from tests.metrics.entities.memory_store import fold_at_once
from tests.metrics.live_location import MINUTE, NOON, LiveLocation

HOSTILE = "<img src=x onerror=alert(1)>{stage}%s\n\u202e"


def newest(location: LiveLocation) -> Line:
    event = location.events[-1]
    contact = contact_of(event)
    name = fold_at_once(location).rows["contact", contact]["name"] if contact else ""
    return line_of(event, name, Targets(), {"jorge": "Jorge Salas", "ann": "Ann Lee"})


def words(location: LiveLocation) -> tuple[str, str]:
    line = newest(location)
    return "".join(text for _, text in line["title"]), line["detail"]


CASES: list[tuple[str, dict[str, Any], str, str, str]] = [
    (
        "jorge_qualification_progress",
        {
            "contact_id": "dana",
            "current_question": 3,
            "questions_answered": 4,
            "seller_temperature": "hot",
            "confrontational_effectiveness": 88,
            "stall_detected": False,
            "next_step": "call now",
        },
        "qualification",
        "Dana Whitfield answered question 4 ▲ hot",
        "effectiveness 88 · next: call now",
    ),
    (
        "lead_bot_sequence_update",
        {
            "contact_id": "dana",
            "sequence_day": 3,
            "action_type": "sms_sent",
            "success": True,
            "next_action_date": "2026-11-27",
        },
        "sequences",
        "Day 3 SMS to Dana Whitfield",
        "sent · next: 27 Nov",
    ),
    (
        "intent_analysis_complete",
        {
            "processing_time_ms": 34,
            "confidence_score": 0.94,
            "intent_category": "seller",
            "urgency_level": "immediate",
            "ml_features_triggered": ["timeline", "price", "motivation"],
        },
        "intent",
        "Intent seller · at once · 94 % sure",
        "34 ms · timeline, price, motivation",
    ),
    (
        "bot_status_update",
        {"bot_type": "jorge-seller", "status": "processing", "contact_id": "dana", "current_step": "generate"},
        "bots",
        "Seller bot is working",
        "generate · Dana Whitfield",
    ),
    (
        "conversation_event",
        {
            "conversation_id": "talk",
            "contact_id": "dana",
            "kind": "message",
            "direction": "inbound",
            "author": "contact",
            "channel": "sms",
            "body": "440 and we’d sign this week",
        },
        "conversations",
        "Dana Whitfield “440 and we’d sign this week”",
        "SMS in",
    ),
    (
        "system_health_update",
        {"component": "claude_api", "status": "down", "response_time_ms": 2120, "error_message": "timeout"},
        "health",
        "Claude is down",
        "2.1 s · timeout",
    ),
    (
        "property_alert",
        {
            "contact_id": "dana",
            "alert_id": "a",
            "property_id": "p",
            "match_score": 92,
            "alert_type": "price_drop",
            "property": {"address": "2207 Cedar Ave", "price": 389_000},
        },
        "properties",
        "Property alert for Dana Whitfield · 92 % match",
        "2207 Cedar Ave · price drop to $389,000",
    ),
    (
        "commission_update",
        {"deal_id": "d", "deal_value": 412_500, "status": "open", "name": "14 Elm St", "stage": "Offer"},
        "revenue",
        "14 Elm St moved to Offer",
        "$412,500 · commission $24,750",
    ),
    (
        "contact_update",
        {"contact_id": "dana", "changed": {"phone": {"from": None, "to": "1"}}, "tags_added": ["VIP"]},
        "contacts",
        "Dana Whitfield was updated",
        "phone · +VIP",
    ),
    (
        "attention_update",
        {"item": "hot:dana", "action": "assigned", "by": "jorge", "note": "calling"},
        "contacts",
        "Jorge Salas took hot seller · Dana Whitfield",
        "calling",
    ),
    (
        "attention_update",
        {"item": "hot:dana", "action": "acknowledged", "by": "amara", "agent_name": "Amara Obi"},
        "contacts",
        "Amara Obi acknowledged hot seller · Dana Whitfield",
        "",
    ),
    (
        "attention_update",
        {"item": "hot:dana", "action": "assigned", "by": "jorge", "to": "ann"},
        "contacts",
        "Jorge Salas assigned hot seller · Dana Whitfield to Ann Lee",
        "",
    ),
    (
        "intent_feedback",
        {"analysis_id": "a", "actual_category": "buyer", "labelled_by": "ann"},
        "intent",
        "Label for a message · buyer",
        "by Ann Lee",
    ),
    (
        "annotation",
        {"label": "Deploy 1.4", "by": "ann"},
        "contacts",
        "Deploy 1.4 is marked on the charts",
        "by Ann Lee",
    ),
    ("annotation", {"label": "Deploy", "deleted": True}, "contacts", "Deploy is no longer marked on the charts", ""),
]


def test_every_kind_has_a_case() -> None:
    assert {case[0] for case in CASES} == set(KINDS)


@pytest.mark.parametrize(("kind", "data", "group", "title", "detail"), CASES, ids=[case[0] for case in CASES])
def test_an_event_reads_as_on_the_command_center(
    location: LiveLocation, kind: str, data: dict[str, Any], group: str, title: str, detail: str
) -> None:
    location.publish("contact_update", contact_id="dana", changed={}, name="Dana Whitfield")
    location.publish(kind, **data)
    assert (newest(location)["group"], *words(location)) == (group, title, detail)


def test_a_failed_step_says_so(location: LiveLocation) -> None:
    location.step(sequence_day=7, action_type="call_completed", success=False, failure_reason="no answer")
    assert words(location) == ("Day 7 call to priya failed", "no answer")


def test_a_failed_step_says_why_in_words_where_it_has_them(location: LiveLocation) -> None:
    failed: dict[str, Any] = {"sequence_day": 7, "action_type": "call_completed", "success": False}
    location.step(**failed, failure_reason="dial_no_answer", failure_detail="no answer")
    assert words(location) == ("Day 7 call to priya failed", "no answer")
    location.step(**failed, failure_reason="dial_no_answer", failure_detail=["odd"])
    assert words(location) == ("Day 7 call to priya failed", "dial_no_answer")


@pytest.mark.parametrize(
    ("kind", "data", "title", "detail"),
    [
        ("task", {"author": "contact", "summary": "asked to be called back"}, "dana asked to be called back", "Call"),
        ("task", {"author": "contact", "body": "after 5"}, "dana asked to be called back", "Call · after 5"),
        ("task", {"author": "agent", "body": "send the offer"}, "dana has a task", "Call · send the offer"),
        ("note", {"summary": "likes the garden"}, "dana has a note", "Call · likes the garden"),
        (
            "handoff",
            {"author": "agent", "summary": "transferred to +1"},
            "dana was handed to a person",
            "Call · transferred to +1",
        ),
        ("call_ended", {"summary": "unknown reason: xyz"}, "dana ended a call", "Call · unknown reason: xyz"),
        ("opted_in", {}, "dana opted in to calls again", ""),
        ("opted_out", {"summary": "asked not to be called"}, "dana opted out of calls", "asked not to be called"),
        ("opted_out", {"channel": "sms", "summary": "STOP"}, "dana opted out of SMS", "STOP"),
        ("opted_out", {"channel": None}, "dana opted out of everything", ""),
        ("opted_in", {"channel": "email"}, "dana opted in to e-mail again", ""),
    ],
)
def test_what_happens_in_a_call_is_told_in_words(
    location: LiveLocation, kind: str, data: dict[str, Any], title: str, detail: str
) -> None:
    location.converse(kind, **{"channel": "call", **data})
    assert words(location) == (title, detail)


def test_hostile_text_is_carried_as_plain_text(location: LiveLocation) -> None:
    location.publish("contact_update", contact_id="dana", changed={}, name=HOSTILE)
    location.converse("stage_changed", stage=HOSTILE)
    title = newest(location)["title"]
    assert title == [("b", HOSTILE.strip("\n\u202e") + " \u202e"), ("t", " moved to " + " ".join(HOSTILE.split()))]


def test_long_text_is_cut_to_one_line(location: LiveLocation) -> None:
    location.converse(body="word\n" * 700, author="contact", direction="inbound")
    (_, text) = newest(location)["title"][1]
    assert len(text) < 170
    assert text.endswith("…”")
    assert "\n" not in text


def test_a_contact_without_a_name_is_called_by_its_id_and_the_newest_name_wins(location: LiveLocation) -> None:
    location.converse("handoff")
    assert words(location)[0] == "dana was handed to a person"
    location.publish("contact_update", NOON, contact_id="dana", changed={}, name="Dana Whitfield")
    location.publish("contact_update", NOON - MINUTE, contact_id="dana", changed={}, name="D. W.")
    location.converse("handoff")
    assert words(location)[0] == "Dana Whitfield was handed to a person"


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"author": "agent", "agent_name": "Sam Roe", "delivery": "delivered"}, "SMS out · Sam Roe · delivered"),
        ({"author": "agent", "agent_id": "u1", "delivery": "undelivered"}, "SMS out · agent · not delivered"),
        ({"author": "bot", "delivery": "sent"}, "SMS out · bot · sent, not yet delivered"),
        ({"author": "bot"}, "SMS out · bot"),
    ],
)
def test_a_message_says_who_sent_it_and_whether_it_arrived(
    location: LiveLocation, fields: dict[str, Any], detail: str
) -> None:
    location.converse("message", direction="outbound", channel="sms", body="Hello", **fields)
    assert line_of(location.events[-1], "dana", Targets())["detail"] == detail
